/** Packets of a capture to standard output. */
import { ConfigError } from "../../errors.ts";
import type { Capture } from "../../follow/capture/capture.ts";
import { openCapture } from "../../follow/capture/open-capture.ts";
import { LineWriter } from "../../wire/line/line-writer.ts";
import { linkTypeName } from "../../wire/link-type-name.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import type { Output } from "../framework/output.ts";
import { choose } from "./choose.ts";
import type { DumpOptions } from "./dump-options.ts";
import { printerOf } from "./printer-of.ts";

/** Bytes of lines that are written at once. */
const FLUSH_BYTES = 1 << 16;

export const runDump = async (options: DumpOptions, output: Output, signal: AbortSignal): Promise<number> => {
  if (options.read === undefined) {
    throw new ConfigError("dump: say what to read", { hint: "name a capture: hopmark dump -r FILE" });
  }
  using capture = await openCapture(options.read);
  introduce(capture, output);
  await print(capture, options, output, signal);
  const remark = capture.remark();
  if (remark === null) return ExitStatus.Ok;
  output.remark(remark);
  return ExitStatus.Failed;
};

/** tcpdump says the same of what it reads. */
const introduce = ({ name, interfaces }: Capture, output: Output): void => {
  const [first] = interfaces;
  if (first === undefined || output.json) return;
  output.note(
    `reading from ${name}, link-type ${linkTypeName(first.linkType)}, snapshot length ${first.snapLength === 0 ? "unlimited" : first.snapLength}`,
  );
};

const print = async (capture: Capture, options: DumpOptions, output: Output, signal: AbortSignal): Promise<void> => {
  const writer = new LineWriter();
  const printPacket = printerOf(options, output.json, capture, writer);
  const flush = async (): Promise<void> => {
    // What waits in memory is the writer's: it goes on elsewhere.
    if (!output.writeBytes(writer.take())) {
      writer.renew();
      await output.drained(signal);
    }
  };
  const isChosen = choose(options);
  let left = options.count ?? Infinity;
  for await (const batch of capture.batches()) {
    for (let n = 0; n < batch.count && left > 0; n++) {
      if (!isChosen(batch, n)) continue;
      left--;
      printPacket(batch, n);
      if (writer.at >= FLUSH_BYTES) await flush();
    }
    await flush();
    if (signal.aborted || left === 0) break;
  }
};

/** Packets of a capture to standard output, or to a file. */
import { ConfigError } from "../../errors.ts";
import type { Capture } from "../../follow/capture/capture.ts";
import { openCapture } from "../../follow/capture/open-capture.ts";
import { linkTypeName } from "../../wire/link-type-name.ts";
import { ExitStatus } from "../framework/exit-status.ts";
import type { Output } from "../framework/output.ts";
import { isSameFile } from "../live/open-recording.ts";
import { choose } from "./choose.ts";
import type { DumpOptions } from "./dump-options.ts";
import { packetWriter } from "./packet-writer.ts";
import { printingSink, type PacketSink } from "./packet-sink.ts";

export const runDump = async (options: DumpOptions, output: Output, signal: AbortSignal): Promise<number> => {
  const { read, write } = options;
  if (read === undefined) {
    throw new ConfigError("dump: say what to read", { hint: "name a capture: hopmark dump -r FILE" });
  }
  if (write !== undefined && read !== "-" && isSameFile(read, write)) {
    throw new ConfigError(`${write} is the capture that is read`, { hint: "write to another file" });
  }
  using capture = await openCapture(read, { marks: write !== undefined });
  const isChosen = await choose(options, capture.interfaces);
  using sink =
    write === undefined ? printingSink(options, capture, output, signal) : packetWriter(write, capture, signal);
  introduce(capture, output);
  await pass(capture, isChosen, options.count ?? Infinity, sink, signal);
  await sink.finish(capture.counts());
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

const pass = async (
  capture: Capture,
  isChosen: Awaited<ReturnType<typeof choose>>,
  count: number,
  sink: PacketSink,
  signal: AbortSignal,
): Promise<void> => {
  let left = count;
  for await (const batch of capture.batches()) {
    for (let n = 0; n < batch.count && left > 0; n++) {
      if (!isChosen(batch, n)) continue;
      left--;
      sink.add(batch, n);
      if (sink.isFull()) await sink.flush();
    }
    await sink.flush();
    if (signal.aborted || left === 0) break;
  }
};

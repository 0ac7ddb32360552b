/** Packets to a capture file. */
import type { Capture } from "../../follow/capture/capture.ts";
import { recorderFor } from "../../follow/capture/packet-recorder.ts";
import { OutputFile } from "../../follow/output-file.ts";
import { version } from "../version.ts";
import type { PacketSink } from "./packet-sink.ts";

/** Bytes that are written at once. */
const FLUSH_BYTES = 1 << 18;
/** How often a full pipe is tried again. */
const AGAIN_MS = 5;

/** ConfigError when the file cannot be made. */
export const packetWriter = (path: string, capture: Capture, signal: AbortSignal): PacketSink => {
  const recorder = recorderFor(path, `hopmark ${version()}`);
  const file = new OutputFile(path, (bytes, length) => recorder.wholeOf(bytes, length));
  const flush = async (): Promise<void> => {
    let rest = file.write(recorder.take());
    while (rest.length > 0 && !signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      rest = file.write(rest);
    }
  };
  return {
    add: (batch, n) => recorder.add(batch, n, capture.interfaces[batch.interfaceId[n]!]!),
    addAll: (batch) => recorder.addAll(batch, capture.interfaces),
    isFull: () => recorder.length >= FLUSH_BYTES,
    flush,
    finish: async (counts) => {
      recorder.finish(counts, capture.interfaces);
      await flush();
    },
    [Symbol.dispose]: () => file.close(),
  };
};

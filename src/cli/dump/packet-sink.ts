/** Where packets go: to standard output as lines, or to a file. */
import type { PacketBatch } from "../../follow/capture/batch.ts";
import type { Capture, CaptureCounts } from "../../follow/capture/capture.ts";
import { LineWriter } from "../../wire/line/line-writer.ts";
import type { InterfaceName } from "../../wire/packet/protocol.ts";
import type { Output } from "../framework/output.ts";
import type { DumpOptions } from "./dump-options.ts";
import { printerOf } from "./printer-of.ts";

export interface PacketSink extends Disposable {
  add(batch: PacketBatch, n: number): void;
  /** All packets of a batch, where they wait in memory until {@link flush}; sinks that cannot hold them have none. */
  readonly addAll?: (batch: PacketBatch) => void;
  /** Whether it is time for {@link flush}. */
  isFull(): boolean;
  /** Passes on what waits; comes back when there is room again. */
  flush(): Promise<void>;
  /** No more packets come. */
  finish(counts: CaptureCounts): Promise<void>;
}

/** Bytes of lines that are written at once. */
const FLUSH_BYTES = 1 << 16;

export const printingSink = async (
  options: DumpOptions,
  capture: Capture,
  output: Output,
  signal: AbortSignal,
): Promise<PacketSink> => {
  const interfaceName = options.interface === "any" ? await namesIn(options.netns) : undefined;
  const writer = new LineWriter();
  const flush = async (): Promise<void> => {
    // What waits in memory is the writer's: it goes on elsewhere.
    if (!output.writeBytes(writer.take())) {
      writer.renew();
      await output.drained(signal);
    }
  };
  return {
    add: printerOf(options, output.json, capture, writer, interfaceName),
    isFull: () => writer.at >= FLUSH_BYTES,
    flush,
    finish: flush,
    [Symbol.dispose]: () => {},
  };
};

/** The kernel's half of Hopmark is loaded only for them: files of millions of packets are printed in little memory. */
const namesIn = async (netns: string | undefined): Promise<InterfaceName> => {
  const { interfaceNames } = await import("./interface-name.ts");
  return interfaceNames(netns);
};

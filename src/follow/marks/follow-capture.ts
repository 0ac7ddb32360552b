import type { Capture } from "../capture/capture.ts";
import { MarkedPacket } from "./marked-packet.ts";

/** Called with each packet that carries a mark; ns since the second that {@link followCapture} was given. */
export type TakePacket = (packet: MarkedPacket, timeNs: number) => void;

/** What a capture held. */
export interface CaptureFacts {
  readonly name: string;
  readonly packets: number;
  readonly marked: number;
  /** Packets that the capture itself missed; null where it does not say. What they carried counts as lost here. */
  readonly missed: number | null;
  /** What could not be read; null: nothing. */
  readonly remark: string | null;
  /** Of its coarsest interface, ns. */
  readonly resolutionNs: number;
  /** The second from which times count, since 1970; null: there was no packet. */
  readonly baseSeconds: number | null;
}

/** Reads a capture to its end. `baseSeconds`: the second from which times count; its first packet's without it. */
export const followCapture = async (
  capture: Capture,
  take: TakePacket,
  baseSeconds: number | null = null,
): Promise<CaptureFacts> => {
  const packet = new MarkedPacket();
  let base = baseSeconds;
  let marked = 0;
  for await (const batch of capture.batches()) {
    const { count, bytes, offset, captured, seconds, nanoseconds, interfaceId } = batch;
    for (let n = 0; n < count; n++) {
      base ??= seconds[n]!;
      const start = offset[n]!;
      const { linkType } = capture.interfaces[interfaceId[n]!]!;
      if (!packet.read(bytes, start, start + captured[n]!, linkType)) continue;
      marked++;
      take(packet, (seconds[n]! - base) * 1e9 + nanoseconds[n]!);
    }
  }
  const { read, lost } = capture.counts();
  const resolutionNs = Math.max(0, ...capture.interfaces.map(({ unitsPerSecond }) => 1e9 / Number(unitsPerSecond)));
  return {
    name: capture.name,
    packets: read,
    marked,
    missed: lost,
    remark: capture.remark(),
    resolutionNs,
    baseSeconds: base,
  };
};

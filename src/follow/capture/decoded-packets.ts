/** Batches to packets as objects. */
import { decodePacket } from "../../wire/packet/decode.ts";
import type { PacketBatch } from "./batch.ts";
import type { CapturedFrame, CaptureInterface } from "./capture.ts";

/** Decodes each packet, from a copy of its bytes. */
export async function* decodedPackets(
  batches: AsyncIterable<PacketBatch>,
  interfaces: readonly CaptureInterface[],
): AsyncGenerator<CapturedFrame, void, undefined> {
  let number = 0;
  for await (const batch of batches) {
    for (let n = 0; n < batch.count; n++) yield frameOf(batch, n, ++number, interfaces);
  }
}

const frameOf = (
  batch: PacketBatch,
  n: number,
  number: number,
  interfaces: readonly CaptureInterface[],
): CapturedFrame => {
  const start = batch.offset[n]!;
  const own = interfaces[batch.interfaceId[n]!]!;
  return {
    number,
    seconds: batch.seconds[n]!,
    nanoseconds: batch.nanoseconds[n]!,
    interface: own,
    direction: batch.direction[n]!,
    packet: decodePacket(batch.bytes.slice(start, start + batch.captured[n]!), {
      linkType: own.linkType,
      wireLength: batch.length[n]!,
    }),
  };
};

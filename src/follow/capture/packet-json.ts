/** A packet of a batch as JSON. */
import { stampSourceNames } from "../../wire/stamp-source.ts";
import { decodePacket } from "../../wire/packet/decode.ts";
import type { FouPorts } from "../../wire/packet/protocol.ts";
import { packetToJson, type JsonValue } from "../../wire/packet/json.ts";

import { Direction, type PacketBatch } from "./batch.ts";
import type { CaptureInterface } from "./capture.ts";

/** What the capture says of it, and its layers; `timeNs` in nanoseconds since 1970. */
export const packetJson = (
  batch: PacketBatch,
  n: number,
  number: number,
  own: CaptureInterface,
  fou?: FouPorts,
): JsonValue => {
  const start = batch.offset[n]!;
  const bytes = batch.bytes.subarray(start, start + batch.captured[n]!);
  const decoded = packetToJson(decodePacket(bytes, { linkType: own.linkType, wireLength: batch.length[n]!, fou }));
  return {
    number,
    timeNs: String(BigInt(batch.seconds[n]!) * 1_000_000_000n + BigInt(batch.nanoseconds[n]!)),
    ...(batch.stampSource !== null && { timeSource: stampSourceNames[batch.stampSource[n]!] ?? null }),
    interface: own.name ?? own.description ?? own.id,
    direction: directions[batch.direction[n]!] ?? null,
    ...(decoded as { readonly [key: string]: JsonValue }),
  };
};

const directions: Readonly<Record<number, string>> = { [Direction.In]: "in", [Direction.Out]: "out" };

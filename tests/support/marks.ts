/** The marks of packets that were seen on a wire. */
import { expect } from "vitest";
import type { PacketSocket } from "../../src/linux/packet-socket.ts";
import { LinkType } from "../../src/wire/numbers.ts";
import { decodePacket } from "../../src/wire/packet/decode.ts";

export interface SeenPacket {
  /** Of the IP packet, as its header says. */
  readonly length: number;
  readonly cpu: number;
  /** -1 without a mark. */
  readonly seq: bigint;
}

/** All IPv4 packets that wait in the socket. Fails when some got lost before they were looked at. */
export const seenPackets = (socket: PacketSocket, linkType: number = LinkType.Ethernet): SeenPacket[] => {
  const seen: SeenPacket[] = [];
  for (let frame = socket.receive(); frame !== null; frame = socket.receive()) {
    const layer = decodePacket(frame, { linkType }).layers.find((own) => own.protocol === "ipv4");
    if (layer === undefined) continue;
    const mark = layer.options.find((option) => option.kind === "pval");
    const { totalLength } = layer.header;
    seen.push({ length: totalLength, cpu: mark?.cpu ?? -1, seq: mark?.seq ?? -1n });
  }
  expect(socket.lost()).toBe(0);
  return seen;
};

/** Each packet has a mark of its own, and no number in between is missing. */
export const expectOneMarkEach = (seen: readonly SeenPacket[]): void => {
  expect(seen.length).toBeGreaterThan(0);
  const byCpu = new Map<number, bigint[]>();
  for (const { cpu, seq } of seen) {
    const own = byCpu.get(cpu);
    if (own === undefined) byCpu.set(cpu, [seq]);
    else own.push(seq);
  }
  expect(byCpu.has(-1)).toBe(false);
  for (const numbers of byCpu.values()) {
    const sorted = numbers.toSorted((a, b) => (a < b ? -1 : 1));
    const first = sorted[0] ?? 0n;
    expect(new Set(sorted).size).toBe(sorted.length);
    expect(sorted.at(-1)).toBe(first + BigInt(sorted.length) - 1n);
  }
};

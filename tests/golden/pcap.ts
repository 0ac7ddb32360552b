/** Classic capture files, as little of them as tests need. */

export interface PcapOptions {
  readonly linkType?: number;
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  /** Of each packet, at most so many bytes. */
  readonly snapLength?: number;
  /** Of the packet with this index, at most so many bytes. */
  readonly captured?: readonly number[];
  /** Of the packet with this index: seconds, and fractions in the file's units. */
  readonly time?: (index: number) => readonly [seconds: number, fraction: number];
}

/** A pcap file: little-endian, in microseconds, the packets' front whole and a microsecond apart, if nothing else is said. */
export const pcapFile = (
  packets: readonly Uint8Array[],
  {
    linkType = 1,
    little = true,
    nanoseconds = false,
    snapLength = 0x40000,
    captured: limits,
    time = (index) => [1_700_000_000, index],
  }: PcapOptions = {},
): Uint8Array => {
  const kept = packets.map(({ length }, index) => Math.min(length, snapLength, limits?.[index] ?? length));
  const size = kept.reduce((sum, length) => sum + 16 + length, 24);
  const view = new DataView(new ArrayBuffer(size));
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, little);
  view.setUint16(4, 2, little);
  view.setUint16(6, 4, little);
  view.setUint32(16, snapLength, little);
  view.setUint32(20, linkType, little);
  let at = 24;
  packets.forEach((packet, index) => {
    const [seconds, fraction] = time(index);
    const captured = kept[index]!;
    view.setUint32(at, seconds, little);
    view.setUint32(at + 4, fraction, little);
    view.setUint32(at + 8, captured, little);
    view.setUint32(at + 12, packet.length, little);
    bytes.set(packet.subarray(0, captured), at + 16);
    at += 16 + captured;
  });
  return bytes;
};

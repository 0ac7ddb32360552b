/** Classic capture files, as little of them as tests need. */

/** A little-endian pcap file with the packets' front whole, a microsecond apart. */
export const pcapFile = (packets: readonly Uint8Array[], linkType = 1): Uint8Array => {
  const size = packets.reduce((sum, packet) => sum + 16 + packet.length, 24);
  const view = new DataView(new ArrayBuffer(size));
  const bytes = new Uint8Array(view.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 0x40000, true);
  view.setUint32(20, linkType, true);
  let at = 24;
  packets.forEach((packet, index) => {
    view.setUint32(at, 1_700_000_000, true);
    view.setUint32(at + 4, index, true);
    view.setUint32(at + 8, packet.length, true);
    view.setUint32(at + 12, packet.length, true);
    bytes.set(packet, at + 16);
    at += 16 + packet.length;
  });
  return bytes;
};

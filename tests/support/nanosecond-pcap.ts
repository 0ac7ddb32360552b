/** A pcap file with nanoseconds, of Ethernet frames. */
export const nanosecondPcap = (
  frames: readonly { readonly seconds: number; readonly nanoseconds: number; readonly bytes: Uint8Array }[],
): Uint8Array => {
  const size = frames.reduce((sum, { bytes }) => sum + 16 + bytes.length, 24);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2_3c4d, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  let at = 24;
  for (const { seconds, nanoseconds, bytes } of frames) {
    view.setUint32(at, seconds, true);
    view.setUint32(at + 4, nanoseconds, true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, bytes.length, true);
    file.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return file;
};

/** Classic capture files: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html. */

export interface PcapPacket {
  readonly linkType: number;
  /** A view of the file's bytes: what was captured. */
  readonly bytes: Uint8Array;
  /** Bytes that the packet had. */
  readonly original: number;
}

const FILE_HEADER_BYTES = 24;
const PACKET_HEADER_BYTES = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

/** Whether a file starts as such files do. */
export const isPcap = (file: Uint8Array): boolean => byteOrder(file) !== undefined;

/** Hands out the packets of a whole file. Never throws: null, or what is wrong and where. */
export const readPcap = (file: Uint8Array, visit: (packet: PcapPacket) => void): string | null => {
  const little = byteOrder(file);
  if (little === undefined) return "this is no pcap file";
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const linkType = view.getUint32(20, little) & 0xffff;
  let at = FILE_HEADER_BYTES;
  while (at < file.length) {
    if (at + PACKET_HEADER_BYTES > file.length) return `cut at byte ${file.length}: the last packet is not whole`;
    const captured = view.getUint32(at + 8, little);
    const start = at + PACKET_HEADER_BYTES;
    if (start + captured > file.length) return `cut at byte ${file.length}: the last packet is not whole`;
    visit({ linkType, bytes: file.subarray(start, start + captured), original: view.getUint32(at + 12, little) });
    at = start + captured;
  }
  return null;
};

/** Little-endian or not; undefined for what is no such file. */
const byteOrder = (file: Uint8Array): boolean | undefined => {
  if (file.length < FILE_HEADER_BYTES) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, FILE_HEADER_BYTES);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MICROSECONDS || magic === NANOSECONDS) return little;
  }
  return undefined;
};

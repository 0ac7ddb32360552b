/** The hash of `c/flow-hash.h`, from its description in the README. */

const SEED = 0x243f6a8885a308d3n;
const MULTIPLIER = 0x9e3779b97f4a7c15n;

const mix = (hash: bigint, value: bigint): bigint => {
  const product = BigInt.asUintN(64, (hash ^ value) * MULTIPLIER);
  return product ^ (product >> 32n);
};

/** `addresses`: as they lie in the packet, source first; `ports`: four bytes. */
export const flowHash = (addresses: Uint8Array, ports: Uint8Array, protocol: number): bigint => {
  const view = new DataView(addresses.buffer, addresses.byteOffset, addresses.length);
  let hash = SEED;
  for (let at = 0; at < addresses.length; at += 8) hash = mix(hash, view.getBigUint64(at, true));
  const last = new DataView(ports.buffer, ports.byteOffset).getUint32(0, true);
  return mix(hash, BigInt(last) | (BigInt(protocol) << 32n));
};

/** Of a frame with IPv4 without options, or IPv6 without extension headers. */
export const hashOfFrame = (frame: Uint8Array): bigint =>
  frame[12] === 8
    ? flowHash(frame.subarray(26, 34), frame.subarray(34, 38), frame[23]!)
    : flowHash(frame.subarray(22, 54), frame.subarray(54, 58), frame[20]!);

/** Bandwidths as routing protocols tell them. */
import type { Message } from "./message.ts";

const number = new DataView(new ArrayBuffer(4));

/** `800.000 Mbps`: bytes a second, a number of 32 bits of IEEE 754 in the wire's order. */
export const bandwidthText = (message: Message, at: number): string => {
  number.setUint32(0, message.long(at));
  return `${((number.getFloat32(0) * 8) / 1e6).toFixed(3)} Mbps`;
};

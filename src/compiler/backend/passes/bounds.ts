/** Questions about what is known of a node's value. */
import type { Node } from "../../ssa/ir.ts";
import { bitLength, lowOnes } from "../../ssa/range.ts";

export const U32_MAX = 0xffffffffn;

/** Known to be 0 to 2^bits - 1. */
export const fitsUnsigned = (node: Node, bits: number): boolean => node.low >= 0n && node.high <= lowOnes(bits);

/** `n` when the value is 2^n, else -1. */
export const logarithm = (value: bigint): number =>
  value > 0n && (value & (value - 1n)) === 0n ? bitLength(value) - 1 : -1;

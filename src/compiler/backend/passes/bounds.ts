/** Questions about what is known of a node's value. */
import type { Node } from "../../ssa/ir.ts";

export const U32_MAX = 0xffffffffn;

/** Known to be 0 to 2^bits - 1. */
export const fitsUnsigned = (node: Node, bits: number): boolean => node.low >= 0n && node.high < 1n << BigInt(bits);

export const lowOnes = (bits: number): bigint => (1n << BigInt(bits)) - 1n;

/** `n` when the value is 2^n, else -1. */
export const logarithm = (value: bigint): number =>
  value > 0n && (value & (value - 1n)) === 0n ? value.toString(2).length - 1 : -1;

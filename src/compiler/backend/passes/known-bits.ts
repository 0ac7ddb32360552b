/** Which bits of a value may be ones: of operations with constants, and of disjoint parts put together. */
import type { Node } from "../../ssa/ir.ts";
import { bitLength, lowOnes } from "../../ssa/range.ts";

const ALL = (1n << 64n) - 1n;
/** Operations looked through; what is further away may be anything in its range. */
const DEPTH = 4;

export const possibleOnes = (node: Node, depth = DEPTH): bigint => withinRange(node) & fromOperation(node, depth);

const withinRange = ({ low, high }: Node): bigint => (low < 0n ? ALL : lowOnes(bitLength(high)));

const fromOperation = (node: Node, depth: number): bigint => {
  if (node.op === "const") return BigInt.asUintN(64, node.imm);
  if (depth === 0) return ALL;
  const whole = node.width === 32 ? lowOnes(32) : ALL;
  const of = (at: 0 | 1): bigint => possibleOnes(node.args[at]!, depth - 1);
  switch (node.op) {
    case "zext":
      return lowOnes(node.width) & of(0);
    case "bswap":
      return lowOnes(node.width);
    case "and":
      return of(0) & of(1) & whole;
    case "or":
    case "xor":
      return (of(0) | of(1)) & whole;
    case "add": {
      const [left, right] = [of(0), of(1)];
      return (left & right) === 0n ? (left | right) & whole : ALL;
    }
    case "shl":
    case "shr": {
      const count = node.args[1]!;
      if (count.op !== "const" || node.width !== 64 || count.imm < 0n || count.imm > 63n) return ALL;
      return node.op === "shl" ? BigInt.asUintN(64, of(0) << count.imm) : of(0) >> count.imm;
    }
    default:
      return ALL;
  }
};

/** Whether two values have no bit in common: their sum is then their union. */
export const areDisjoint = (a: Node, b: Node): boolean => (possibleOnes(a) & possibleOnes(b)) === 0n;

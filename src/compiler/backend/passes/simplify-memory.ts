/** Constant offsets of loads and stores, and what a narrow store need not compute. */
import type { Node } from "../../ssa/ir.ts";
import { lowOnes } from "../../ssa/range.ts";
import type { Rewriter } from "./rewriter.ts";

/** `[p + constant]` becomes an offset from `p`, which the verifier treats alike: both have one identity. */
export const foldOffset = (node: Node, { feedsPhi }: Rewriter): Node => {
  for (let pointer = node.args[0]!; pointer.op === "add" && pointer.width === 64; pointer = node.args[0]!) {
    const [base, constant] = pointer.args as [Node, Node];
    // A pointer that goes round a loop would have to outlive its successor.
    if (constant.op !== "const" || feedsPhi(pointer)) break;
    const offset = BigInt(node.offset) + constant.imm;
    if (offset < -0x8000n || offset > 0x7fffn) break;
    node.offset = Number(offset);
    node.args[0] = base;
  }
  return node;
};

/** A store of the low bytes does not care what is above them. */
export const narrowStoredValue = (node: Node): Node => {
  const bits = node.size * 8;
  for (let value = node.args[1]!; ; value = node.args[1]!) {
    const [inner, mask] = value.args;
    const isExtension = (value.op === "zext" || value.op === "sext") && value.width >= bits;
    const isMask = value.op === "and" && mask?.op === "const" && value.width >= bits && covers(mask.imm, bits);
    if (inner === undefined || (!isExtension && !isMask)) return node;
    node.args[1] = inner;
  }
};

const covers = (mask: bigint, bits: number): boolean => (mask & lowOnes(bits)) === lowOnes(bits);

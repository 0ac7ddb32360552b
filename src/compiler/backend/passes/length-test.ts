import type { Block, Node } from "../../ssa/ir.ts";

/** `pointer + bytes > end`: the block's first successor is where the packet is too short. */
export interface LengthTest {
  readonly branch: Node;
  readonly pointer: Node;
  /** A constant, not negative. */
  readonly bytes: Node;
  readonly end: Node;
}

/** The test of the packet's length that a block ends with. */
export const lengthTestOf = ({ terminator, successors }: Block): LengthTest | null => {
  if (terminator?.op !== "branch" || terminator.condition !== "gt" || terminator.width !== 64) return null;
  if (successors[0] === successors[1]) return null;
  const [reach, end] = terminator.args as [Node, Node];
  const [pointer, bytes] = reach.args;
  const isPacketEnd = end.op === "load" && end.space === "context";
  if (!isPacketEnd || reach.op !== "add" || reach.width !== 64 || bytes?.op !== "const" || bytes.imm < 0n) return null;
  return { branch: terminator, pointer: pointer!, bytes, end };
};

/**
 * Makes of two tests of the packet's length one, of the longer: where a shorter and then a longer one lead to the same
 * place when they fail, and nothing is written between.
 */
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { dropEdge } from "./drop-edge.ts";
import { freshIds } from "./fresh-ids.ts";
import { lengthTestOf } from "./length-test.ts";

export const mergeBounds = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  // From the end on, so that each test grows by all that follow it.
  for (let at = fn.blocks.length - 1; at >= 0; at--) mergeInto(fn.blocks[at]!, ids.node);
};

const mergeInto = (block: Block, nextId: () => number): void => {
  const own = lengthTestOf(block);
  if (own === null) return;
  const [failed, next] = block.successors as [Block, Block];
  const other = next === failed || next.predecessors.length > 1 ? null : lengthTestOf(next);
  if (other === null || other.pointer !== own.pointer || other.end !== own.end || next.successors[0] !== failed) return;
  if (other.bytes.imm < own.bytes.imm || next.nodes.some(hasEffect) || !failsAlike(failed, block, next)) return;
  const reach = new Node(nextId(), "add", [own.pointer, other.bytes], block, own.branch.position);
  block.nodes.splice(-1, 0, reach);
  own.branch.args = [reach, own.end];
  const branch = next.nodes.pop()!;
  next.nodes.push(new Node(nextId(), "jump", [], next, branch.position));
  dropEdge(next, failed);
  next.successors = [next.successors[1]!];
};

const hasEffect = ({ op }: Node): boolean => op === "store" || op === "call" || op === "kfunc" || op === "atomic";

const failsAlike = (failed: Block, first: Block, second: Block): boolean => {
  const [a, b] = [failed.predecessors.indexOf(first), failed.predecessors.indexOf(second)];
  return failed.nodes.every((node) => node.op !== "phi" || node.args[a] === node.args[b]);
};

/**
 * Makes of two tests of the packet's length one, of the longer: where a shorter and then a longer one lead to the same
 * place when they fail, and nothing is written between.
 */
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds } from "./fresh-ids.ts";

export const mergeBounds = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  // From the end on, so that each test grows by all that follow it.
  for (let at = fn.blocks.length - 1; at >= 0; at--) mergeInto(fn.blocks[at]!, ids.node);
};

/** `pointer + bytes > end`. */
interface Test {
  readonly branch: Node;
  readonly pointer: Node;
  readonly bytes: Node;
  readonly end: Node;
}

const mergeInto = (block: Block, nextId: () => number): void => {
  const own = testOf(block);
  if (own === null) return;
  const [failed, next] = block.successors as [Block, Block];
  const other = next === failed || next.predecessors.length > 1 ? null : testOf(next);
  if (other === null || other.pointer !== own.pointer || other.end !== own.end || next.successors[0] !== failed) return;
  if (other.bytes.imm < own.bytes.imm || next.nodes.some(hasEffect) || !failsAlike(failed, block, next)) return;
  const reach = new Node(nextId(), "add", [own.pointer, other.bytes], block, own.branch.position);
  block.nodes.splice(-1, 0, reach);
  own.branch.args = [reach, own.end];
  const branch = next.nodes.pop()!;
  next.nodes.push(new Node(nextId(), "jump", [], next, branch.position));
  const edge = failed.predecessors.indexOf(next);
  failed.predecessors.splice(edge, 1);
  for (const phi of failed.nodes) if (phi.op === "phi") phi.args.splice(edge, 1);
  next.successors = [next.successors[1]!];
};

const testOf = ({ terminator, successors }: Block): Test | null => {
  if (terminator?.op !== "branch" || terminator.condition !== "gt" || terminator.width !== 64) return null;
  if (successors[0] === successors[1]) return null;
  const [reach, end] = terminator.args as [Node, Node];
  const [pointer, bytes] = reach.args;
  const isPacketEnd = end.op === "load" && end.space === "context";
  if (!isPacketEnd || reach.op !== "add" || reach.width !== 64 || bytes?.op !== "const" || bytes.imm < 0n) return null;
  return { branch: terminator, pointer: pointer!, bytes, end };
};

const hasEffect = ({ op }: Node): boolean => op === "store" || op === "call" || op === "kfunc" || op === "atomic";

const failsAlike = (failed: Block, first: Block, second: Block): boolean => {
  const [a, b] = [failed.predecessors.indexOf(first), failed.predecessors.indexOf(second)];
  return failed.nodes.every((node) => node.op !== "phi" || node.args[a] === node.args[b]);
};

/**
 * Makes of two tests of the packet's length one, of the longer, where both lead to the same place when they fail, and so does
 * all that is asked between:
 *
 *     if (p + 14 > end) goto no; if ([p + 12] != 8) goto no; if (p + 34 > end) goto no
 *
 * A packet too short for the second test ends there either way. Nothing may be written between.
 */
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { dropEdge } from "./drop-edge.ts";
import { freshIds } from "./fresh-ids.ts";
import { isFelt } from "./is-felt.ts";
import { type LengthTest, lengthTestOf } from "./length-test.ts";

/** Blocks looked at behind a test. */
const LOOK_AHEAD = 8;

export const mergeBounds = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  // From the end on, so that each test grows by all that follow it.
  for (let at = fn.blocks.length - 1; at >= 0; at--) mergeInto(fn.blocks[at]!, ids.node);
};

const mergeInto = (block: Block, nextId: () => number): void => {
  const own = lengthTestOf(block);
  if (own === null) return;
  const found = longerBehind(block, own);
  if (found === null) return;
  const reach = new Node(nextId(), "add", [own.pointer, found.test.bytes], block, own.branch.position);
  block.nodes.splice(-1, 0, reach);
  own.branch.args = [reach, own.end];
  const branch = found.block.nodes.pop()!;
  found.block.nodes.push(new Node(nextId(), "jump", [], found.block, branch.position));
  dropEdge(found.block, found.block.successors[0]!);
  found.block.successors = [found.block.successors[1]!];
};

/** The next test of the same pointer with as many bytes or more, if whatever fails on the way to it fails alike. */
const longerBehind = (first: Block, own: LengthTest): { readonly block: Block; readonly test: LengthTest } | null => {
  const [failed] = first.successors as [Block, Block];
  let at = first.successors[1]!;
  for (let step = 0; step < LOOK_AHEAD; step++) {
    if (at === failed || at.predecessors.length > 1 || at.nodes.some(isFelt)) return null;
    const [one, other] = at.successors;
    if (one === undefined || one === other) return null;
    if (other === undefined) {
      at = one;
      continue;
    }
    const exit = [one, other].find((each) => each === failed && failsAlike(failed, first, at));
    if (exit === undefined) return null;
    const test = exit === one ? lengthTestOf(at) : null;
    if (test?.pointer === own.pointer && test.end === own.end)
      return test.bytes.imm < own.bytes.imm ? null : { block: at, test };
    at = exit === one ? other : one;
  }
  return null;
};

const failsAlike = (failed: Block, first: Block, second: Block): boolean => {
  const [a, b] = [failed.predecessors.indexOf(first), failed.predecessors.indexOf(second)];
  return failed.nodes.every((node) => node.op !== "phi" || isSame(node.args[a]!, node.args[b]!));
};

const isSame = (a: Node, b: Node): boolean => a === b || (a.op === "const" && b.op === "const" && a.imm === b.imm);

/**
 * Leaves out tests of the packet's length whose outcome is known: every way there has passed a test of the same pointer
 * that asked for as much. The front end leaves such tests out where it sees them; where a function was inlined whose ways
 * out met and were taken apart again, only dominance shows them. The verifier knows as much: what a test proves it notes
 * with all copies of the pointer.
 */
import { dominators } from "../../ssa/dominators.ts";
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { dropEdge } from "./drop-edge.ts";
import { freshIds } from "./fresh-ids.ts";
import { lengthTestOf } from "./length-test.ts";
import { removeUnreachable } from "./remove-unreachable.ts";

/** `bytes` behind a pointer lie before `end` in the block and all that it dominates. */
interface Known {
  readonly from: Block;
  readonly bytes: bigint;
  readonly end: Node;
}

export const dropKnownBounds = (fn: SsaFunction): void => {
  const tests = fn.blocks.filter((block) => lengthTestOf(block) !== null);
  if (tests.length < 2) return;
  const tree = dominators(fn.entry);
  const ids = freshIds(fn);
  const known = new Map<Node, Known[]>();
  let isChanged = false;
  for (const block of tree.preorder) {
    const test = lengthTestOf(block);
    if (test === null) continue;
    const [failed, passed] = block.successors as [Block, Block];
    const facts = known.get(test.pointer) ?? [];
    known.set(test.pointer, facts);
    // Preorder: what no longer dominates this block dominates none that comes.
    while (facts.length > 0 && !tree.dominates(facts.at(-1)!.from, block)) facts.pop();
    if (facts.some(({ bytes, end }) => end === test.end && bytes >= test.bytes.imm)) {
      const branch = block.nodes.pop()!;
      block.nodes.push(new Node(ids.node(), "jump", [], block, branch.position));
      dropEdge(block, failed);
      block.successors = [passed];
      isChanged = true;
    } else if (passed.predecessors.length === 1) {
      facts.push({ from: passed, bytes: test.bytes.imm, end: test.end });
    }
  }
  if (isChanged) removeUnreachable(fn);
};

/**
 * Makes of two tests of bits one: of a byte and then of bytes around it, where both lead to the same place when a bit is
 * set. The fields of a header's word, asked for one after the other, are so asked for at once.
 */
import { dominators, type DominatorTree } from "../../ssa/dominators.ts";
import { IdMap } from "../../ssa/by-id.ts";
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { dropEdge } from "./drop-edge.ts";
import { freshIds } from "./fresh-ids.ts";
import { rootOf } from "./memory-places.ts";

export const mergeBitTests = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const added: Node[] = [];
  const proofs = new Proofs(dominators(fn.entry));
  for (const block of fn.blocks) mergeIn(block, ids.node, added, fn.entry, proofs);
  fn.entry.nodes.unshift(...added);
};

interface Test {
  readonly branch: Node;
  readonly load: Node;
  readonly mask: bigint;
}

const mergeIn = (block: Block, nextId: () => number, added: Node[], entry: Block, proofs: Proofs): void => {
  const first = testOf(block);
  if (first === null) return;
  const [set, next] = block.successors as [Block, Block];
  const second = next === set || next.predecessors.length > 1 ? null : testOf(next);
  if (second === null || next.successors[0] !== set || next.nodes.some(hasEffect)) return;
  const joined = join(first, second);
  if (joined === null || !proofs.has(joined.load, block) || !isAlike(set, block, next)) return;
  const load = new Node(nextId(), "load", [rootOf(joined.load)], block, first.branch.position);
  const { size, offset, space, low, high } = joined.load;
  Object.assign(load, { size, offset, space, low, high });
  const mask = new Node(nextId(), "const", [], entry, null);
  Object.assign(mask, { imm: joined.mask, low: joined.mask, high: joined.mask });
  added.push(mask);
  block.nodes.splice(-1, 0, load);
  first.branch.args = [load, mask];
  const branch = next.nodes.pop()!;
  next.nodes.push(new Node(nextId(), "jump", [], next, branch.position));
  dropEdge(next, set);
  next.successors = [next.successors[1]!];
};

const testOf = ({ terminator, successors }: Block): Test | null => {
  if (terminator?.op !== "branch" || terminator.condition !== "set" || successors[0] === successors[1]) return null;
  const [load, mask] = terminator.args as [Node, Node];
  if (load.op !== "load" || load.space !== "packet" || load.size > 4 || mask.op !== "const" || mask.imm < 0n)
    return null;
  return { branch: terminator, load, mask: mask.imm };
};

/** Both as a test of the longer load; null when neither has all the other's bytes. */
const join = (first: Test, second: Test): { load: Node; mask: bigint } | null => {
  if (rootOf(first.load) !== rootOf(second.load)) return null;
  const [outer, inner] = first.load.size > second.load.size ? [first, second] : [second, first];
  const at = inner.load.offset - outer.load.offset;
  if (at < 0 || at + inner.load.size > outer.load.size) return null;
  const mask = outer.mask | (inner.mask << BigInt(8 * at));
  return mask > 0x7fff_ffffn ? null : { load: outer.load, mask };
};

/** Blocks looked back through for an access that shows that the packet is long enough. */
const LOOK_BACK = 8;

/** What accesses of packets show of their length. */
class Proofs {
  readonly #tree: DominatorTree;
  /** How far each block reads behind each pointer. */
  readonly #reach = new IdMap<Block, Map<Node, number>>();

  constructor(tree: DominatorTree) {
    this.#tree = tree;
  }

  /** Whether every way to the end of the block has read the load's last byte, or one behind it, by the same pointer. */
  has(load: Node, block: Block): boolean {
    let at: Block | undefined = block;
    for (let step = 0; at !== undefined && step < LOOK_BACK; step++) {
      if ((this.#reachIn(at).get(rootOf(load)) ?? 0) >= load.offset + load.size) return true;
      at = this.#tree.parent[at.id];
    }
    return false;
  }

  #reachIn(block: Block): Map<Node, number> {
    let reach = this.#reach.get(block);
    if (reach !== undefined) return reach;
    this.#reach.set(block, (reach = new Map()));
    for (const node of block.nodes) {
      if (node.op !== "load" || node.space !== "packet") continue;
      reach.set(rootOf(node), Math.max(reach.get(rootOf(node)) ?? 0, node.offset + node.size));
    }
    return reach;
  }
}

const hasEffect = ({ op }: Node): boolean => op === "store" || op === "call" || op === "kfunc" || op === "atomic";

const isAlike = (target: Block, first: Block, second: Block): boolean => {
  const [a, b] = [target.predecessors.indexOf(first), target.predecessors.indexOf(second)];
  return target.nodes.every((node) => node.op !== "phi" || node.args[a] === node.args[b]);
};

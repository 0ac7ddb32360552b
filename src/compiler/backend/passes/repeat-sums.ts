/**
 * Adds a constant again where ways meet, instead of keeping the first sum until then:
 *
 *     if (at + 1 > end) ...; if (...) at = at + 1; else at = at + length;
 *
 * needs `at` until it is overwritten, but `at + 1` for the test only: a value less to keep in a register meanwhile.
 */
import type { Block, Node, SsaFunction } from "../../ssa/ir.ts";
import { copyNode } from "./copy-node.ts";
import { freshIds } from "./fresh-ids.ts";
import { fitsImmediate } from "../machine.ts";

interface Sum {
  readonly node: Node;
  /** Arguments of phis that are the sum, on edges out of other blocks than its own. */
  readonly edges: { readonly phi: Node; readonly edge: number; readonly from: Block }[];
  isUsedAtHome: boolean;
  isNeeded: boolean;
}

/** The block in which a sum's base is used, or the last of several. */
interface Uses {
  block: Block | null;
  areApart: boolean;
}

/** Critical edges must have been split: what is added again stands on the edge. */
export const repeatSums = (fn: SsaFunction): void => {
  const sums = new Map<Node, Sum>();
  const bases = new Map<Node, Uses>();
  for (const { nodes } of fn.blocks) {
    for (const node of nodes) {
      if (!isSum(node)) continue;
      sums.set(node, { node, edges: [], isUsedAtHome: false, isNeeded: false });
      bases.set(node.args[0]!, { block: null, areApart: false });
    }
  }
  if (sums.size === 0) return;
  for (const { nodes, predecessors } of fn.blocks) {
    for (const user of nodes) {
      user.args.forEach((arg, edge) => {
        const at = user.op === "phi" ? predecessors[edge]! : user.block;
        const sum = sums.get(arg);
        if (sum !== undefined) noteUse(sum, user, edge, at);
        const base = bases.get(arg);
        if (base === undefined) return;
        base.areApart ||= base.block !== null && base.block !== at;
        base.block = at;
      });
    }
  }
  const ids = freshIds(fn);
  for (const sum of sums.values()) if (isWorthIt(sum, bases.get(sum.node.args[0]!)!)) repeat(sum, ids.node);
};

/** Of numbers: what a pointer was compared with holds for the one that was compared. */
const isSum = ({ op, width, args, low }: Node): boolean =>
  op === "add" &&
  width === 64 &&
  low > -(1n << 63n) &&
  args[0]!.op !== "const" &&
  args[1]!.op === "const" &&
  fitsImmediate(args[1]!.imm);

const noteUse = (sum: Sum, user: Node, edge: number, at: Block): void => {
  const { node, edges } = sum;
  if (at === node.block) sum.isUsedAtHome = true;
  // What a test has shown of the sum, in a narrower phi, is not known of another.
  else if (user.op !== "phi" || node.low < user.low || node.high > user.high) sum.isNeeded = true;
  else if (at.successors.length !== 1 || at.loopDepth > node.block.loopDepth) sum.isNeeded = true;
  else edges.push({ phi: user, edge, from: at });
};

const isWorthIt = ({ node, edges, isNeeded }: Sum, base: Uses): boolean =>
  edges.length > 0 && !isNeeded && (base.areApart || base.block !== node.block);

const repeat = ({ node, edges, isUsedAtHome }: Sum, id: () => number): void => {
  const made = new Map<Block, Node>();
  for (const { phi, edge, from } of edges) {
    let again = made.get(from);
    if (again === undefined) {
      again = copyNode(node, id(), [...node.args], from);
      from.nodes.splice(-1, 0, again);
      made.set(from, again);
    }
    phi.args[edge] = again;
  }
  if (!isUsedAtHome) node.block.nodes.splice(node.block.nodes.indexOf(node), 1);
};

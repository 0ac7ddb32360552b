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
  isBaseUsedElsewhere: boolean;
  isNeeded: boolean;
}

/** Critical edges must have been split: what is added again stands on the edge. */
export const repeatSums = (fn: SsaFunction): void => {
  const sums = new Map<Node, Sum>();
  const byBase = new Map<Node, Sum[]>();
  for (const { nodes } of fn.blocks) {
    for (const node of nodes) {
      if (!isSum(node)) continue;
      const sum = { node, edges: [], isUsedAtHome: false, isBaseUsedElsewhere: false, isNeeded: false };
      const base = node.args[0]!;
      sums.set(node, sum);
      byBase.set(base, [...(byBase.get(base) ?? []), sum]);
    }
  }
  if (sums.size === 0) return;
  for (const { nodes, predecessors } of fn.blocks) {
    for (const user of nodes) {
      user.args.forEach((arg, edge) => {
        const at = user.op === "phi" ? predecessors[edge]! : user.block;
        const sum = sums.get(arg);
        if (sum !== undefined) noteUse(sum, user, edge, at);
        for (const each of byBase.get(arg) ?? []) if (each.node.block !== at) each.isBaseUsedElsewhere = true;
      });
    }
  }
  const ids = freshIds(fn);
  for (const sum of sums.values()) if (isWorthIt(sum)) repeat(sum, ids.node);
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

const isWorthIt = ({ edges, isNeeded, isBaseUsedElsewhere }: Sum): boolean =>
  edges.length > 0 && !isNeeded && isBaseUsedElsewhere;

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

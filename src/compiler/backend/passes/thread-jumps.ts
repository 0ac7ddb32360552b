/**
 * Leads edges past blocks that only jump, turns branches with one target into jumps, and joins a block to the only one
 * that leads to it.
 */
import { IdSet, type IdMap } from "../../ssa/by-id.ts";
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { countUses } from "./count-uses.ts";
import { freshIds } from "./fresh-ids.ts";
import { removeUnreachable } from "./remove-unreachable.ts";
import { Replacements } from "./replacements.ts";

export const threadJumps = (fn: SsaFunction): void => {
  skipEmptyBlocks(fn);
  removeUnreachable(fn);
  dropNeedlessBranches(fn);
  joinBlocks(fn);
};

/** Every target takes over the predecessors of the empty blocks before it, in one go. */
const skipEmptyBlocks = (fn: SsaFunction): void => {
  const uses = countUses(fn);
  for (const target of fn.blocks) {
    if (!target.predecessors.some((block, edge) => block !== target && isEmpty(block, target, edge, uses))) continue;
    const phis = target.nodes.filter((node) => node.op === "phi");
    const predecessors: Block[] = [];
    const args: Node[][] = phis.map(() => []);
    const present = new Set(target.predecessors);
    target.predecessors.forEach((block, edge) => {
      // Where a phi tells two edges of one branch apart, an empty block stays to carry the difference.
      const isKept =
        block === target ||
        !isEmpty(block, target, edge, uses) ||
        (phis.length > 0 && block.predecessors.some((each) => present.has(each)));
      if (isKept) {
        predecessors.push(block);
        phis.forEach((phi, i) => args[i]!.push(phi.args[edge]!));
        return;
      }
      block.predecessors.forEach((predecessor, way) => {
        present.add(predecessor);
        predecessor.successors[predecessor.successors.indexOf(block)] = target;
        predecessors.push(predecessor);
        phis.forEach((phi, i) => {
          const arg = phi.args[edge]!;
          const passed = arg.op === "phi" && arg.block === block ? arg.args[way]! : arg;
          args[i]!.push(passed);
          uses.set(passed, (uses.get(passed) ?? 0) + 1);
        });
      });
      block.predecessors = [];
      block.successors = [];
    });
    target.predecessors = predecessors;
    phis.forEach((phi, i) => (phi.args = args[i]!));
  }
  fn.blocks = fn.blocks.filter((block) => block === fn.entry || block.predecessors.length > 0);
};

/** Only jumps to the target, and has no phis but those that the target's phis alone read. */
const isEmpty = (block: Block, target: Block, edge: number, uses: IdMap<Node, number>): boolean => {
  if (block.predecessors.length === 0 || block.successors.length !== 1) return false;
  if (!block.nodes.every(({ op }) => op === "jump" || op === "phi")) return false;
  if (block.nodes.length === 1) return true;
  const read = new Map<Node, number>();
  for (const node of target.nodes) {
    if (node.op !== "phi") break;
    const arg = node.args[edge]!;
    read.set(arg, (read.get(arg) ?? 0) + 1);
  }
  return block.nodes.every((node) => node.op === "jump" || read.get(node) === uses.get(node));
};

const dropNeedlessBranches = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  for (const block of fn.blocks) {
    const [taken, otherwise] = block.successors;
    if (taken === undefined || taken !== otherwise) continue;
    const edge = taken.predecessors.indexOf(block);
    const other = taken.predecessors.indexOf(block, edge + 1);
    const phis = taken.nodes.filter((node) => node.op === "phi");
    if (phis.some((phi) => phi.args[edge] !== phi.args[other])) continue;
    taken.predecessors.splice(other, 1);
    for (const phi of phis) phi.args.splice(other, 1);
    const branch = block.nodes.pop()!;
    block.nodes.push(new Node(ids.node(), "jump", [], block, branch.position));
    block.successors = [taken];
  }
};

const joinBlocks = (fn: SsaFunction): void => {
  const replacements = new Replacements();
  const gone = new IdSet<Block>();
  let isChanged = false;
  for (const block of fn.blocks) {
    if (gone.has(block)) continue;
    for (;;) {
      const next = block.successors[0];
      if (block.successors.length !== 1 || next === undefined || next === block) break;
      if (next.predecessors.length !== 1 || next === fn.entry) break;
      block.nodes.pop();
      for (const node of next.nodes) {
        if (node.op === "phi") {
          replacements.set(node, node.args[0]!);
        } else {
          node.block = block;
          block.nodes.push(node);
        }
      }
      block.successors = next.successors;
      for (const successor of next.successors) {
        const edge = successor.predecessors.indexOf(next);
        successor.predecessors[edge] = block;
      }
      gone.add(next);
      isChanged = true;
    }
  }
  if (!isChanged) return;
  fn.blocks = fn.blocks.filter((block) => !gone.has(block));
  if (!replacements.isEmpty) replacements.apply(fn);
};

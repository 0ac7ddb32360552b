/**
 * Leaves a test out that fails only where a stronger one behind it fails too, and to the same place:
 *
 *     if (at + 2 > end) goto bad; length = ...; if (length < 2) goto bad; if (at + length > end) goto bad
 *
 * needs no first test, as long as nothing is written between. Only for values that are small whatever the test says: the
 * verifier loses what it would have learnt of them, so nothing behind may go by them but the stronger test's sum.
 */
import { dominators, type DominatorTree } from "../../ssa/dominators.ts";
import { type Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { dropEdge } from "./drop-edge.ts";
import { freshIds } from "./fresh-ids.ts";
import { isFelt } from "./is-felt.ts";
import { removeUnreachable } from "./remove-unreachable.ts";

/** No value that the verifier takes for a packet's offset is larger. */
const SMALL = 0xffffn;
/** Blocks looked at behind a test. */
const LOOK_AHEAD = 8;

export const dropWeakerTests = (fn: SsaFunction): void => {
  const candidates = fn.blocks.filter((block) => strongerThan(block) !== null);
  if (candidates.length === 0) return;
  const tree = dominators(fn.entry);
  const users = usersIn(fn);
  const ids = freshIds(fn);
  // From the end on: what goes makes the next one's way to its stronger test shorter.
  for (const block of candidates.toReversed()) {
    const stronger = strongerThan(block);
    if (stronger === null || !isAllThatCounts(block, stronger, users, tree)) continue;
    widen(stronger);
    drop(block, ids.node());
  }
  removeUnreachable(fn);
};

/** Goes on where `left` is not above `right`, or with `isStrict` only where it is below. */
interface Test {
  readonly left: Node;
  readonly right: Node;
  readonly isStrict: boolean;
  readonly failed: Block;
  readonly passed: Block;
}

interface Stronger {
  /** What both sums start from. */
  readonly root: Node;
  /** The stronger test's: of the root, a constant and a value. */
  readonly sum: Node;
  readonly bytes: bigint;
  readonly added: Node;
}

const testOf = ({ terminator, successors }: Block): Test | null => {
  const [first, second] = successors;
  if (terminator?.op !== "branch" || terminator.width !== 64 || first === second) return null;
  const [left, right] = terminator.args as [Node, Node];
  switch (terminator.condition) {
    case "gt":
    case "ge":
      return { left, right, isStrict: terminator.condition === "ge", failed: first!, passed: second! };
    case "le":
    case "lt":
      return { left, right, isStrict: terminator.condition === "lt", failed: second!, passed: first! };
    default:
      return null;
  }
};

/** A sum's value and the constant added to it. */
const apart = (node: Node): { readonly root: Node; readonly bytes: bigint } => {
  const [value, constant] = node.args;
  const isSum = node.op === "add" && node.width === 64 && constant?.op === "const";
  return isSum ? { root: value!, bytes: constant.imm } : { root: node, bytes: 0n };
};

const isSmall = ({ low, high }: Node): boolean => low >= 0n && high <= SMALL;

/** The test behind a block that makes the block's own needless, if nothing but tests of their kind lies between. */
const strongerThan = (block: Block): Stronger | null => {
  const own = testOf(block);
  if (own === null) return null;
  const { root, bytes } = apart(own.left);
  if (root.op === "const" || !isSmall(root) || bytes < 0n || bytes > SMALL) return null;
  const atLeast = new Map<Node, bigint>();
  let at = own.passed;
  for (let step = 0; step < LOOK_AHEAD; step++) {
    if (at.predecessors.length > 1 || at.nodes.some(isFelt)) return null;
    if (at.terminator?.op === "jump") {
      at = at.successors[0]!;
      continue;
    }
    const exit = at.successors.find((each) => failsAlike(own.failed, block, each, at));
    if (exit === undefined || at.successors[0] === at.successors[1]) return null;
    const test = testOf(at);
    const sum = test === null || test.right !== own.right || test.failed !== exit ? null : sumOver(test.left, root);
    if (sum !== null) {
      const least = atLeast.get(sum.added) ?? sum.added.low;
      const missing = own.isStrict && !test!.isStrict ? 1n : 0n;
      if (least >= 0n && sum.added.high <= SMALL && sum.bytes + least >= bytes + missing) return { root, ...sum };
    }
    const limit = limitOf(at, exit);
    if (limit !== null) atLeast.set(limit.value, limit.least);
    at = at.successors.find((each) => each !== exit)!;
  }
  return null;
};

/** `root + bytes + added`, in this order or the other. */
const sumOver = (sum: Node, root: Node): Omit<Stronger, "root"> | null => {
  if (sum.op !== "add" || sum.width !== 64) return null;
  const [left, right] = sum.args as [Node, Node];
  for (const [start, added] of [
    [left, right],
    [right, left],
  ] as const) {
    const { root: own, bytes } = apart(start);
    if (own === root && added.op !== "const" && bytes >= 0n) return { sum, added, bytes };
  }
  return null;
};

/** What a value is at least where a test does not lead to `exit`. */
const limitOf = ({ terminator, successors }: Block, exit: Block): { value: Node; least: bigint } | null => {
  const [value, constant] = terminator!.args as [Node, Node];
  if (constant.op !== "const" || terminator!.width !== 64 || value.low < 0n || constant.imm < 0n) return null;
  const isTaken = successors[0] === exit;
  const { condition } = terminator!;
  if (condition === (isTaken ? "lt" : "ge")) return { value, least: constant.imm };
  return condition === (isTaken ? "le" : "gt") ? { value, least: constant.imm + 1n } : null;
};

/** Whether it is the same to go from one block here, or from another there. */
const failsAlike = (failed: Block, from: Block, other: Block, fromOther: Block): boolean => {
  if (failed !== other) return returned(failed) !== null && returned(failed) === returned(other);
  const [a, b] = [failed.predecessors.indexOf(from), failed.predecessors.indexOf(fromOther)];
  return failed.nodes.every((node) => node.op !== "phi" || node.args[a] === node.args[b]);
};

/** The constant that a block returns without more. */
const returned = ({ nodes, terminator }: Block): bigint | null => {
  const value = terminator?.op === "return" ? terminator.args[0] : undefined;
  return value?.op === "const" && nodes.every((node) => node === terminator || node.op === "const") ? value.imm : null;
};

type Users = ReadonlyMap<Node, readonly Node[]>;

const usersIn = (fn: SsaFunction): Users => {
  const users = new Map<Node, Node[]>();
  for (const { nodes } of fn.blocks) {
    for (const node of nodes) {
      for (const arg of node.args) {
        const list = users.get(arg);
        if (list === undefined) users.set(arg, [node]);
        else list.push(node);
      }
    }
  }
  return users;
};

/** Whether nothing behind the test goes by its value, or by that and a constant, but the stronger test's sum. */
const isAllThatCounts = (block: Block, { root, sum }: Stronger, users: Users, tree: DominatorTree): boolean => {
  const { passed } = testOf(block)!;
  const isBehind = (user: Node, value: Node): boolean =>
    user.op === "phi"
      ? user.args.some((arg, edge) => arg === value && tree.dominates(passed, user.block.predecessors[edge]!))
      : tree.dominates(passed, user.block);
  const same = [root];
  for (const value of same) {
    for (const user of users.get(value) ?? []) {
      if (user.op === "add" && apart(user).root === value) same.push(user);
      else if (user !== sum && isBehind(user, value)) return false;
    }
  }
  return true;
};

/** What is known of a sum was known with the test's help. */
const widen = ({ root, sum, bytes, added }: Stronger): void => {
  const high = root.high + bytes + added.high;
  if (high > sum.high) sum.high = high;
};

const drop = (block: Block, id: number): void => {
  const { failed, passed } = testOf(block)!;
  const branch = block.nodes.pop()!;
  block.nodes.push(new Node(id, "jump", [], block, branch.position));
  dropEdge(block, failed);
  block.successors = [passed];
};

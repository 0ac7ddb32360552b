/**
 * Rewrites `pointer + x` into `pointer + (x & mask)` where `x` may be the sum of another value and a large constant: the
 * verifier (since Linux 6.10) keeps that constant with the sum's register and refuses to add it to a pointer, however small
 * the sum is known to be. Operations other than sums and moves make it forget. The mask changes no value.
 */
import { Node, type SsaFunction } from "../../ssa/ir.ts";
import { fillBits, S64_MAX, S64_MIN } from "../../ssa/range.ts";
import { freshIds } from "./fresh-ids.ts";

/** What the verifier lets no pointer's offset reach: BPF_MAX_VAR_OFF. */
const FAR = 1n << 29n;

export const unlinkOffsets = (fn: SsaFunction): void => {
  const linked = linkedValues(fn);
  if (linked.size === 0) return;
  const ids = freshIds(fn);
  const addresses = addressesOf(fn);
  for (const block of fn.blocks) {
    block.nodes = block.nodes.flatMap((node) => {
      const before: Node[] = [];
      for (const [at, offset] of node.args.entries()) {
        const ones = linked.has(offset) ? maskOf(node, offset, addresses) : null;
        if (ones === null) continue;
        const mask = new Node(ids.node(), "const", [], block, node.position);
        mask.imm = mask.low = mask.high = ones;
        const masked = new Node(ids.node(), "and", [offset, mask], block, node.position);
        [masked.low, masked.high] = [0n, ones];
        node.args[at] = masked;
        before.push(mask, masked);
      }
      return before.length === 0 ? node : [...before, node];
    });
  }
};

/** Sums with a large constant, and all that may be copies of such. */
const linkedValues = (fn: SsaFunction): ReadonlySet<Node> => {
  const linked = new Set<Node>();
  const copies = new Map<Node, Node[]>();
  for (const { nodes } of fn.blocks) {
    for (const node of nodes) {
      if (isFarSum(node)) linked.add(node);
      if (node.op !== "phi" && node.op !== "zext" && node.op !== "sext") continue;
      for (const arg of node.args) copies.set(arg, [...(copies.get(arg) ?? []), node]);
    }
  }
  // What is added while the set is walked is walked too.
  for (const node of linked) for (const copy of copies.get(node) ?? []) linked.add(copy);
  return linked;
};

/** What is added or taken away may be a constant also where only the verifier knows that: the product of a known quotient. */
const isFarSum = ({ op, args }: Node): boolean => {
  if (op !== "add" && op !== "sub") return false;
  const [left, right] = args as [Node, Node];
  if (right.op === "const") return isFar(right);
  if (op === "sub") return isFar(right);
  return !isAnything(left) && !isAnything(right) && (isFar(left) || isFar(right));
};

const isFar = ({ low, high }: Node): boolean => high >= FAR || low <= -FAR;

/** Pointers are among these. */
const isAnything = ({ low, high }: Node): boolean => low === S64_MIN && high === S64_MAX;

/** What memory is read and written at, or compared with the packet's end, and what that is a constant distance from. */
const addressesOf = (fn: SsaFunction): ReadonlySet<Node> => {
  const addresses = new Set<Node>();
  for (const { nodes } of fn.blocks) {
    for (const { op, args } of nodes) {
      if (op === "load" || op === "store" || op === "atomic") addresses.add(args[0]!);
      if (op === "branch" && isPacketsEnd(args[1]!)) addresses.add(args[0]!);
      if (op === "branch" && isPacketsEnd(args[0]!)) addresses.add(args[1]!);
    }
  }
  for (const { op, args } of addresses) {
    if (op === "phi") for (const arg of args) addresses.add(arg);
    else if (op === "add" && args[1]!.op === "const") addresses.add(args[0]!);
  }
  return addresses;
};

/** The context holds the packet's pointers in 4 bytes each. */
const isPacketsEnd = (node: Node): boolean =>
  node.op === "load" && node.space === "context" && node.size === 4 && isAnything(node);

/** Ones that an offset lies within; null where it is none, or where it may be a number's summand. */
const maskOf = (sum: Node, offset: Node, addresses: ReadonlySet<Node>): bigint | null => {
  if (sum.op !== "add" || sum.width !== 64 || !isAnything(sum)) return null;
  if (offset.low >= 0n && offset.high < FAR) return fillBits(offset.high);
  // Tests on the way to here have shown it to be an offset that the verifier takes.
  return addresses.has(sum) ? FAR - 1n : null;
};

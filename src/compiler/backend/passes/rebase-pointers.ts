/**
 * Lets what was added to a pointer for a test of the packet's length be the pointer from then on:
 *
 *     if (p + 34 > end) goto bad; x = [p + 14]
 *
 * needs `p` behind the test only for the load; with `[(p + 34) - 20]` the sum takes its register: a move less at each test.
 * To the verifier both are one pointer, but where the test fails. Only where no way on needs the old one.
 */
import { dominators, type DominatorTree } from "../../ssa/dominators.ts";
import { IdMap } from "../../ssa/by-id.ts";
import { type Block, type Condition, Node, type SsaFunction } from "../../ssa/ir.ts";
import { S64_MAX, S64_MIN } from "../../ssa/range.ts";
import { freshIds } from "./fresh-ids.ts";
import { Replacements } from "./replacements.ts";

/** Offsets of loads and stores have 16 bits. */
const FARTHEST = 0x3fffn;

export const rebasePointers = (fn: SsaFunction): void => {
  const pointers = new Set<Node>();
  for (const block of fn.blocks) {
    const reach = reachOf(block);
    if (reach !== null) pointers.add(reach.args[0]!);
  }
  if (pointers.size > 0) new Pass(fn).run(pointers);
};

/** `pointer + constant`, which the block compares with the packet's end. */
const reachOf = (block: Block): Node | null => {
  const { terminator } = block;
  if (terminator?.op !== "branch" || terminator.width !== 64 || !(terminator.condition in FAILED)) return null;
  const [reach, end] = terminator.args as [Node, Node];
  const [pointer, bytes] = reach.args;
  if (end.op !== "load" || end.space !== "context" || reach.block !== block || !isDistance(reach)) return null;
  if (!isUnbounded(reach)) return null;
  return isUnbounded(pointer!) && bytes!.imm >= -FARTHEST && bytes!.imm <= FARTHEST ? reach : null;
};

/** Which way on is that of packets that end before, by the test's condition. */
const FAILED: Partial<Record<Condition, 0 | 1>> = { gt: 0, ge: 0, le: 1, lt: 1 };

const failedOf = ({ terminator, successors }: Block): Block => successors[FAILED[terminator!.condition]!]!;

const isUnbounded = ({ low, high }: Node): boolean => low === S64_MIN && high === S64_MAX;

const isDistance = ({ op, width, args }: Node): boolean => op === "add" && width === 64 && args[1]!.op === "const";

/** What the pointer is behind a test. */
interface Head {
  readonly reach: Node;
  readonly distance: bigint;
}

class Pass {
  readonly #fn: SsaFunction;
  readonly #tree: DominatorTree;
  /** By block id: places in the tree's preorder. */
  readonly #order: number[] = [];
  readonly #users = new IdMap<Node, Node[]>();
  /** Of what uses pointers, in its block. */
  readonly #place = new IdMap<Node, number>();
  readonly #constants = new Map<bigint, Node>();
  /** Sums with a distance of 0. */
  readonly #replacements = new Replacements();
  readonly #ids;

  constructor(fn: SsaFunction) {
    this.#fn = fn;
    this.#tree = dominators(fn.entry);
    this.#tree.preorder.forEach(({ id }, place) => (this.#order[id] = place));
    this.#ids = freshIds(fn);
    for (const { nodes } of fn.blocks) {
      for (let place = 0; place < nodes.length; place++) this.#noteUses(nodes[place]!, place);
    }
  }

  #noteUses(node: Node, place: number): void {
    const { args } = node;
    for (let at = 0; at < args.length; at++) {
      const arg = args[at]!;
      if (!isUnbounded(arg) || args.indexOf(arg) < at) continue;
      this.#place.set(node, place);
      const list = this.#users.get(arg);
      if (list === undefined) this.#users.set(arg, [node]);
      else list.push(node);
    }
  }

  /** Pointers before what is added to them. */
  run(pointers: ReadonlySet<Node>): void {
    for (const { nodes } of this.#fn.blocks) {
      for (const node of nodes) if (pointers.has(node)) this.#rebase(node);
    }
    this.#finish();
  }

  #rebase(pointer: Node): void {
    const users = this.#users.get(pointer)!;
    const { kept, live } = this.#whereKept(pointer, users);
    const heads = new Map<Block, Head>();
    for (const user of users) {
      if (kept.has(user.block) || reachOf(user.block) !== user) continue;
      // Where a test fails, the verifier takes what was compared for no pointer into the packet any more.
      const tests = this.#users.get(user)!.filter(({ op }) => op === "branch").length;
      if (tests === 1 && !live.has(failedOf(user.block)))
        heads.set(user.block, { reach: user, distance: user.args[1]!.imm });
    }
    if (heads.size === 0) return;
    const before = new Map<Block, Head | null>([[pointer.block, null]]);
    for (const user of users) {
      // It takes the pointer where one of the ways to it ends, which keeps it; its own block may lie beside the pointer's.
      if (user.op === "phi") continue;
      const own = heads.get(user.block);
      const isBehind = own !== undefined && this.#place.get(user)! > this.#place.get(own.reach)!;
      const base = isBehind ? own : this.#baseBefore(user.block, heads, before);
      if (base !== null) this.#shift(user, pointer, base.reach, base.distance);
    }
  }

  /** What the pointer has become on the way into a block. */
  #baseBefore(block: Block, heads: ReadonlyMap<Block, Head>, before: Map<Block, Head | null>): Head | null {
    const way: Block[] = [];
    let at = block;
    let base = before.get(at);
    while (base === undefined) {
      way.push(at);
      at = this.#tree.parent[at.id]!;
      base = heads.get(at) ?? before.get(at);
    }
    for (const each of way) before.set(each, base);
    return base;
  }

  /**
   * Blocks that the pointer is live into, and those behind which it is itself needed: where ways from them meet others, or
   * for what no other can be used.
   */
  #whereKept(
    pointer: Node,
    users: readonly Node[],
  ): { readonly kept: ReadonlySet<Block>; readonly live: ReadonlySet<Block> } {
    const order = (block: Block): number => this.#order[block.id]!;
    const live = new Set<Block>();
    const work: Block[] = [];
    const reach = (block: Block): void => {
      if (block === pointer.block || live.has(block)) return;
      live.add(block);
      work.push(block);
    };
    /** By block: up to which block above it the pointer is kept as well, by place in the tree. */
    const keptTo = new Map<Block, number>();
    const keep = (block: Block | undefined, to: number): void => {
      if (block !== undefined) keptTo.set(block, Math.min(keptTo.get(block) ?? to, to));
    };
    const all = order(pointer.block);
    for (const user of users) {
      if (user.op === "phi") {
        user.args.forEach((arg, edge) => {
          if (arg !== pointer) return;
          const from = user.block.predecessors[edge]!;
          keep(from, all);
          reach(from);
        });
      } else {
        const { block } = user;
        if (!this.#canShift(user, pointer))
          keep(this.#isBeforeTest(user, pointer) ? this.#tree.parent[block.id] : block, all);
        reach(block);
      }
    }
    for (let block = work.pop(); block !== undefined; block = work.pop()) block.predecessors.forEach(reach);
    for (const block of live) {
      if (block.predecessors.length < 2) continue;
      for (const from of block.predecessors) keep(from, order(this.#tree.parent[block.id]!) + 1);
    }
    const kept = new Set<Block>();
    for (const block of [pointer.block, ...live].sort((a, b) => order(b) - order(a))) {
      const to = keptTo.get(block);
      if (to === undefined || to > order(block)) continue;
      kept.add(block);
      keep(this.#tree.parent[block.id], to);
    }
    return { kept, live };
  }

  /** The pointer is in use until the test anyway. */
  #isBeforeTest(user: Node, pointer: Node): boolean {
    const reach = reachOf(user.block);
    return reach?.args[0] === pointer && this.#place.get(user)! < this.#place.get(reach)!;
  }

  /** Whether an offset of the user, or of all that use it, can make up for a distance of its pointer. */
  #canShift(user: Node, pointer: Node): boolean {
    switch (user.op) {
      case "load":
      case "store":
      case "atomic":
        return user.args.lastIndexOf(pointer) === 0;
      case "add":
        if (user.width !== 64 || !isUnbounded(user) || user.args[0] === user.args[1]) return false;
        return isDistance(user) || this.#users.get(user)?.every((each) => this.#canShift(each, user)) === true;
      default:
        return false;
    }
  }

  /** Lets a user of `pointer` use `base`, which is `distance` behind it. */
  #shift(user: Node, pointer: Node, base: Node, distance: bigint): void {
    user.args = user.args.map((arg) => (arg === pointer ? base : arg));
    if (user.op !== "add") {
      user.offset -= Number(distance);
    } else if (isDistance(user)) {
      const rest = user.args[1]!.imm - distance;
      user.args[1] = this.#constant(rest);
      // What is compared becomes useless where the test fails, and must not be what others use there.
      if (rest === 0n && !this.#users.get(user)?.some(({ op }) => op === "branch")) this.#replacements.set(user, base);
    } else {
      for (const each of this.#users.get(user) ?? []) this.#shift(each, user, user, distance);
    }
    if (base !== pointer) this.#users.get(base)!.push(user);
  }

  #constant(value: bigint): Node {
    let node = this.#constants.get(value);
    if (node === undefined) {
      node = new Node(this.#ids.node(), "const", [], this.#fn.entry, null);
      node.imm = node.low = node.high = value;
      this.#constants.set(value, node);
    }
    return node;
  }

  #finish(): void {
    this.#fn.entry.nodes.unshift(...this.#constants.values());
    if (this.#replacements.isEmpty) return;
    for (const block of this.#fn.blocks) block.nodes = block.nodes.filter((node) => !this.#replacements.has(node));
    this.#replacements.apply(this.#fn);
  }
}

/**
 * Joins stores to neighbouring bytes into wider ones: what was read side by side is read and written in one go, a byte
 * beside constants is one store with them, and a map's key is written in 8 bytes, in which the kernel reads it. Within a
 * block, from one store to the last of its group, as long as nothing reads the bytes between.
 */
import type { IdMap } from "../../ssa/by-id.ts";
import { type Block, Node, type Space, type SsaFunction } from "../../ssa/ir.ts";
import { fitsImmediate } from "../machine.ts";
import { countUses } from "./count-uses.ts";
import { freshIds } from "./fresh-ids.ts";
import { joinBytes, type Part, sinkInto } from "./join-bytes.ts";
import { isPrivate, keyOfRoot, mayMeet, rootOf, touchesAnything } from "./memory-places.ts";

export const gatherStores = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const added: Node[] = [];
  const constant = (imm: bigint): Node => {
    const value = BigInt.asIntN(64, imm);
    const node = Object.assign(new Node(ids.node(), "const", [], fn.entry, null), {
      imm: value,
      low: value,
      high: value,
    });
    added.push(node);
    return node;
  };
  const uses = countUses(fn);
  for (const block of fn.blocks)
    if (block.nodes.some(({ op }) => op === "store")) new Gatherer(block, ids.node, constant, uses).run();
  fn.entry.nodes.unshift(...added);
};

interface Group {
  readonly root: Node;
  readonly space: Space;
  /** By offset; none overlaps another. */
  readonly stores: Map<number, Node>;
  last: Node;
}

type Size = 1 | 2 | 4 | 8;

/** Neighbouring stores that become one. */
interface Merged {
  readonly stores: readonly Node[];
  readonly parts: readonly Part[];
  readonly offset: number;
  readonly size: Size;
}

class Gatherer {
  readonly #block: Block;
  readonly #nextId: () => number;
  readonly #constant: (imm: bigint) => Node;
  readonly #uses: IdMap<Node, number>;
  readonly #groups = new Map<string, Group>();
  readonly #gone = new Set<Node>();
  readonly #instead = new Map<Node, Merged[]>();
  /** Where each load stands, and how many writes came before it. */
  readonly #loads = new Map<Node, { readonly place: number; readonly writes: number }>();
  /** Wide loads, and the narrow ones that they are made beside. */
  readonly #wide = new Map<Node, Node[]>();
  #writes = 0;

  constructor(block: Block, nextId: () => number, constant: (imm: bigint) => Node, uses: IdMap<Node, number>) {
    this.#block = block;
    this.#nextId = nextId;
    this.#constant = constant;
    this.#uses = uses;
  }

  run(): void {
    const { nodes } = this.#block;
    nodes.forEach((node, place) => this.#visit(node, place));
    for (const [key, group] of this.#groups) this.#close(key, group);
    if (this.#gone.size === 0) return;
    const result: Node[] = [];
    for (const node of nodes) {
      result.push(...(this.#wide.get(node) ?? []));
      for (const merged of this.#instead.get(node) ?? []) this.#write(merged, node, result);
      if (!this.#gone.has(node)) result.push(node);
    }
    this.#block.nodes = result;
  }

  #visit(node: Node, place: number): void {
    if (touchesAnything(node)) {
      this.#writes++;
      for (const [key, group] of this.#groups) this.#close(key, group);
      return;
    }
    if (node.op !== "load" && node.op !== "store") return;
    const root = rootOf(node);
    const key = keyOfRoot(root);
    for (const [other, group] of this.#groups) {
      if (other !== key && mayMeet(root, node.space, group.root, group.space)) this.#close(other, group);
    }
    const group = this.#groups.get(key);
    if (group !== undefined && overlaps(group, node)) this.#close(key, group);
    if (node.op === "load") {
      if (isReadable(node)) this.#loads.set(node, { place, writes: this.#writes });
      return;
    }
    if (node.space !== "stack") this.#writes++;
    if (isPrivate(node.space) && (node.space !== "stack" || root.op === "stack")) this.#add(key, node);
  }

  #add(key: string, store: Node): void {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { root: rootOf(store), space: store.space, stores: new Map(), last: store };
      this.#groups.set(key, group);
    }
    group.stores.set(store.offset, store);
    group.last = store;
  }

  #close(key: string, group: Group): void {
    this.#groups.delete(key);
    if (group.stores.size < 2) return;
    const offsets = [...group.stores.keys()].sort((a, b) => a - b);
    for (let i = 0; i < offsets.length;) {
      const merged = this.#widest(group, offsets[i]!);
      if (merged === null) {
        i++;
        continue;
      }
      for (const store of merged.stores) this.#gone.add(store);
      const list = this.#instead.get(group.last);
      if (list === undefined) this.#instead.set(group.last, [merged]);
      else list.push(merged);
      i += merged.stores.length;
    }
  }

  /** The widest store that takes the place of those from `offset` on and costs no more. */
  #widest(group: Group, offset: number): Merged | null {
    for (const size of [8, 4, 2] as const) {
      if (group.space === "stack" && offset % size !== 0) continue;
      const stores: Node[] = [];
      let at = offset;
      while (at < offset + size) {
        const store = group.stores.get(at);
        if (store === undefined) break;
        stores.push(store);
        at += store.size;
      }
      if (at !== offset + size || stores.length < 2) continue;
      const parts = this.#partsOf(stores, offset);
      if (this.#isWorth(parts, stores.length, size, group.space)) return { stores, parts, offset, size };
    }
    return null;
  }

  /** The stored values; runs of neighbouring loads that nothing else reads are one value. */
  #partsOf(stores: readonly Node[], offset: number): Part[] {
    const parts: Part[] = [];
    for (const store of stores) {
      const value = store.args[1]!;
      const part: Part = { value, from: 0, count: store.size, at: store.offset - offset };
      const last = parts.at(-1);
      const wide = last === undefined ? null : this.#wideLoad(last, part);
      if (wide === null) parts.push(part);
      else parts.splice(-1, 1, wide);
    }
    return parts;
  }

  /** Both parts as one, of a load that is made when the store is. */
  #wideLoad(first: Part, second: Part): Part | null {
    const [a, b] = [first.value, second.value];
    const count = first.count + second.count;
    if (a.op !== "load" || b.op !== "load" || a.space !== b.space || rootOf(a) !== rootOf(b)) return null;
    if (b.offset !== a.offset + first.count || b.size !== second.count || (count & (count - 1)) !== 0) return null;
    const [own, other] = [this.#loads.get(a), this.#loads.get(b)];
    if (own === undefined || other === undefined || own.writes !== other.writes) return null;
    if ((this.#uses.get(a) ?? 1) > 1 || (this.#uses.get(b) ?? 1) > 1) return null;
    const wide = new Node(this.#nextId(), "load", [rootOf(a)], this.#block, a.position);
    const high = count === 8 ? {} : { low: 0n, high: (1n << BigInt(8 * count)) - 1n };
    Object.assign(wide, { size: count, offset: a.offset, space: a.space, ...high });
    const later = own.place > other.place ? own : other;
    this.#loads.set(wide, later);
    const beside = this.#block.nodes[later.place]!;
    this.#wide.set(beside, [...(this.#wide.get(beside) ?? []), wide]);
    return { value: wide, from: 0, count, at: first.at };
  }

  /** The kernel reads keys in 8 bytes, and waits for what was stored in smaller pieces. */
  #isWorth(parts: readonly Part[], stores: number, size: Size, space: Space): boolean {
    const variable = parts.filter(({ value }) => value.op !== "const");
    if (variable.length === 0) return false;
    const isWhole = ({ value, count }: Part): boolean => value.low >= 0n && value.high < 1n << BigInt(8 * count);
    let operations = variable.length - 1 + costOfConstant(parts);
    for (const part of variable) operations += (part.at > 0 ? 1 : 0) + (isWhole(part) || size === 8 - part.at ? 0 : 1);
    return operations <= (space === "stack" ? 3 : 1) * (stores - 1);
  }

  #write({ parts, offset, size }: Merged, last: Node, into: Node[]): void {
    const { position, space } = last;
    const sink = sinkInto(into, this.#block, position, this.#nextId, this.#constant);
    // A store takes the low bytes of whatever it is given.
    const whole = parts.length === 1 ? parts[0]!.value : joinBytes(parts, size, sink);
    sink.add("store", [rootOf(last), whole], { offset, size, space });
  }
}

/** Instructions that put the constant parts in: none for zeros, two for what is no immediate. */
const costOfConstant = (parts: readonly Part[]): number => {
  let known = 0n;
  for (const { value, count, at } of parts)
    if (value.op === "const") known |= BigInt.asUintN(8 * count, value.imm) << BigInt(8 * at);
  return known === 0n ? 0 : fitsImmediate(BigInt.asIntN(64, known)) ? 1 : 2;
};

/** Loads that may be made once more, wider: the kernel gives its context's fields one by one. */
const isReadable = ({ space }: Node): boolean => space === "packet" || space === "ring" || space === "map";

const overlaps = ({ stores }: Group, node: Node): boolean => {
  for (let at = node.offset - 7; at < node.offset + node.size; at++) {
    const store = stores.get(at);
    if (store !== undefined && store.offset + store.size > node.offset) return true;
  }
  return false;
};

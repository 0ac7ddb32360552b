/**
 * Puts a load together from the values that were stored into its bytes, where those were stores of other sizes: a machine
 * would wait until they have reached its cache. What no store wrote is loaded alone. Within a block, in memory that nobody
 * else writes.
 */
import { type Block, Node, type Space, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds } from "./fresh-ids.ts";
import { joinBytes, type Part, sinkInto } from "./join-bytes.ts";
import { isPrivate, keyOfRoot, mayMeet, rootOf, touchesAnything } from "./memory-places.ts";
import { Replacements } from "./replacements.ts";

export const forwardStores = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const added: Node[] = [];
  const replacements = new Replacements();
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
  for (const block of fn.blocks) forwardIn(block, ids.node, constant, replacements);
  fn.entry.nodes.unshift(...added);
  if (!replacements.isEmpty) replacements.apply(fn);
};

/** Which store wrote a byte last, and which of its bytes that is. */
interface Byte {
  readonly store: Node;
  readonly index: number;
}

interface Written {
  readonly root: Node;
  readonly space: Space;
  readonly bytes: Map<number, Byte>;
}

/** More than so many are no better than the load. */
const MOST_PARTS = 4;

const forwardIn = (
  block: Block,
  nextId: () => number,
  constant: (imm: bigint) => Node,
  replacements: Replacements,
): void => {
  if (!block.nodes.some(({ op }) => op === "store")) return;
  const written = new Map<string, Written>();
  const nodes: Node[] = [];
  for (const node of block.nodes) {
    if (touchesAnything(node)) {
      written.clear();
    } else if (node.op === "store" && isPrivate(node.space)) {
      note(node, written);
    } else if (node.op === "load" && isPrivate(node.space)) {
      const bytes = written.get(keyOfRoot(rootOf(node)))?.bytes;
      const runs = bytes === undefined ? null : runsOf(node, bytes);
      if (runs !== null) {
        const sink = sinkInto(nodes, block, node.position, nextId, constant);
        const parts = runs.map(({ byte, at, count }): Part => {
          if (byte !== null) return { value: byte.store.args[1]!, from: byte.index, count, at };
          const { space } = node;
          const fields = { size: count as 1 | 2 | 4, offset: node.offset + at, space };
          const rest = sink.add("load", [rootOf(node)], { ...fields, low: 0n, high: (1n << BigInt(8 * count)) - 1n });
          return { value: rest, from: 0, count, at };
        });
        replacements.set(node, joinBytes(parts, node.size, sink));
        continue;
      }
    }
    nodes.push(node);
  }
  block.nodes = nodes;
};

const note = (store: Node, written: Map<string, Written>): void => {
  const root = rootOf(store);
  const key = keyOfRoot(root);
  for (const [other, known] of written) {
    if (other !== key && mayMeet(root, store.space, known.root, known.space)) written.delete(other);
  }
  let known = written.get(key);
  if (known === undefined) written.set(key, (known = { root, space: store.space, bytes: new Map() }));
  for (let index = 0; index < store.size; index++) known.bytes.set(store.offset + index, { store, index });
};

interface Run {
  /** The first byte's; null where nothing is known. */
  readonly byte: Byte | null;
  readonly at: number;
  count: number;
}

/** The load's bytes in runs from one store each, or unknown and of a size that can be loaded; null when it stays. */
const runsOf = (load: Node, bytes: ReadonlyMap<number, Byte>): Run[] | null => {
  const runs: Run[] = [];
  for (let at = 0; at < load.size; at++) {
    const byte = bytes.get(load.offset + at) ?? null;
    const last = runs.at(-1);
    const isNext =
      last !== undefined &&
      (byte === null
        ? last.byte === null
        : last.byte?.store === byte.store && last.byte.index + last.count === byte.index);
    if (isNext) last.count++;
    else runs.push({ byte, at, count: 1 });
  }
  const [first] = runs;
  // Machines forward part of one store, and what nothing was stored to is there.
  const isOne = runs.length === 1 && (first!.byte === null || first!.byte.store.args[1]!.op !== "const");
  const isSame = runs.length === 1 && first!.byte?.index === 0 && first!.byte.store.size === load.size;
  if (isOne && !isSame) return null;
  const pieces = runs.flatMap((run) => (run.byte === null ? loadable(run, load.offset) : [run]));
  return pieces.length > MOST_PARTS ? null : pieces;
};

const loadable = ({ at, count }: Run, offset: number): Run[] => {
  const runs: Run[] = [];
  for (let done = 0; done < count;) {
    let size = 4;
    while (size > count - done || (offset + at + done) % size !== 0) size /= 2;
    runs.push({ byte: null, at: at + done, count: size });
    done += size;
  }
  return runs;
};

/**
 * Joins stores of constants to neighbouring bytes into as few as possible: 1, 2, 4 bytes, and 8 where the constant fits
 * an immediate. Within a block, from one store to the last of its group, as long as nothing reads the bytes between.
 */
import { type Block, Node, type Space, type SsaFunction } from "../../ssa/ir.ts";
import { fitsImmediate } from "../machine.ts";
import { freshIds } from "./fresh-ids.ts";
import { isPrivate, keyOfRoot, mayMeet, rootOf, touchesAnything } from "./memory-places.ts";

export const mergeStores = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const added: Node[] = [];
  const constant = (imm: bigint): Node => {
    const node = new Node(ids.node(), "const", [], fn.entry, null);
    Object.assign(node, { imm, low: imm, high: imm });
    added.push(node);
    return node;
  };
  for (const block of fn.blocks)
    if (block.nodes.some(({ op }) => op === "store")) mergeBlock(block, ids.node, constant);
  fn.entry.nodes.unshift(...added);
};

/** Constant bytes on their way to one root, and the stores that bring them. */
interface Group {
  readonly root: Node;
  readonly space: Space;
  readonly bytes: Map<number, number>;
  readonly stores: Node[];
}

interface Piece {
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
  readonly value: bigint;
}

const mergeBlock = (block: Block, nextId: () => number, constant: (imm: bigint) => Node): void => {
  const groups = new Map<string, Group>();
  /** What stands in the place of a group's last store, and stores that go. */
  const instead = new Map<Node, Node[]>();
  const gone = new Set<Node>();

  const close = (key: string, group: Group): void => {
    groups.delete(key);
    const pieces = tile(group);
    if (pieces.length >= group.stores.length) return;
    const last = group.stores.at(-1)!;
    for (const store of group.stores) gone.add(store);
    instead.set(
      last,
      pieces.map((piece) => storeOf(piece, last, nextId(), constant)),
    );
  };
  const closeMeeting = (root: Node, space: Space, except: string): void => {
    for (const [key, group] of groups) {
      if (key !== except && mayMeet(root, space, group.root, group.space)) close(key, group);
    }
  };

  for (const node of block.nodes) {
    if (touchesAnything(node)) {
      for (const [key, group] of groups) close(key, group);
      continue;
    }
    if (node.op !== "load" && node.op !== "store") continue;
    const root = rootOf(node);
    const key = keyOfRoot(root);
    closeMeeting(root, node.space, key);
    const group = groups.get(key);
    if (
      node.op === "store" &&
      node.args[1]!.op === "const" &&
      isPrivate(node.space) &&
      hasAlignment(root, node.space)
    ) {
      add(groups, key, node);
    } else if (group !== undefined && overlaps(group, node)) {
      close(key, group);
    }
  }
  for (const [key, group] of groups) close(key, group);
  if (gone.size > 0) block.nodes = block.nodes.flatMap((node) => instead.get(node) ?? (gone.has(node) ? [] : [node]));
};

/** The stack takes aligned stores only, and what an index was added to has any alignment. */
const hasAlignment = (root: Node, space: Space): boolean => space !== "stack" || root.op === "stack";

const add = (groups: Map<string, Group>, key: string, store: Node): void => {
  let group = groups.get(key);
  if (group === undefined) {
    group = { root: rootOf(store), space: store.space, bytes: new Map(), stores: [] };
    groups.set(key, group);
  }
  group.stores.push(store);
  const value = store.args[1]!.imm;
  for (let i = 0; i < store.size; i++) {
    group.bytes.set(store.offset + i, Number((value >> BigInt(8 * i)) & 0xffn));
  }
};

const overlaps = ({ bytes }: Group, node: Node): boolean => {
  for (let byte = node.offset; byte < node.offset + node.size; byte++) if (bytes.has(byte)) return true;
  return false;
};

/** Covers each run of bytes from its start on with the largest pieces that fit; on the stack, aligned ones. */
const tile = ({ bytes, space }: Group): Piece[] => {
  const pieces: Piece[] = [];
  const offsets = [...bytes.keys()].sort((a, b) => a - b);
  for (let i = 0; i < offsets.length;) {
    const offset = offsets[i]!;
    const value = (size: number): bigint | null => {
      let result = 0n;
      for (let byte = size - 1; byte >= 0; byte--) {
        if (!bytes.has(offset + byte)) return null;
        result = (result << 8n) | BigInt(bytes.get(offset + byte)!);
      }
      return BigInt.asIntN(size * 8, result);
    };
    for (const size of [8, 4, 2, 1] as const) {
      const whole = value(size);
      if (whole === null || (space === "stack" && offset % size !== 0) || !fitsImmediate(whole)) continue;
      pieces.push({ offset, size, value: whole });
      i += size;
      break;
    }
  }
  return pieces;
};

const storeOf = (piece: Piece, like: Node, id: number, constant: (imm: bigint) => Node): Node => {
  const store = new Node(id, "store", [like.args[0]!, constant(piece.value)], like.block, like.position);
  store.offset = piece.offset;
  store.size = piece.size;
  store.space = like.space;
  return store;
};

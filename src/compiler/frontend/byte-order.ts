/** Numbers in memory, in network order or in the machine's, read and written in pieces that instructions have. */
import type { IntegerType } from "../../wire/layout.ts";
import type { Node } from "../ssa/ir.ts";
import { knownBytes, loadBytes, storeBytes, type AccessSize } from "./memory.ts";
import type { Unit } from "./unit.ts";
import type { Chunk, Region } from "./values.ts";

/** A place in memory: everything a field needs to be read or written. */
export interface Place {
  readonly region: Region;
  readonly pointer: Node;
  /** Bytes from the pointer to the struct the field belongs to. */
  readonly base: number;
  /** Size of that struct: bit fields may be read with their neighbours' bytes, but not past it. */
  readonly limit: number;
}

/** Bytes in network order as one number, read in pieces of these sizes. */
export const readBig = (unit: Unit, place: Place, offset: number, sizes: readonly AccessSize[]): Node => {
  const { builder } = unit;
  const whole = sizes.length > 1 ? readWithNeighbours(unit, place, offset, sizes) : null;
  if (whole !== null) return whole;
  let at = offset;
  const [first, ...others] = sizes.map((size): Chunk => {
    const node = swapped(unit, loadBytes(unit, place.region, place.pointer, at, size), size);
    at += size;
    return { node, size };
  }) as [Chunk, ...Chunk[]];
  return others.reduce(
    (node, part) => builder.binary("or", builder.binary("shl", node, builder.constant(part.size * 8)), part.node),
    first.node,
  );
};

/**
 * The same at once, with bytes of the header that lie behind: only of packets, whose bytes may be read at any time and as they
 * lie, and not what the program wrote there, which a wider load would wait for.
 */
const readWithNeighbours = (unit: Unit, place: Place, offset: number, sizes: readonly AccessSize[]): Node | null => {
  const { builder } = unit;
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const size = bytes < 4 ? 4 : 8;
  const { region, pointer, base, limit } = place;
  if (bytes > 8 || region.space !== "packet" || !Number.isFinite(limit) || offset + size > base + limit) return null;
  if (size > (region.widest ?? 8) || isWritten(unit, region, pointer, offset, sizes)) return null;
  const node = swapped(unit, loadBytes(unit, region, pointer, offset, size), size);
  return builder.binary("shr", node, builder.constant((size - bytes) * 8));
};

const isWritten = (
  unit: Unit,
  region: Region,
  pointer: Node,
  offset: number,
  sizes: readonly AccessSize[],
): boolean => {
  let at = offset;
  return sizes.some((size) => {
    const known = knownBytes(unit, region, pointer, at, size);
    at += size;
    return known !== null;
  });
};

export const readLittle = (unit: Unit, place: Place, offset: number, sizes: readonly AccessSize[]): Node => {
  const { builder } = unit;
  let node: Node | null = null;
  let done = 0;
  for (const size of [...sizes].reverse()) {
    const part = loadBytes(unit, place.region, place.pointer, offset + done, size);
    node = node === null ? part : builder.binary("or", node, builder.binary("shl", part, builder.constant(done * 8)));
    done += size;
  }
  return node as Node;
};

/** The low bytes of a value, in network order, written in pieces of these sizes. */
export const writeBig = (unit: Unit, place: Place, offset: number, sizes: readonly AccessSize[], value: Node): void => {
  const { builder } = unit;
  let left = sizes.reduce<number>((sum, size) => sum + size, 0);
  let at = offset;
  for (const size of sizes) {
    left -= size;
    const part = builder.binary("shr", value, builder.constant(left * 8));
    storeBytes(unit, place.region, place.pointer, at, size, swapped(unit, part, size));
    at += size;
  }
};

export const writeLittle = (
  unit: Unit,
  place: Place,
  offset: number,
  sizes: readonly AccessSize[],
  value: Node,
): void => {
  const { builder } = unit;
  let done = 0;
  for (const size of [...sizes].reverse()) {
    const part = builder.binary("shr", value, builder.constant(done * 8));
    storeBytes(unit, place.region, place.pointer, offset + done, size, part);
    done += size;
  }
};

/** How a 24-, 48- or 56-bit big-endian integer is put together: parts from the most significant on. */
const parts: Readonly<Record<number, readonly AccessSize[]>> = { 24: [2, 1], 48: [4, 2], 56: [4, 2, 1] };

const swapped = (unit: Unit, node: Node, size: AccessSize): Node =>
  size === 1 ? node : unit.builder.byteSwap(node, (size * 8) as 16 | 32 | 64);

export const sizesOf = (type: IntegerType): readonly AccessSize[] =>
  parts[type.bits] ?? [(type.bits / 8) as AccessSize];

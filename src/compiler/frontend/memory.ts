/**
 * Loads and stores with what is known of memory. Packet, stack, ring and context bytes change only by this program's
 * own stores, so a byte read or written is not read again. Map memory is shared: it is read exactly where the source
 * reads it.
 */
import type { Node } from "../ssa/ir.ts";
import type { Unit } from "./unit.ts";
import type { Region } from "./values.ts";

export type AccessSize = 1 | 2 | 4 | 8;

const shared = (region: Region): boolean => region.space === "map" || region.space === "btf";

/** The verifier wants stack accesses aligned; packet and map memory may be read as it lies. */
const misaligned = (region: Region, offset: number, size: number): boolean =>
  size > (region.widest ?? 8) || (region.space === "stack" && (offset % size !== 0 || size > (region.alignment ?? 8)));

const keyOf = (pointer: Node, offset: number, size: number): string => `${pointer.id}+${offset}:${size}`;

const MAX_REMEMBERED = 64;

/** What is known to lie at a place that was read or written before. */
const recall = (unit: Unit, pointer: Node, offset: number, size: AccessSize): Node | undefined =>
  unit.builder.state.get(unit.memory, keyOf(pointer, offset, size))?.node;

const remember = (unit: Unit, region: Region, pointer: Node, offset: number, size: AccessSize, node: Node): void => {
  const { entries } = unit.memory;
  if (entries.size >= MAX_REMEMBERED) {
    const [oldest] = entries.keys();
    unit.builder.state.set(unit.memory, oldest as string, undefined);
  }
  unit.builder.state.set(unit.memory, keyOf(pointer, offset, size), { node, region, pointer, offset, size });
};

/** Refuses a view that the packet has moved away from. */
export const checkEpoch = (unit: Unit, region: Region): void => {
  if (region.epoch === null || region.epoch === unit.epoch()) return;
  unit.refuse("HM1202", "the packet has moved since this view was taken; take it again with packet.at()");
};

/** The `size` bytes at `pointer + offset` as a little-endian register, zero-extended. */
export const loadBytes = (unit: Unit, region: Region, pointer: Node, offset: number, size: AccessSize): Node => {
  checkEpoch(unit, region);
  if (misaligned(region, offset, size)) {
    const half = (size / 2) as AccessSize;
    const low = loadBytes(unit, region, pointer, offset, half);
    const high = loadBytes(unit, region, pointer, offset + half, half);
    return unit.builder.binary("or", low, unit.builder.binary("shl", high, unit.builder.constant(half * 8)));
  }
  if (shared(region)) return unit.builder.load(pointer, offset, size, region.space);
  const known = recall(unit, pointer, offset, size);
  if (known !== undefined) return known;
  const node = unit.builder.load(pointer, offset, size, region.space);
  remember(unit, region, pointer, offset, size, node);
  return node;
};

/** What is known to be in these bytes without a look; null when that is nothing. */
export const knownBytes = (
  unit: Unit,
  region: Region,
  pointer: Node,
  offset: number,
  size: AccessSize,
): Node | null => {
  if (shared(region)) return null;
  return unit.builder.state.get(unit.memory, keyOf(pointer, offset, size))?.node ?? null;
};

/** Two registers that were read from 4 bytes each, read at once where the bytes are neighbours and still the same; else null. */
export const loadTogether = (unit: Unit, low: Node, high: Node): Node | null => {
  const [pointer] = low.args;
  if (pointer === undefined || high.args[0] !== pointer || high.offset !== low.offset + 4) return null;
  const known = [low, high].map((node) => {
    const found = unit.builder.state.get(unit.memory, keyOf(pointer, node.offset, 4));
    return node.op === "load" && found?.node === node ? found : null;
  });
  const [first, second] = known;
  if (first === null || first === undefined || second === null || misaligned(first.region, low.offset, 8)) return null;
  return loadBytes(unit, first.region, pointer, low.offset, 8);
};

/** Writes the low `size` bytes of `value`. */
export const storeBytes = (
  unit: Unit,
  region: Region,
  pointer: Node,
  offset: number,
  size: AccessSize,
  value: Node,
): void => {
  checkEpoch(unit, region);
  if (misaligned(region, offset, size)) {
    const half = (size / 2) as AccessSize;
    storeBytes(unit, region, pointer, offset, half, value);
    storeBytes(
      unit,
      region,
      pointer,
      offset + half,
      half,
      unit.builder.binary("shr", value, unit.builder.constant(half * 8)),
    );
    return;
  }
  const kept = size === 8 ? value : unit.builder.zeroExtend(value, (size * 8) as 8 | 16 | 32);
  // What is there already need not be written again.
  if (!shared(region) && recall(unit, pointer, offset, size) === kept) return;
  forget(unit, region, pointer, offset, size);
  unit.builder.store(pointer, offset, size, value, region.space);
  if (shared(region)) return;
  remember(unit, region, pointer, offset, size, kept);
};

/** Drops what a write of `size` bytes at `pointer + offset` may change; every byte of the region without a place. */
export const forget = (unit: Unit, region: Region, pointer?: Node, offset = 0, size = 0): void => {
  if (region.space !== "stack" || region.isLent === true) unit.written.add(region.space);
  unit.builder.state.removeWhere(unit.memory, (_, known) => {
    if (known.region.key !== region.key) return false;
    if (pointer === undefined || known.pointer !== pointer) return true;
    return known.offset < offset + size && offset < known.offset + known.size;
  });
};

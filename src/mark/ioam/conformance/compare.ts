/** What a transit node did to a packet, and where two nodes differ. */
import { layoutColumns, type ColumnPlace } from "./column-places.ts";
import { HOP_BY_HOP_AT } from "./frames.ts";

/** In one word: what the kernel's rules can come to. `other` is what none of them allows. */
export type Handling = "dropped" | "filled" | "overflow set" | "untouched" | "other";

/** A field of an entry that two nodes filled differently, or bytes elsewhere. */
export interface Difference {
  /** A value of the trace (`transitDelayNs`), `handling`, `frame length`, or `byte N`. */
  readonly what: string;
  /** In hex, or in words; of the first node (the kernel) and of the other. */
  readonly kernel: string;
  readonly other: string;
}

/** An entry that is new in a packet. */
interface NewEntry {
  readonly columns: readonly ColumnPlace[];
}

const IPV6_HOP_LIMIT_AT = 21;
const OPTION_IOAM = 0x31;
const PREALLOCATED = 0;
const OVERFLOW_MASK = 0x04;

/** The entries that `after` has and `before` had not. Packets are Ethernet frames; routers cut off what their IPv6 length leaves out. */
const newEntries = (before: Uint8Array, after: Uint8Array): NewEntry[] => {
  const view = new DataView(after.buffer, after.byteOffset, after.length);
  const entries: NewEntry[] = [];
  for (const at of tracesIn(after)) {
    const left = after[at + 7]! & 127;
    if (left === (before[at + 7]! & 127)) continue;
    entries.push({ columns: layoutColumns(view.getUint32(at + 8) >>> 8, at + 12 + left * 4) });
  }
  return entries;
};

/** Values of the entries that are new: by name, as `0x…`. */
export const newValues = (before: Uint8Array, after: Uint8Array): { name: string; value: string }[] =>
  newEntries(before, after).flatMap(({ columns }) =>
    columns.map(({ name, at, size }) => ({ name, value: hex(after, at, size) })),
  );

/** What became of it; null is a packet that did not come out. */
export const handlingOf = (before: Uint8Array, after: Uint8Array | null): Handling => {
  if (after === null) return "dropped";
  if (after.length > before.length) return "other";
  if (newEntries(before, after).length > 0) return "filled";
  const changed = [...after.keys()].filter((at) => after[at] !== before[at] && !isForwarding(at));
  if (changed.length === 0) return "untouched";
  const flags = new Set([...tracesIn(after)].map((at) => at + 6));
  return changed.every((at) => flags.has(at) && (after[at]! ^ before[at]!) === OVERFLOW_MASK)
    ? "overflow set"
    : "other";
};

/** Where the outputs of two nodes differ for the same packet. Empty: they did the same, to the byte. */
export const differencesOf = (
  before: Uint8Array,
  kernel: Uint8Array | null,
  other: Uint8Array | null,
): Difference[] => {
  if (kernel === null || other === null) {
    if (kernel === other) return [];
    return [{ what: "handling", kernel: handlingOf(before, kernel), other: handlingOf(before, other) }];
  }
  const found: Difference[] = [];
  if (kernel.length !== other.length)
    found.push({ what: "frame length", kernel: String(kernel.length), other: String(other.length) });
  const inEntries = new Set<number>();
  for (const { columns } of newEntries(before, kernel)) {
    for (const { name, at, size } of columns) {
      for (let index = 0; index < size; index++) inEntries.add(at + index);
      const values = [hex(kernel, at, size), hex(other, at, size)] as const;
      if (values[0] !== values[1]) found.push({ what: name, kernel: values[0], other: values[1] });
    }
  }
  for (const at of kernel.keys()) {
    if (kernel[at] === other[at] || inEntries.has(at) || at >= other.length) continue;
    found.push({ what: `byte ${at}`, kernel: hex(kernel, at, 1), other: hex(other, at, 1) });
  }
  return found;
};

/** Addresses of the link layer and the hop limit change at every router. */
const isForwarding = (at: number): boolean => at < 12 || at === IPV6_HOP_LIMIT_AT;

/** Where the pre-allocated traces of a frame's Hop-by-Hop header start, of those whose header is whole. */
function* tracesIn(frame: Uint8Array): Generator<number> {
  if (frame[20] !== 0) return;
  const end = Math.min(frame.length, HOP_BY_HOP_AT + 8 + (frame[HOP_BY_HOP_AT + 1] ?? 0) * 8);
  for (let at = HOP_BY_HOP_AT + 2; at + 12 <= end; at += frame[at] === 0 ? 1 : 2 + frame[at + 1]!) {
    if (frame[at] === OPTION_IOAM && frame[at + 3] === PREALLOCATED) yield at;
  }
}

const hex = (bytes: Uint8Array, at: number, size: number): string =>
  `0x${[...bytes.subarray(at, at + size)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

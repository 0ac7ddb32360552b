/** Writing a node's own entry into a trace: the same code for encapsulating, transit and final nodes. */
import { taiNs } from "../../kernel/helpers.ts";
import type { PacketContext } from "../../kernel/packet-context.ts";
import { ioamFields, traceTypeBit } from "../../wire/ioam/fields.ts";
import type { Layout } from "../../wire/layout.ts";
import type { OpaqueState } from "./node.ts";

type Columns = Record<string, number | bigint>;

/** One row of the field table, as the programs want it: whether a trace type has it, and how far it moves the rest. */
export interface EntryStep {
  readonly bit: number;
  readonly layout: Layout<Columns>;
  readonly mask: number;
  /** `(traceType >>> shift) & size` is the field's size when the type has it, and 0 when it has not: no branch. */
  readonly shift: number;
  readonly size: number;
  readonly columns: readonly { readonly name: string; readonly unset: number | bigint }[];
}

const stepOf = (bit: number, layout: Layout, size: number): EntryStep => ({
  bit,
  layout: layout as Layout<Columns>,
  mask: traceTypeBit(bit),
  shift: 23 - bit - Math.log2(size),
  size,
  columns: layout.fields.map(({ name, bits }) => ({
    name,
    unset: bits > 48 ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1,
  })),
});

/** Every field of fixed size, in the order in which they lie in an entry. */
export const entrySteps: readonly EntryStep[] = ioamFields.flatMap(({ bit, layout, size, variable }) =>
  layout === null || variable ? [] : [stepOf(bit, layout, size)],
);

const masksOf = (size: number): number =>
  entrySteps.filter((step) => step.size === size).reduce((mask, step) => mask | step.mask, 0);
const narrowFields = masksOf(4);
const wideFields = masksOf(8);

/** How many bits are set in 24 bits. */
const countBits = (value: number): number => {
  const pairs = value - ((value >>> 1) & 0x55_5555);
  const nibbles = (pairs & 0x33_3333) + ((pairs >>> 2) & 0x33_3333);
  const bytes = (nibbles + (nibbles >>> 4)) & 0x0f_0f0f;
  return (bytes + (bytes >>> 8) + (bytes >>> 16)) & 0x1f;
};

/** 4-byte words of an entry, without the opaque state snapshot: what the header's node length must be. */
export const entryWords = (traceType: number): number =>
  countBits(traceType & narrowFields) + 2 * countBits(traceType & wideFields);

/**
 * Where a trace is written: hands `use` a view of `layout`, `at` bytes from the place's start. False, without a call, when
 * its bytes end before that.
 */
export type Place = <T>(layout: Layout<T>, at: number, use: (view: T) => void) => boolean;

/** The packet, from its link-layer header on. */
export const inPacket =
  (ctx: PacketContext): Place =>
  (layout, at, use) => {
    const view = ctx.packet.at(layout, at);
    if (view === null) return false;
    use(view);
    return true;
  };

/** Writes an entry at `start`; what `values` leaves out is all ones. False when the place's bytes end before it does. */
export const writeEntry = (
  place: Place,
  start: number,
  traceType: number,
  values: Readonly<Partial<Columns>>,
): boolean => {
  let at = start;
  for (const { layout, mask, shift, size, columns } of entrySteps) {
    if ((traceType & mask) !== 0) {
      const written = place(layout, at, (field) => {
        for (const { name, unset } of columns) field[name] = values[name] ?? unset;
      });
      if (!written) return false;
    }
    at += (traceType >>> shift) & size;
  }
  return true;
};

/** Writes the opaque state snapshot at `at`. */
export const writeOpaqueState = (place: Place, at: number, state: OpaqueState): boolean =>
  place(state.layout, at, (field) => {
    for (const [name, value] of state.values) field[name] = value;
  });

/** ns of the wall clock: TAI steps with it and differs by whole seconds, which user space knows. */
export const wallClockNs = (taiOffsetNs: bigint): bigint => BigInt.asUintN(64, taiNs() - taiOffsetNs);

/** Seconds, and microseconds within the second: what Linux writes into fields 2 and 3. */
export const secondsOf = (ns: bigint): number => Number(ns / 1_000_000_000n);

export const microsecondsOf = (ns: bigint): number => Number((ns % 1_000_000_000n) / 1000n);

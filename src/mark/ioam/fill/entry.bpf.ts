/** Writing a node's own entry into a trace: the same code for encapsulating, transit and final nodes. */
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { ioamFields, opaqueStateBit, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { header, type Layout } from "../../../wire/layout.ts";
import type { OpaqueState } from "../node.ts";

type Columns = Record<string, number | bigint>;

/** One row of the field table, as the programs want it: whether a trace type has it, and how far it moves the rest. */
export interface EntryStep {
  readonly bit: number;
  readonly layout: Layout<Columns>;
  readonly mask: number;
  /** `(traceType >>> shift) & size` is the field's size when the type has it, and 0 when it has not: no branch. */
  readonly shift: number;
  readonly size: number;
  readonly columns: readonly EntryColumn[];
}

interface EntryColumn {
  readonly name: string;
  readonly unset: number | bigint;
  readonly bits: number;
  /** How many bits of the field come after it. */
  readonly below: number;
}

/** Columns of more bits are bigints. */
const MOST_IN_A_NUMBER = 48;

const stepOf = (bit: number, layout: Layout, size: number): EntryStep => ({
  bit,
  layout: layout as Layout<Columns>,
  mask: traceTypeBit(bit),
  shift: 23 - bit - Math.log2(size),
  size,
  columns: layout.fields.map(({ name, bits, bitOffset }) => ({
    name,
    unset: bits > MOST_IN_A_NUMBER ? (1n << BigInt(bits)) - 1n : 2 ** bits - 1,
    bits,
    below: size * 8 - bitOffset - bits,
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

/**
 * Trace types that are asked for most: ids, time, delay, data and queue; and ids with the time alone. Their entries are one
 * layout, written in one go, where others are put together field by field.
 */
const commonTypes = [0xfe0000, 0xf00000] as const;

export const commonEntries = commonTypes.map((traceType) => {
  const steps = entrySteps.filter(({ mask }) => (traceType & mask) !== 0);
  const fields = steps.flatMap(({ layout }) => layout.fields.map(({ name, type }) => [name, type] as const));
  return {
    traceType,
    layout: header("entry", "RFC 9197, section 4.4.2", Object.fromEntries(fields)) as Layout<Columns>,
    columns: steps.flatMap(({ columns }) => columns),
  };
});

/** How many bits are set in 32 bits. */
const countBits = (value: number): number => {
  const pairs = value - ((value >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  const bytes = (nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f;
  return (bytes + (bytes >>> 8) + (bytes >>> 16) + (bytes >>> 24)) & 0x3f;
};

/** Puts the bits of wide fields, which are bits 8 to 10, above all others as well: they count twice. */
const WIDE_UP = 11;

/** 4-byte words of an entry, without the opaque state snapshot: what the header's node length must be. */
export const entryWords = (traceType: number): number =>
  countBits((traceType & (narrowFields | wideFields)) | ((traceType & wideFields) << WIDE_UP));

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

/** The opaque state snapshot, should the trace type ask for it. */
export interface EntryState {
  /** The sum of its 16-bit words: less than 2^28. */
  readonly sum: number;
  /** Writes it at `at`; false when the place's bytes end before. */
  write(place: Place, at: number): boolean;
}

/**
 * Writes an entry of `words` words at `start`; what `values` leaves out is all ones, but for the checksum complement, which
 * is made up from the rest. False when the place's bytes end before the entry does.
 */
export const writeEntry = (
  place: Place,
  start: number,
  traceType: number,
  words: number,
  values: Readonly<Partial<Columns>>,
  state: EntryState,
): boolean => {
  for (const common of commonEntries) {
    if (traceType === common.traceType) {
      return place(common.layout, start, (entry) => {
        for (const { name, unset } of common.columns) entry[name] = values[name] ?? unset;
      });
    }
  }
  const complement = (): number => complementOf(traceType, words, values, state.sum);
  const at = writeFields(place, start, traceType, entrySteps, values, complement);
  if (at < 0) return false;
  return (traceType & opaqueStateBit) === 0 || state.write(place, at);
};

/**
 * Writes those fields of `steps` that the type has, from `start` on, and returns where they end; what `values` leaves out is all
 * ones. -1 when the place's bytes end before.
 */
export const writeFields = (
  place: Place,
  start: number,
  traceType: number,
  steps: readonly EntryStep[],
  values: Readonly<Partial<Columns>>,
  complement: (() => number) | null = null,
): number => {
  let at = start;
  for (const { bit, layout, mask, shift, size, columns } of steps) {
    if ((traceType & mask) !== 0) {
      const written = place(layout, at, (field) => {
        if (bit === COMPLEMENT_BIT && complement !== null) field[COMPLEMENT] = complement();
        else for (const { name, unset } of columns) field[name] = values[name] ?? unset;
      });
      if (!written) return -1;
    }
    at += (traceType >>> shift) & size;
  }
  return at;
};

/** Writes the opaque state snapshot at `at`. */
export const writeOpaqueState = (place: Place, at: number, state: OpaqueState): boolean =>
  place(state.layout, at, (field) => {
    for (const [name, value] of state.values) field[name] = value;
  });

/** The snapshot of one namespace. */
export const entryStateOf = (state: OpaqueState): EntryState => ({
  sum: sumOf(state),
  write: (place, at) => writeOpaqueState(place, at, state),
});

/** The sum of its 16-bit words. */
export const sumOf = ({ values }: OpaqueState): number =>
  values.reduce((sum, [name, value]) => sum + (name === "length" ? value << 8 : halves(value)), 0);

/** The field of RFC 9197, section 4.4.2.8, and the name of its value. */
export const COMPLEMENT_BIT = 7;
export const COMPLEMENT = "checksumComplement";

/**
 * What makes a node's work neutral to a checksum over the option: its entry took the place of zeros, and the header's
 * remaining length fell by its words. So every entry sums up to its words (ones' complement, 16 bits).
 */
const complementOf = (traceType: number, words: number, values: Readonly<Partial<Columns>>, opaque: number): number => {
  const sum = entrySum(traceType, values) + ((traceType >>> (23 - OPAQUE_STATE)) & 1) * opaque;
  return fold(words + 0xffff - fold(sum));
};

const OPAQUE_STATE = 22;

/** The checksum complement of an entry in which `values` have taken the places of all ones, which sum up to nothing. */
export const complementAfter = (complement: number, traceType: number, values: Readonly<Partial<Columns>>): number =>
  fold((complement & 0xffff) + 0xffff - fold(entrySum(traceType, values)));

/**
 * The sum of the 16-bit words of those fields that the type has and that have a value. What is all ones does not count, in
 * ones' complement. Without branches: the verifier would walk all ways through what follows.
 */
const entrySum = (traceType: number, values: Readonly<Partial<Columns>>): number => {
  let sum = 0;
  for (const { bit, columns } of entrySteps) {
    const present = (traceType >>> (23 - bit)) & 1;
    for (const { name, bits, below } of columns) {
      const value = bit === COMPLEMENT_BIT ? undefined : values[name];
      if (value === undefined) continue;
      sum += present * (bits > MOST_IN_A_NUMBER ? halvesOfWide(BigInt(value)) : halves(Number(value) << (below % 16)));
    }
  }
  return sum;
};

const halves = (value: number): number => (value >>> 16) + (value & 0xffff);

const halvesOfWide = (value: bigint): number => halves(Number(value >> 32n)) + halves(Number(value & 0xffff_ffffn));

/** A sum of less than 2^32 in 16 bits. */
const fold = (sum: number): number => {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
};

/** Seconds, and microseconds within the second: what Linux writes into fields 2 and 3. */
export const secondsOf = (ns: bigint): number => Number(ns / 1_000_000_000n);

export const microsecondsOf = (ns: bigint): number => Number((ns % 1_000_000_000n) / 1000n);

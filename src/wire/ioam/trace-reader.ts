/** Reads IOAM traces in place: no object, string or bigint is made, so a ring of them can be read at full speed. */
import { readBits } from "../integer.ts";
import type { IntegerType, Layout } from "../layout.ts";
import { ioamFields, nodeLengthOf, opaqueStateBit, traceTypeBit } from "./fields.ts";
import { IoamTraceHeader } from "./header.ts";

/** One value of the field table: a column over the hops of a trace. */
export interface IoamColumn {
  readonly name: string;
  readonly bit: number;
  /** Bytes from the start of the field. */
  readonly offset: number;
  readonly type: IntegerType;
  readonly hex: boolean;
}

/** The values of the fixed fields, in the order of {@link ioamFields}. */
export const ioamColumns: readonly IoamColumn[] = ioamFields.flatMap(({ bit, layout, hex, variable }) =>
  layout === null || variable
    ? []
    : layout.fields.map(({ name, bitOffset, type }) => ({
        name,
        bit,
        offset: bitOffset / 8,
        type: integerType(layout, type),
        hex,
      })),
);

const columnSizes = Uint8Array.from(ioamColumns, ({ type }) => type.bits / 8);
const columnOnes = Float64Array.from(ioamColumns, ({ type }) => 2 ** type.bits - 1);

/** Index of a column by its name: `columnOf("nodeId")`. Throws an Error that names it. */
export const columnOf = (name: string): number => {
  const index = ioamColumns.findIndex((column) => column.name === name);
  if (index < 0) throw new Error(`${name} is not a value of an IOAM trace`);
  return index;
};

/** More than fit: an entry takes at least one word of 244 bytes. */
const maxHops = 61;

/**
 * A reusable reader. `read` finds the hops; the getters and {@link value} then read from the same bytes, which must not
 * change meanwhile. Hop 0 is the first node of the path.
 */
export class TraceReader {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the trace header starts. */
  offset = 0;
  traceType = 0;
  /** Words, as the header says. */
  nodeLength = 0;
  /** Words, as the header says. */
  remainingWords = 0;
  hopCount = 0;
  /** What is wrong with the trace, or null. The hops are then those found before it. */
  malformed: string | null = null;
  readonly #starts = new Int32Array(maxHops);
  readonly #columns = new Int16Array(ioamColumns.length).fill(-1);
  #columnsOfType = 0;
  /** Words that {@link #columnsOfType} takes. */
  #expected = 0;

  /** Reads the trace whose header is at `offset`, `length` bytes with its data. False, and {@link malformed} says why, when it is not right. */
  read(bytes: Uint8Array, offset: number, length: number): boolean {
    this.bytes = bytes;
    this.offset = offset;
    this.hopCount = 0;
    if (length < IoamTraceHeader.size || offset + length > bytes.length) {
      this.traceType = 0;
      this.nodeLength = 0;
      this.remainingWords = 0;
      return this.#refuse("the trace header is cut");
    }
    this.traceType = readBits(bytes, (offset + 4) * 8, 24);
    this.nodeLength = bytes[offset + 2]! >> 3;
    this.remainingWords = bytes[offset + 3]! & 0x7f;
    if (this.traceType !== this.#columnsOfType) this.#place(this.traceType);
    return this.#findHops(offset + length);
  }

  get namespaceId(): number {
    return readBits(this.bytes, this.offset * 8, 16);
  }

  get overflow(): boolean {
    return (this.bytes[this.offset + 2]! & 0x04) !== 0;
  }

  get loopback(): boolean {
    return (this.bytes[this.offset + 2]! & 0x02) !== 0;
  }

  get active(): boolean {
    return (this.bytes[this.offset + 2]! & 0x01) !== 0;
  }

  /** Whether the trace type has this column. */
  has(column: number): boolean {
    return this.#columns[column]! >= 0;
  }

  /** A value of up to 48 bits; -1 when it is not in the trace or the node could not give it (all ones). */
  value(hop: number, column: number): number {
    const at = this.#columns[column]!;
    if (at < 0) return -1;
    const { bytes } = this;
    const start = this.start(hop) + at;
    const size = columnSizes[column]!;
    if (size === 4) {
      const value = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
      return value === -1 ? -1 : value >>> 0;
    }
    if (size === 2) {
      const value = (bytes[start]! << 8) | bytes[start + 1]!;
      return value === 0xffff ? -1 : value;
    }
    if (size === 3) {
      const value = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
      return value === 0xff_ffff ? -1 : value;
    }
    let value = bytes[start]!;
    for (let index = start + 1; index < start + size; index++) value = value * 256 + bytes[index]!;
    return value === columnOnes[column] ? -1 : value;
  }

  /** Microseconds since 1970, exact; -1 when seconds or fraction are missing or the fraction is not in microseconds. */
  timestampUs(hop: number): number {
    const seconds = this.value(hop, secondsColumn);
    const fraction = this.value(hop, fractionColumn);
    return seconds < 0 || fraction < 0 || fraction >= 1_000_000 ? -1 : seconds * 1_000_000 + fraction;
  }

  /** Where in the bytes a hop's entry starts. */
  start(hop: number): number {
    return this.#starts[this.hopCount - 1 - hop]!;
  }

  /** Where in the bytes the hop's value starts, or -1. For values of more than 48 bits. */
  valueOffset(hop: number, column: number): number {
    const at = this.#columns[column]!;
    return at < 0 ? -1 : this.start(hop) + at;
  }

  /** Where in the bytes the hop's opaque state snapshot starts, or -1. */
  opaqueOffset(hop: number): number {
    return (this.traceType & opaqueStateBit) === 0 ? -1 : this.start(hop) + this.nodeLength * 4;
  }

  #refuse(reason: string): false {
    this.malformed = reason;
    return false;
  }

  /** Notes where each column lies in an entry of this trace type. */
  #place(traceType: number): void {
    let at = 0;
    let column = 0;
    for (const { bit, layout, size, variable } of ioamFields) {
      if (layout === null || variable) continue;
      const present = (traceType & traceTypeBit(bit)) !== 0;
      for (let index = 0; index < layout.fields.length; index++, column++) {
        this.#columns[column] = present ? at + ioamColumns[column]!.offset : -1;
      }
      if (present) at += size;
    }
    this.#columnsOfType = traceType;
    this.#expected = nodeLengthOf(traceType);
  }

  #findHops(end: number): boolean {
    if (this.nodeLength !== this.#expected) {
      return this.#refuse(`node length ${this.nodeLength}, but the trace type has ${this.#expected}`);
    }
    let at = this.offset + IoamTraceHeader.size + this.remainingWords * 4;
    if (at > end) return this.#refuse("more free words than the trace has");
    const opaque = (this.traceType & opaqueStateBit) !== 0;
    if (at < end && this.nodeLength === 0 && !opaque) return this.#refuse("data without a field that it could be");
    while (at < end) {
      let next = at + this.nodeLength * 4;
      if (opaque) next += next < end ? 4 + this.bytes[next]! * 4 : 4;
      if (next > end) return this.#refuse("the last entry is cut");
      if (this.hopCount === maxHops) return this.#refuse("more entries than an option can hold");
      this.#starts[this.hopCount++] = at;
      at = next;
    }
    this.malformed = null;
    return true;
  }
}

const secondsColumn = columnOf("timestampSeconds");
const fractionColumn = columnOf("timestampFraction");

function integerType(layout: Layout, type: Layout["fields"][number]["type"]): IntegerType {
  if (type.kind !== "integer") throw new Error(`${layout.name}: only whole integers are IOAM values`);
  return type;
}

import type { RecordLayout } from "../../compiler/program.ts";
import { readLayout } from "../../wire/codec.ts";
import { toHex } from "../../wire/hex.ts";
import { bitsOf, type Field, type FieldType, type Layout } from "../../wire/layout.ts";
import { leavesOf, shownValue } from "./leaves.ts";

/** A ring record for people and `--json`. */
export interface DecodedRecord {
  /** Null when no layout, or more than one, has its length. */
  readonly layout: string | null;
  /** What it reads as; else its bytes in hexadecimal. */
  readonly value: unknown;
  /** `address ::1  bytes 118`. */
  readonly text: string;
}

/**
 * Reads the records of a ring by their length: what the program reserves has a layout's size. A record that it put out with
 * a length is of the one layout that is longer and may be cut short.
 */
export class RecordDecoder {
  readonly #layouts: readonly RecordLayout[];
  /** By a record's bytes; null where no layout, or more than one, fits. */
  readonly #bySize = new Map<number, Layout | null>();

  constructor(layouts: readonly RecordLayout[]) {
    this.#layouts = layouts;
  }

  decode(bytes: Uint8Array): DecodedRecord {
    let layout = this.#bySize.get(bytes.length);
    if (layout === undefined) this.#bySize.set(bytes.length, (layout = this.#layoutOf(bytes.length)));
    if (layout === null) {
      const hex = toHex(bytes);
      return { layout: null, value: hex, text: `${bytes.length} bytes ${hex}` };
    }
    const value = readLayout(layout, bytes, 0);
    const text = leavesOf(layout, value).map((leaf) => `${leaf.name} ${leaf.text}`);
    return { layout: layout.name, value: shownValue(layout, value), text: text.join("  ") };
  }

  #layoutOf(size: number): Layout | null {
    const [layout, another] = this.#layouts.filter((one) => one.layout.size === size);
    if (layout !== undefined) return another === undefined ? layout.layout : null;
    const [longer, other] = this.#layouts.filter((one) => one.mayBeShorter && one.layout.size > size);
    return longer === undefined || other !== undefined ? null : shortened(longer.layout, size);
  }
}

/** What the first `size` bytes show of a layout: whole fields, of arrays whole elements. */
const shortened = (layout: Layout, size: number): Layout => ({
  ...layout,
  size,
  fields: layout.fields.flatMap((field): Field[] => {
    const bits = size * 8 - field.bitOffset;
    if (field.bits <= bits) return [field];
    const { type } = field;
    if (bits <= 0 || type.kind !== "array") return [];
    const element = type.element as FieldType;
    const length = Math.floor(bits / bitsOf(element));
    return length === 0 ? [] : [{ ...field, type: { ...type, length }, bits: length * bitsOf(element) }];
  }),
});

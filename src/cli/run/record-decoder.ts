import { readLayout } from "../../wire/codec.ts";
import { toHex } from "../../wire/hex.ts";
import type { Layout } from "../../wire/layout.ts";
import { leavesOf } from "./leaves.ts";

/** A ring record for people and `--json`. */
export interface DecodedRecord {
  /** Null when no layout, or more than one, has its length. */
  readonly layout: string | null;
  /** What it reads as; else its bytes in hexadecimal. */
  readonly value: unknown;
  /** `address ::1  bytes 118`. */
  readonly text: string;
}

/** Reads the records of a ring by their length: the program reserves a layout, and a layout has a size. */
export class RecordDecoder {
  readonly #bySize = new Map<number, Layout[]>();

  constructor(layouts: readonly Layout[]) {
    for (const layout of layouts) this.#bySize.set(layout.size, [...(this.#bySize.get(layout.size) ?? []), layout]);
  }

  decode(bytes: Uint8Array): DecodedRecord {
    const [layout, another] = this.#bySize.get(bytes.length) ?? [];
    if (layout === undefined || another !== undefined) {
      const hex = toHex(bytes);
      return { layout: null, value: hex, text: `${bytes.length} bytes ${hex}` };
    }
    const value = readLayout(layout, bytes, 0);
    const text = leavesOf(layout, value).map((leaf) => `${leaf.name} ${leaf.text}`);
    return { layout: layout.name, value, text: text.join("  ") };
  }
}

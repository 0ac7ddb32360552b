import type { Layout } from "../../wire/layout.ts";

/** Of each byte of a layout the bits that belong to a field; without `bitFields`, to a field of whole bytes. */
export const coverage = (layout: Layout, bitFields: boolean): Uint8Array => {
  const covered = new Uint8Array(layout.size);
  for (const { type, bitOffset, bits } of layout.fields) {
    if (type.kind === "nested" && bitFields) covered.set(coverage(type.layout, true), bitOffset / 8);
    else if (type.kind !== "bits") covered.fill(0xff, bitOffset / 8, (bitOffset + bits) / 8);
    else if (bitFields) {
      for (let at = bitOffset; at < bitOffset + bits; at++)
        covered[at >> 3] = (covered[at >> 3] as number) | (0x80 >> (at & 7));
    }
  }
  return covered;
};

import { ioamFields, traceTypeBit } from "../../../wire/ioam/fields.ts";

/** Where a value of an entry lies in a packet. */
export interface ColumnPlace {
  readonly name: string;
  readonly at: number;
  /** Bytes. */
  readonly size: number;
}

/** The values of fixed size that an entry of a trace type has, when it starts at `start`. */
export const layoutColumns = (traceType: number, start: number): ColumnPlace[] => {
  const places: ColumnPlace[] = [];
  let at = start;
  for (const { bit, layout, size, variable } of ioamFields) {
    if (layout === null || variable || (traceType & traceTypeBit(bit)) === 0) continue;
    for (const { name, bitOffset, bits } of layout.fields)
      places.push({ name, at: at + bitOffset / 8, size: bits / 8 });
    at += size;
  }
  return places;
};

/** Options of pcapng blocks, to bytes and back. */
import { OptionCode, padded } from "./block.ts";

/** An option's value: text (UTF-8), bytes, or an integer of 8, 32 or 64 bits. */
export type OptionValue =
  | { readonly text: string }
  | { readonly u8: number }
  | { readonly u32: number }
  | { readonly u64: bigint }
  | { readonly time: { readonly high: number; readonly low: number } };

export type BlockOption = readonly [code: number, value: OptionValue];

const encoder = new TextEncoder();
/** Longer ones do not fit in an option. */
const MAX_OPTION = 0xffff;

/** Options as they stand at the end of a little-endian block; no bytes when there are none. RangeError when one is longer than 65,535 bytes. */
export const encodeOptions = (options: readonly BlockOption[]): Uint8Array => {
  if (options.length === 0) return new Uint8Array(0);
  const values = options.map(([, value]) => encodeValue(value));
  const size = values.reduce((sum, { length }) => sum + 4 + padded(length), 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  options.forEach(([code], index) => {
    const value = values[index]!;
    if (value.length > MAX_OPTION) throw new RangeError(`an option of ${value.length} bytes`);
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  });
  return bytes;
};

const encodeValue = (value: OptionValue): Uint8Array => {
  if ("text" in value) return encoder.encode(value.text);
  if ("u8" in value) return Uint8Array.of(value.u8);
  const view = new DataView(new ArrayBuffer("u32" in value ? 4 : 8));
  if ("u32" in value) view.setUint32(0, value.u32, true);
  else if ("u64" in value) view.setBigUint64(0, value.u64, true);
  else {
    view.setUint32(0, value.time.high, true);
    view.setUint32(4, value.time.low, true);
  }
  return new Uint8Array(view.buffer);
};

/**
 * Calls back for every option between two places, until the end or an option that is cut. `offset` and `length` are of
 * the value.
 */
export const visitOptions = (
  view: DataView,
  from: number,
  to: number,
  little: boolean,
  visit: (code: number, offset: number, length: number) => void,
): void => {
  for (let at = from; at + 4 <= to;) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === OptionCode.End || at + 4 + length > to) return;
    visit(code, at + 4, length);
    at += 4 + padded(length);
  }
};

const decoder = new TextDecoder();

/** The texts of all options with this code, in their order. */
export const optionTexts = (view: DataView, from: number, to: number, little: boolean, code: number): string[] => {
  const texts: string[] = [];
  visitOptions(view, from, to, little, (found, offset, length) => {
    if (found === code) texts.push(decoder.decode(new Uint8Array(view.buffer, view.byteOffset + offset, length)));
  });
  return texts;
};

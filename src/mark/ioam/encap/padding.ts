/** The bytes between options. */
import { be16, be32, header, u8, type FieldType, type Layout } from "../../../wire/layout.ts";
import { Ipv6OptionType } from "../../../wire/protocols/ipv6-options.ts";

/** Padding as a program writes it. */
export interface PaddingBytes {
  readonly layout: Layout<Record<string, number>>;
  readonly values: readonly { readonly name: string; readonly value: number }[];
}

/** A Pad1 or PadN of 1 to 7 bytes, in the fewest fields that hold it. */
export const paddingOf = (bytes: number): PaddingBytes => {
  const fields: Record<string, FieldType> = {};
  const values: { name: string; value: number }[] = [];
  let start = bytes === 1 ? Ipv6OptionType.Pad1 : (Ipv6OptionType.PadN << 8) | (bytes - 2);
  for (const [size, type] of [
    [4, be32],
    [2, be16],
    [1, u8],
  ] as const) {
    if ((bytes & size) === 0) continue;
    const name = `bytes${size}`;
    fields[name] = type;
    // Type and length stand in the first two bytes, the rest is zero.
    values.push({ name, value: size === 1 ? start : start * 2 ** ((size - 2) * 8) });
    start = 0;
  }
  return { layout: header("padding", "RFC 8200, section 4.2", fields) as Layout<Record<string, number>>, values };
};

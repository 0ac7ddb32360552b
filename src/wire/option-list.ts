/**
 * Lists of options that each carry a type and a length: IPv4, TCP, IPv6 and neighbour discovery have the same idea in four
 * spellings. A format and its known options are data; bytes that are no option are kept, so that encoding gives them back.
 */
import { encodeLayout, readLayout } from "./codec.ts";
import type { Layout } from "./layout.ts";

/** An option with a meaning of its own. */
export interface OptionKind<Name extends string = string, Value = unknown> {
  readonly kind: Name;
  readonly type: number;
  /** IPv6: the option starts at a multiple of `every` plus `plus`. */
  readonly alignment?: { readonly every: number; readonly plus: number };
  /** The option's data, without type and length; null when it is not of this kind after all. */
  decode(bytes: Uint8Array, offset: number, length: number): Value | null;
  encode(value: Value): Uint8Array;
  /** As the packet's line prints it. */
  text(bytes: Uint8Array, offset: number, length: number): string;
}

/** How a protocol spells its lists. */
export interface OptionFormat<Kinds extends readonly OptionKind[] = readonly OptionKind[]> {
  /** Options of one byte, without length, by type. */
  readonly singles: Readonly<Record<number, string>>;
  /** The type that ends the list; what follows it is padding. */
  readonly end?: number;
  /** Whether an option's length counts its type and length bytes. */
  readonly lengthCountsHeader: boolean;
  /** Bytes in which lengths count. */
  readonly unit: 1 | 8;
  readonly kinds: Kinds;
  /** The kinds by type; made by {@link optionFormat}. */
  readonly byType: readonly (OptionKind | undefined)[];
}

/** A format from its description. */
export const optionFormat = <const Kinds extends readonly OptionKind[]>(
  format: Omit<OptionFormat<Kinds>, "byType">,
): OptionFormat<Kinds> => ({
  ...format,
  byType: Array.from({ length: 256 }, (_, type) => format.kinds.find((kind) => kind.type === type)),
});

/** An option without a meaning here, one byte alone, or bytes that are no option. */
export type PlainOption =
  | { readonly kind: "unknown"; readonly type: number; readonly data: Uint8Array }
  | { readonly kind: "single"; readonly type: number }
  | { readonly kind: "raw"; readonly data: Uint8Array };

type ValueOf<K> = K extends OptionKind<infer Name, infer Value> ? { readonly kind: Name } & Readonly<Value> : never;

/** What a list of this format decodes to. */
export type OptionOf<F> = F extends OptionFormat<infer Kinds> ? ValueOf<Kinds[number]> | PlainOption : never;

/** An option whose data is one layout. */
export const layoutOption = <Name extends string, Value extends object>(
  kind: Name,
  type: number,
  layout: Layout<Value>,
  text: (value: Value) => string,
): OptionKind<Name, Value> => ({
  kind,
  type,
  decode: (bytes, offset, length) => (length === layout.size ? readLayout(layout, bytes, offset) : null),
  encode: (value) => encodeLayout(layout, value),
  text: (bytes, offset, length) => (length === layout.size ? text(readLayout(layout, bytes, offset)) : kind),
});

/** Calls `visit` for each option with its type and the place of its data (length -1: a single byte); returns where the list ends or breaks. */
const walkOptions = (
  format: OptionFormat,
  bytes: Uint8Array,
  offset: number,
  end: number,
  visit: (type: number, dataOffset: number, dataLength: number) => void,
): number => {
  let at = offset;
  while (at < end) {
    const type = bytes[at]!;
    if (format.singles[type] !== undefined) {
      visit(type, at + 1, -1);
      at++;
      if (type === format.end) return at;
      continue;
    }
    if (at + 2 > end) return at;
    const length = bytes[at + 1]! * format.unit + (format.lengthCountsHeader ? 0 : 2);
    if (length < 2 || at + length > end) return at;
    visit(type, at + 2, length - 2);
    at += length;
  }
  return at;
};

export const decodeOptions = <Kinds extends readonly OptionKind[]>(
  format: OptionFormat<Kinds>,
  bytes: Uint8Array,
  offset: number,
  end: number,
): OptionOf<OptionFormat<Kinds>>[] => {
  const options: unknown[] = [];
  const stop = walkOptions(format, bytes, offset, end, (type, at, length) => {
    if (length < 0) {
      options.push({ kind: "single", type });
      return;
    }
    const known = format.byType[type];
    const value = known?.decode(bytes, at, length) ?? null;
    options.push(
      known === undefined || value === null
        ? { kind: "unknown", type, data: bytes.subarray(at, at + length) }
        : { kind: known.kind, ...value },
    );
  });
  if (stop < end) options.push({ kind: "raw", data: bytes.subarray(stop, end) });
  return options as OptionOf<OptionFormat<Kinds>>[];
};

/** Fills `gap` bytes before an option that must be aligned, or at the list's end. */
export type PadOptions = (gap: number) => Uint8Array;

/**
 * The list's bytes. With `pad`, options come where their alignment wants them: `start` is how many bytes of the header
 * precede the list. Throws an Error when an option is too long for its length field.
 */
export const encodeOptions = <Kinds extends readonly OptionKind[]>(
  format: OptionFormat<Kinds>,
  options: readonly OptionOf<OptionFormat<Kinds>>[],
  pad?: PadOptions,
  start = 0,
): Uint8Array => {
  const bytes: number[] = [];
  for (const option of options as readonly (PlainOption | { readonly kind: string })[]) {
    const alignment = format.kinds.find(({ kind }) => kind === option.kind)?.alignment;
    if (pad !== undefined && alignment !== undefined) {
      const { every, plus } = alignment;
      bytes.push(...pad((every - ((start + bytes.length - plus) % every)) % every));
    }
    encodeOption(format, option, bytes);
  }
  return Uint8Array.from(bytes);
};

/** The options as a packet's line prints them. */
export const optionTexts = (
  format: OptionFormat,
  bytes: Uint8Array,
  offset: number,
  end: number,
  unknown: (type: number, dataLength: number) => string,
): string[] => {
  const texts: string[] = [];
  const stop = walkOptions(format, bytes, offset, end, (type, at, length) => {
    if (length < 0) texts.push(format.singles[type]!);
    else texts.push(format.byType[type]?.text(bytes, at, length) ?? unknown(type, length));
  });
  if (stop < end && (stop === offset || bytes[stop - 1] !== format.end)) texts.push("[bad opt]");
  return texts;
};

const encodeOption = (format: OptionFormat, option: PlainOption | { readonly kind: string }, bytes: number[]): void => {
  if ("data" in option && option.kind === "raw") {
    bytes.push(...option.data);
    return;
  }
  if ("type" in option && option.kind === "single") {
    bytes.push(option.type);
    return;
  }
  const known = format.kinds.find(({ kind }) => kind === option.kind);
  const type = known?.type ?? ("type" in option ? option.type : undefined);
  const data = known?.encode(option) ?? ("data" in option ? option.data : undefined);
  if (type === undefined || data === undefined) throw new Error(`${option.kind} is not an option here`);
  const length = (data.length + (format.lengthCountsHeader ? 2 : 0)) / format.unit;
  if (!Number.isInteger(length) || length > 255)
    throw new Error(`option ${option.kind}: ${data.length} bytes of data do not fit`);
  bytes.push(type, length, ...data);
};

/** Random layouts: as text for the module, and as what the generator must know of their fields. */
import type { AddressFamily } from "../../../src/wire/layout.ts";
import type { Random } from "../random.ts";
import type { Interval } from "./interval.ts";

/** What atomic functions do with a field: nothing, load and store, or change. */
export type Atomic = "no" | "access" | "update";

export type FieldKind =
  | { readonly kind: "number"; readonly range: Interval; readonly atomic: Atomic }
  | { readonly kind: "bigint"; readonly range: Interval; readonly atomic: Atomic }
  | { readonly kind: "address"; readonly family: AddressFamily }
  | {
      readonly kind: "array";
      readonly element: FieldKind;
      readonly length: number;
      /** Null where they are not known: of structs, which may have holes. */
      readonly bytes: number | null;
    }
  | { readonly kind: "nested"; readonly shape: Shape };

export interface ShapeField {
  readonly name: string;
  readonly type: FieldKind;
}

export interface Shape {
  readonly name: string;
  readonly fields: readonly ShapeField[];
  /** Fields lie at their natural alignment, as atomic operations need. */
  readonly aligned: boolean;
  /** Bytes, holes not counted. */
  readonly bytes: number;
  /** `const H0 = header(…);` */
  readonly text: string;
}

interface TypeChoice {
  readonly text: string;
  readonly bytes: number;
  readonly type: FieldKind;
}

const unsigned = (bits: number): Interval => ({ low: 0n, high: (1n << BigInt(bits)) - 1n });
const signed = (bits: number): Interval => ({ low: -(1n << BigInt(bits - 1)), high: (1n << BigInt(bits - 1)) - 1n });

const number = (text: string, bits: number, atomic: Atomic = "no"): TypeChoice => ({
  text,
  bytes: bits / 8,
  type: { kind: "number", range: unsigned(bits), atomic },
});
const bigint = (text: string, bits: number, atomic: Atomic = "no"): TypeChoice => ({
  text,
  bytes: bits / 8,
  type: { kind: "bigint", range: unsigned(bits), atomic },
});

const network: readonly TypeChoice[] = [
  number("u8", 8),
  number("be16", 16),
  number("be24", 24),
  number("be32", 32),
  number("be48", 48),
  bigint("be56", 56),
  bigint("be64", 64),
];
const native: readonly TypeChoice[] = [
  number("u8", 8, "access"),
  number("u16", 16, "access"),
  number("u32", 32, "update"),
  bigint("u64", 64, "update"),
  { text: "i32", bytes: 4, type: { kind: "number", range: signed(32), atomic: "update" } },
  { text: "i64", bytes: 8, type: { kind: "bigint", range: signed(64), atomic: "update" } },
];
const addresses: readonly TypeChoice[] = [
  { text: "macAddress", bytes: 6, type: { kind: "address", family: "mac" } },
  { text: "ipv4Address", bytes: 4, type: { kind: "address", family: "ipv4" } },
  { text: "ipv6Address", bytes: 16, type: { kind: "address", family: "ipv6" } },
];

/** Scalars that a map's key or value may be without a layout. */
export const scalarChoice = (random: Random): TypeChoice =>
  random.pick(random.chance(0.2) ? addresses : [...network, ...native]);

/** A packed header (`order` of fields as on the wire) or a struct for maps and records. */
export const randomShape = (
  random: Random,
  name: string,
  purpose: "header" | "struct",
  known: readonly Shape[],
  maxBytes: number,
): Shape => {
  const fields: ShapeField[] = [];
  const texts: string[] = [];
  let bytes = 0;
  const add = (text: string, size: number, type: FieldKind): void => {
    const field = `f${fields.length}`;
    fields.push({ name: field, type });
    texts.push(`${field}: ${text}`);
    bytes += size;
  };
  const wanted = random.between(1, purpose === "header" ? 7 : 5);
  while (fields.length < wanted) {
    if (random.chance(purpose === "header" ? 0.3 : 0.15)) {
      const widths = bitWidths(random);
      const size = widths.reduce((sum, width) => sum + width, 0) / 8;
      if (bytes + size > maxBytes) break;
      widths.forEach((width, at) => {
        add(`bits(${width})`, at === 0 ? size : 0, { kind: "number", range: unsigned(width), atomic: "no" });
      });
      continue;
    }
    const choice = fieldChoice(random, purpose, known, maxBytes - bytes);
    if (choice === null) break;
    add(choice.text, choice.bytes, choice.type);
  }
  if (fields.length === 0) add("u8", 1, { kind: "number", range: unsigned(8), atomic: "no" });
  const list = `{ ${texts.join(", ")} }`;
  const text =
    purpose === "header"
      ? `const ${name} = header("${name}", "", ${list});`
      : `const ${name} = struct("${name}", ${list});`;
  return { name, fields, aligned: purpose === "struct", bytes, text };
};

/** Widths of bit fields that together fill whole bytes; some cross a byte. */
const bitWidths = (random: Random): number[] => {
  const total = random.pick([8, 8, 16, 24, 32, 32, 40, 64]);
  const widths: number[] = [];
  for (let left = total; left > 0;) {
    const width = Math.min(left, 32, random.pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 17, 20, 24, 31, 32]));
    widths.push(width);
    left -= width;
  }
  return widths;
};

const fieldChoice = (
  random: Random,
  purpose: "header" | "struct",
  known: readonly Shape[],
  room: number,
): TypeChoice | null => {
  const scalars = purpose === "header" ? [...network, ...network, ...native] : [...native, ...native, ...network];
  const choice = random.weighted<() => TypeChoice>([
    [6, () => random.pick(scalars)],
    [2, () => random.pick(addresses)],
    [2, () => arrayOf(random, random.pick(random.chance(0.15) ? addresses : scalars))],
    [known.length === 0 ? 0 : 1, () => nestedIn(random, random.pick(known))],
  ])();
  return choice.bytes > room ? null : choice;
};

const arrayOf = (random: Random, element: TypeChoice): TypeChoice => {
  const length = random.pick(element.text === "u8" ? [1, 4, 6, 8, 16, 30] : [1, 2, 3, 4, 4, 5, 8]);
  return {
    text: element.text === "u8" && random.chance(0.2) ? `chars(${length})` : `array(${element.text}, ${length})`,
    bytes: element.bytes * length,
    type: {
      kind: "array",
      element: element.type,
      length,
      bytes: element.type.kind === "nested" ? null : element.bytes * length,
    },
  };
};

const nestedIn = (random: Random, shape: Shape): TypeChoice => {
  const choice: TypeChoice = { text: `nested(${shape.name})`, bytes: shape.bytes, type: { kind: "nested", shape } };
  return random.chance(0.25) ? arrayOf(random, choice) : choice;
};

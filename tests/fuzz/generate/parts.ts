/** The descriptors of a generated module: maps, rings, global variables, helpers. */
import type { FieldKind, Shape } from "./shapes.ts";
import type { AddressFamily } from "../../../src/wire/layout.ts";
import type { Interval } from "./interval.ts";

export type { Shape } from "./shapes.ts";

export interface MapPart {
  readonly name: string;
  readonly kind: "storage" | "hash" | "lru" | "percpuHash" | "lruPercpuHash" | "array" | "percpuArray" | "lpm";
  readonly key: Shape | FieldKind;
  /** What a lookup's view shows: of a scalar value, one field `value`. */
  readonly value: Shape;
  readonly entries: number;
  /** A map of maps that has it at index 1. */
  readonly outer: string | null;
}

export const isShape = (part: Shape | FieldKind): part is Shape => "fields" in part;

export interface RingPart {
  readonly name: string;
  /** A map of maps that has it at index 1. */
  readonly outer: string | null;
}

/** A global variable. */
export interface GlobalPart {
  readonly name: string;
  readonly type: Extract<FieldKind, { kind: "number" | "bigint" }>;
}

export type HelperParameter =
  | { readonly kind: "number"; readonly range: Interval }
  | { readonly kind: "bigint" | "boolean" }
  | { readonly kind: "address"; readonly family: AddressFamily }
  | { readonly kind: "view"; readonly shape: Shape }
  | { readonly kind: "context" };

/** A function of the module that values and views go into and one value, or nothing, comes out of. */
export interface HelperPart {
  readonly name: string;
  readonly parameters: readonly HelperParameter[];
  readonly result: {
    readonly kind: ResultKind;
    /** Of integers. */
    readonly range: Interval;
    readonly wrapped: boolean;
  };
}

/** Addresses by their families. */
export type ResultKind = "number" | "bigint" | "boolean" | "nothing" | AddressFamily;

/** A function of the module that gives a view or null. */
export interface FinderPart {
  readonly name: string;
  readonly shape: Shape;
  /** Null: in the packet. */
  readonly map: MapPart | null;
}

/** A function of the module that gives a number, a bigint, a boolean and an address together. */
export interface GathererPart {
  readonly name: string;
  readonly a: Interval & { readonly wrapped: boolean };
  readonly b: Interval;
  /** It gives null on some ways. */
  readonly mayBeMissing: boolean;
}

/** A trie's key starts with how many bits of it count. */
export const PREFIX_LENGTH = "prefixLength";

/** The table of interfaces. */
export const DEVICES = "devices";

/** What sockets carry. */
export const CARRIED = "carried";

/** The array of programs to go on as. */
export const TARGETS = "targets";

/** The recursive function that looks a number up in a table. */
export const FIND = "find";

/** A constant array of the module, for `for..of` and constant indexes. */
export interface TablePart {
  readonly name: string;
  readonly rows: readonly { readonly a: number; readonly b: bigint; readonly on: boolean }[];
}

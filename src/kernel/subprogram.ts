/** Functions that are compiled once and called, where others are written out at each call. */
import { HopmarkError } from "../errors.ts";
import type { AddressType, IntegerType, Layout } from "../wire/layout.ts";
import type { CgroupSkbContext } from "./cgroup-context.ts";
import type { TcContext, XdpContext } from "./context.ts";

/** What a parameter's word for a context stands for. */
export interface SubprogramContexts {
  readonly xdp: XdpContext;
  readonly tc: TcContext;
  readonly cgroupSkb: CgroupSkbContext;
}

/**
 * What a subprogram takes: an integer of a type, an address, a boolean, a view of a layout (never null: test before the
 * call), or the context of a program of that type.
 */
export type SubprogramParameter = IntegerType | AddressType | Layout | "boolean" | keyof SubprogramContexts;

/** What a subprogram returns; not an IPv6 address, which no register holds. */
export type SubprogramResult = IntegerType | AddressType | "boolean" | "nothing";

type ArgumentOf<P> = P extends keyof SubprogramContexts
  ? SubprogramContexts[P]
  : P extends "boolean"
    ? boolean
    : P extends IntegerType<infer T>
      ? T
      : P extends AddressType<infer T>
        ? T
        : P extends Layout<infer T>
          ? T
          : never;

type ArgumentsOf<P extends readonly SubprogramParameter[]> = { -readonly [K in keyof P]: ArgumentOf<P[K]> };

type ResultOf<R> = R extends "nothing"
  ? void
  : R extends "boolean"
    ? boolean
    : R extends IntegerType<infer T>
      ? T
      : R extends AddressType<infer T>
        ? T
        : never;

export interface SubprogramOptions {
  /** What listings, the kernel and bpftool call it; the name of the constant it is assigned to by default. */
  readonly name?: string;
}

/** A subprogram as the compiler finds it behind the function that is called. */
export interface Subprogram {
  readonly name: string | undefined;
  readonly parameters: readonly SubprogramParameter[];
  readonly result: SubprogramResult;
  readonly body: Function;
}

/** Registers for arguments. */
const MAX_REGISTERS = 5;

/** How many registers a parameter takes. */
export const registersOf = (type: SubprogramParameter): number =>
  typeof type === "object" && type.kind === "address" && type.bits > 64 ? 2 : 1;

const subprograms = new WeakMap<Function, Subprogram>();

/** The subprogram behind a function that {@link subprogram} returned, or undefined. */
export const subprogramOf = (fn: Function): Subprogram | undefined => subprograms.get(fn);

/**
 * A function that a kernel program calls instead of having it written out at each call: for what is large and called from many
 * places. A call costs a few ns, and what was known of the arguments, constants included, is not known inside.
 *
 * At most five parameters, of which each IPv6 address counts as two. Arguments must be proven to fit their types (`u8` to
 * `u64`, `i32`), and so must the result; views must be proven present, and may lie in the packet, in maps, in ring records or in copies: it is compiled once for each such
 * kind that it is called with. A subprogram that moves the packet, or reads it beyond its views, takes the context. All
 * subprograms on one way of calls share 512 bytes of stack and are at most 8 deep, the program included; none may call itself.
 *
 *     const mix = subprogram([u64, u32], u64, (hash, word) => BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n));
 *
 * @throws HopmarkError `subprogram` for more than five parameters, and for types that no register holds
 */
export const subprogram = <const P extends readonly SubprogramParameter[], R extends SubprogramResult>(
  parameters: P,
  result: R,
  body: (...args: ArgumentsOf<P>) => ResultOf<R>,
  options: SubprogramOptions = {},
): ((...args: ArgumentsOf<P>) => ResultOf<R>) => {
  parameters.forEach(requireParameter);
  requireResult(result);
  const registers = parameters.reduce((sum, type) => sum + registersOf(type), 0);
  if (registers > MAX_REGISTERS)
    throw new HopmarkError(
      "subprogram",
      `a subprogram has at most ${MAX_REGISTERS} parameters, not ${parameters.length}${registers > parameters.length ? "; each IPv6 address counts as two" : ""}`,
      { hint: "put values that belong together into a struct, or a map's value, and pass a view of it" },
    );
  const call = (...args: ArgumentsOf<P>): ResultOf<R> => body(...args);
  subprograms.set(call, { name: options.name, parameters, result, body });
  return call;
};

const words: ReadonlySet<string> = new Set(["boolean", "xdp", "tc", "cgroupSkb"] satisfies SubprogramParameter[]);

/** What the types say, for who has none. */
const requireParameter = (type: SubprogramParameter, at: number): void => {
  if (typeof type === "string" ? words.has(type) : isHeld(type) || isOf(type, "layout")) return;
  throw new HopmarkError("subprogram", `a subprogram cannot take ${wordFor(type)} as parameter ${at + 1}`, {
    hint: 'it takes integers (u8 to u64, i32), addresses, "boolean", layouts (a view of one), and the context as "xdp", "tc" or "cgroupSkb"',
  });
};

const requireResult = (type: SubprogramResult): void => {
  const isWide = isOf(type, "address") && type.bits > 64;
  if (type === "boolean" || type === "nothing" || (isHeld(type) && !isWide)) return;
  throw new HopmarkError("subprogram", `a subprogram cannot return ${isWide ? "an IPv6 address" : wordFor(type)}`, {
    hint: 'it returns an integer (u8 to u64, i32), an IPv4 or MAC address, "boolean" or "nothing"; pass a view, and let it write what is larger into a field',
  });
};

/** Whether registers hold it: bigints are those of 0..2^64-1. */
const isHeld = (type: unknown): type is IntegerType | AddressType =>
  isOf(type, "address") || (isOf(type, "integer") && !(type.signed && type.bits === 64));

const isOf = <K extends (IntegerType | AddressType | Layout)["kind"]>(
  type: unknown,
  kind: K,
): type is Extract<IntegerType | AddressType | Layout, { kind: K }> =>
  typeof type === "object" && type !== null && "kind" in type && type.kind === kind;

const wordFor = (type: unknown): string => {
  if (isOf(type, "integer")) return "i64 (bigints are of 0..2^64-1 there: u64)";
  if (typeof type === "string") return `"${type}"`;
  const kind = typeof type === "object" && type !== null && "kind" in type ? String(type.kind) : String(type);
  return isOf(type, "layout") ? `a view of ${type.name}` : kind === "bits" ? "a bit field" : `this (${kind})`;
};

/** Functions that are compiled once and called, where others are written out at each call. */
import { HopmarkError } from "../errors.ts";
import type { IntegerType, Layout } from "../wire/layout.ts";
import type { CgroupSkbContext } from "./cgroup-context.ts";
import type { TcContext, XdpContext } from "./context.ts";

/** What a parameter's word for a context stands for. */
export interface SubprogramContexts {
  readonly xdp: XdpContext;
  readonly tc: TcContext;
  readonly cgroupSkb: CgroupSkbContext;
}

/**
 * What a subprogram takes: an integer of a type, a boolean, a view of a layout (never null: test before the call), or the
 * context of a program of that type.
 */
export type SubprogramParameter = IntegerType | Layout | "boolean" | keyof SubprogramContexts;

/** What a subprogram returns. */
export type SubprogramResult = IntegerType | "boolean" | "nothing";

type ArgumentOf<P> = P extends keyof SubprogramContexts
  ? SubprogramContexts[P]
  : P extends "boolean"
    ? boolean
    : P extends IntegerType<infer T>
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

/** What registers hold. */
const MAX_PARAMETERS = 5;

const subprograms = new WeakMap<Function, Subprogram>();

/** The subprogram behind a function that {@link subprogram} returned, or undefined. */
export const subprogramOf = (fn: Function): Subprogram | undefined => subprograms.get(fn);

/**
 * A function that a kernel program calls instead of having it written out at each call: for what is large and called from many
 * places. A call costs a few ns, and what was known of the arguments, constants included, is not known inside.
 *
 * At most five parameters. Arguments must be proven to fit their types (`u8` to `u64`, `i32`), and so must the result; views
 * must be proven present, and may lie in the packet, in maps, in ring records or in copies: it is compiled once for each such
 * kind that it is called with. A subprogram that moves the packet, or reads it beyond its views, takes the context. All
 * subprograms on one way of calls share 512 bytes of stack and are at most 8 deep, the program included; none may call itself.
 *
 *     const mix = subprogram([u64, u32], u64, (hash, word) => BigInt.asUintN(64, (hash ^ BigInt(word)) * 0x100000001b3n));
 *
 * @throws HopmarkError `subprogram` for more than five parameters, and for signed 64-bit integers
 */
export const subprogram = <const P extends readonly SubprogramParameter[], R extends SubprogramResult>(
  parameters: P,
  result: R,
  body: (...args: ArgumentsOf<P>) => ResultOf<R>,
  options: SubprogramOptions = {},
): ((...args: ArgumentsOf<P>) => ResultOf<R>) => {
  if (parameters.length > MAX_PARAMETERS)
    throw new HopmarkError(
      "subprogram",
      `a subprogram has at most ${MAX_PARAMETERS} parameters, not ${parameters.length}`,
      {
        hint: "put values that belong together into a struct, or a map's value, and pass a view of it",
      },
    );
  for (const type of [...parameters, result]) {
    if (typeof type === "object" && type.kind === "integer" && type.signed && type.bits === 64)
      throw new HopmarkError("subprogram", "a subprogram takes and returns bigints of 0..2^64-1: u64, not i64");
  }
  const call = (...args: ArgumentsOf<P>): ResultOf<R> => body(...args);
  subprograms.set(call, { name: options.name, parameters, result, body });
  return call;
};

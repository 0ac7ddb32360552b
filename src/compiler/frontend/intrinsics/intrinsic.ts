import { describe, isStatic, type Value } from "../values.ts";
import type { Unit } from "../unit.ts";

/** One call of a function of the kernel's vocabulary. */
export interface IntrinsicCall {
  readonly unit: Unit;
  readonly receiver: Value;
  readonly args: readonly Value[];
  readonly node: { readonly start: number; readonly end: number };
}

export interface Intrinsic {
  /** Called with constants alone, JavaScript's own function gives the answer. */
  readonly foldable: boolean;
  readonly apply: (call: IntrinsicCall) => Value;
}

/** A function of the kernel's vocabulary with what the compiler does for it. */
export type IntrinsicEntry = readonly [fn: unknown, intrinsic: Intrinsic];

export const kernelCall = (fn: unknown, apply: Intrinsic["apply"]): IntrinsicEntry => [fn, { foldable: false, apply }];
export const pureCall = (fn: unknown, apply: Intrinsic["apply"]): IntrinsicEntry => [fn, { foldable: true, apply }];

/** An argument that must be known while compiling. */
export const staticArgument = (call: IntrinsicCall, at: number, what: string): unknown => {
  const value = call.args[at];
  if (value === undefined) return undefined;
  return isStatic(value)
    ? value.value
    : call.unit.refuse(
        "HM1004",
        `${what} must be known while compiling; give a constant, or choose between two calls with an if`,
        call.node,
      );
};

export const argument = (call: IntrinsicCall, at: number, what: string): Value =>
  call.args[at] ?? call.unit.refuse("HM1007", `${what} is missing; add it to the arguments`, call.node);

/** `instead`: what to write. */
export const wrongArgument = (call: IntrinsicCall, at: number, wanted: string, instead: string): never =>
  call.unit.refuse(
    "HM1007",
    `${wanted} is needed here, not ${describe(argument(call, at, wanted))}; ${instead}`,
    call.node,
  );

import type { Ast } from "../../source/parse.ts";
import { exactInteger } from "../integers.ts";
import { describe, isStatic, type IntegerValue, type Value } from "../values.ts";
import type { Unit } from "../unit.ts";

/** One call of a function of the kernel's vocabulary. */
export interface IntrinsicCall {
  readonly unit: Unit;
  readonly receiver: Value;
  readonly args: readonly Value[];
  readonly node: { readonly start: number; readonly end: number };
  /** Where each argument is written. */
  readonly places: readonly Ast.Node[];
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
  blameArgument(call, at);
  return isStatic(value)
    ? value.value
    : call.unit.refuse(
        "HM1004",
        `${what} must be known while compiling; give a constant, or choose between two calls with an if`,
      );
};

/** What is refused from now on is refused of this argument. */
export const blameArgument = ({ unit, places }: IntrinsicCall, at: number): void => {
  unit.blamed = places[at] ?? null;
};

/** An argument: what is refused from now on is refused of it. */
export const argument = (call: IntrinsicCall, at: number, what: string): Value => {
  blameArgument(call, at);
  return call.args[at] ?? call.unit.refuse("HM1007", `${what} is missing; add it to the arguments`, call.node);
};

/** An argument that is a number, whole in its register. */
export const numberArgument = (call: IntrinsicCall, at: number, what: string): IntegerValue => {
  const value = exactInteger(call.unit, argument(call, at, what), what);
  if (value.type === "number") return value;
  const instead = value.low === value.high ? `write ${value.low}` : "convert with Number(…)";
  return call.unit.refuse("HM1101", `${what} is a number, not a bigint; ${instead}`);
};

/** `instead`: what to write. */
export const wrongArgument = (call: IntrinsicCall, at: number, wanted: string, instead: string): never =>
  call.unit.refuse("HM1007", `${wanted} is needed here, not ${describe(argument(call, at, wanted))}; ${instead}`);

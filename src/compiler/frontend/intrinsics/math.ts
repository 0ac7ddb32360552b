/** JavaScript's own functions on integers. */
import { branch, bind, jump, Label } from "../flow.ts";
import { compareIntegers } from "../integer-comparisons.ts";
import { asUintN, exactInteger, multiply32, toBigInt, toNumber } from "../integers.ts";
import { materialise } from "../select.ts";
import type { Value } from "../values.ts";
import {
  argument,
  blameArgument,
  pureCall,
  staticArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";

/** The smaller or larger of two or more. */
const extreme = (call: IntrinsicCall, operator: "<" | ">"): Value =>
  call.args.reduce((best, next, at) => {
    const { unit } = call;
    blameArgument(call, at);
    const test = compareIntegers(unit, operator, next, best);
    if (typeof test === "boolean") return test ? next : best;
    const [whenTrue, whenFalse, end] = [new Label(unit), new Label(unit), new Label(unit)];
    branch(unit, test, whenTrue, whenFalse);
    bind(unit, whenTrue);
    jump(unit, end, exactInteger(unit, next, "an argument"));
    bind(unit, whenFalse);
    jump(unit, end, exactInteger(unit, best, "an argument"));
    return bind(unit, end);
  });

export const mathIntrinsics: readonly IntrinsicEntry[] = [
  pureCall(Math.imul, (call) => multiply32(call.unit, argument(call, 0, "a factor"), argument(call, 1, "a factor"))),
  pureCall(Math.min, (call) => extreme(call, "<")),
  pureCall(Math.max, (call) => extreme(call, ">")),
  pureCall(Math.trunc, (call) => exactInteger(call.unit, argument(call, 0, "a number"), "the argument")),
  pureCall(Math.floor, (call) => exactInteger(call.unit, argument(call, 0, "a number"), "the argument")),
  pureCall(BigInt, (call) => toBigInt(call.unit, argument(call, 0, "a number"))),
  pureCall(Number, (call) => {
    const value = argument(call, 0, "a bigint");
    if (value.kind !== "boolean") return toNumber(call.unit, value);
    return { kind: "integer", type: "number", node: materialise(call.unit, value), low: 0n, high: 1n, wrapped: false };
  }),
  pureCall(BigInt.asUintN, (call) => {
    const bits = staticArgument(call, 0, "the width");
    if (typeof bits !== "number" || bits < 1 || bits > 64)
      return call.unit.refuse("HM1007", "the width must be 1 to 64; BigInt.asUintN(64, …) is what a register holds");
    return asUintN(call.unit, bits, argument(call, 1, "a bigint"));
  }),
];

/** Redirects that a table of interfaces decides. */
import { DevMap } from "../../../kernel/dev-map.ts";
import { U32_MAX } from "../../ssa/range.ts";
import { proofAdvice } from "../fresh-reads.ts";
import type { IntegerValue, Value } from "../values.ts";
import { Helper } from "./helper.ts";
import { kernelCall, numberArgument, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";
import { mapAddress, mapOf } from "./map-receiver.ts";

const unsigned = (call: IntrinsicCall, at: number, what: string): IntegerValue => {
  const value = numberArgument(call, at, what);
  if (value.low >= 0n && value.high <= U32_MAX) return value;
  const range = `it is in ${value.low}..${value.high}`;
  return call.unit.refuse(
    "HM1204",
    `${what} must be proven to lie in 0..${U32_MAX}, ${range}; ${proofAdvice(call.unit, value, "test it first")}`,
  );
};

const redirect = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { builder } = unit;
  const map = mapOf(call);
  if (unit.type !== "xdp") {
    const hint = "use ctx.redirect() here";
    return unit.refuse("HM1007", `only XDP programs redirect by a map of interfaces; ${hint}`, call.node);
  }
  const index = unsigned(call, 0, "the index");
  const flags = call.args[1] === undefined ? builder.constant(0) : unsigned(call, 1, "the flags").node;
  const node = builder.call(Helper.redirectMap, [mapAddress(call, map), index.node, flags]);
  return { kind: "integer", type: "number", node, low: 0n, high: 4n, wrapped: false };
};

export const devMapIntrinsics: readonly IntrinsicEntry[] = [kernelCall(DevMap.prototype.redirect, redirect)];

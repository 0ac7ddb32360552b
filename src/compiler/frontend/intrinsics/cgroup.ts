/** Who a cgroup's packet belongs to. */
import { CgroupSkbContext } from "../../../kernel/cgroup-context.ts";
import type { Node } from "../../ssa/ir.ts";
import { U64_MAX } from "../../ssa/range.ts";
import { asNode, exactInteger } from "../integers.ts";
import type { Value } from "../values.ts";
import { Helper } from "./helper.ts";
import { argument, kernelCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

const id = ({ unit }: IntrinsicCall, helper: number, ...args: readonly Node[]): Value => {
  const node = unit.builder.call(helper, [unit.builder.context, ...args]);
  return { kind: "integer", type: "bigint", node, low: 0n, high: U64_MAX, wrapped: false };
};

const ancestor = (call: IntrinsicCall): Value => {
  const level = exactInteger(call.unit, argument(call, 0, "the level"), "the level");
  return id(call, Helper.skbAncestorCgroupId, asNode(call.unit, level, "number", "the level", 32));
};

export const cgroupIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(CgroupSkbContext.prototype.socketCookie, (call) => id(call, Helper.socketCookie)),
  kernelCall(CgroupSkbContext.prototype.cgroupId, (call) => id(call, Helper.skbCgroupId)),
  kernelCall(CgroupSkbContext.prototype.ancestorCgroupId, ancestor),
];

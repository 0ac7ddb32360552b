/** Who a cgroup's packet or TCP connection belongs to, and what to be told of it. */
import { CgroupSkbContext } from "../../../kernel/cgroup-context.ts";
import { SockOpsContext } from "../../../kernel/sock-ops-context.ts";
import type { Node } from "../../ssa/ir.ts";
import { U64_MAX } from "../../ssa/range.ts";
import { forget } from "../memory.ts";
import { contextRegion, type Value } from "../values.ts";
import { Helper, succeeded } from "./helper.ts";
import { kernelCall, numberArgument, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";

const id = ({ unit }: IntrinsicCall, helper: number, ...args: readonly Node[]): Value => {
  const node = unit.builder.call(helper, [unit.builder.context, ...args]);
  return { kind: "integer", type: "bigint", node, low: 0n, high: U64_MAX, wrapped: false };
};

const ancestor = (call: IntrinsicCall): Value => {
  return id(call, Helper.skbAncestorCgroupId, numberArgument(call, 0, "the level").node);
};

const setCallbacks = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const { node } = numberArgument(call, 0, "the flags");
  const result = unit.builder.call(Helper.sockOpsCbFlagsSet, [unit.builder.context, node]);
  forget(unit, contextRegion);
  return succeeded(unit, result);
};

export const cgroupIntrinsics: readonly IntrinsicEntry[] = [
  kernelCall(CgroupSkbContext.prototype.socketCookie, (call) => id(call, Helper.socketCookie)),
  kernelCall(CgroupSkbContext.prototype.cgroupId, (call) => id(call, Helper.skbCgroupId)),
  kernelCall(CgroupSkbContext.prototype.ancestorCgroupId, ancestor),
  kernelCall(SockOpsContext.prototype.socketCookie, (call) => id(call, Helper.socketCookie)),
  kernelCall(SockOpsContext.prototype.setCallbacks, setCallbacks),
];

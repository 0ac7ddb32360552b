import { CgroupSkbContext } from "../../kernel/cgroup-context.ts";
import type { ProgramTypeInfo } from "./program-type.ts";
import { SKB_PACKET, skbFields } from "./skb-fields.ts";

/**
 * `struct __sk_buff`, for the packets of a cgroup (`BPF_PROG_TYPE_CGROUP_SKB`). Loaded for ingress, a program that returns 0
 * or 1 can be attached to either side.
 */
export const cgroupSkb: ProgramTypeInfo = {
  type: "cgroupSkb",
  kernelType: 8,
  attachType: 0,
  section: () => "cgroup/skb",
  contextStruct: "__sk_buff",
  contextPrototype: CgroupSkbContext.prototype,
  fields: { ...skbFields, socket: { kind: "socket", offset: 168, isFull: false } },
  packet: { ...SKB_PACKET, readOnly: true },
  packetLength: 0,
  hasVerdict: true,
  largestVerdict: 1n,
};

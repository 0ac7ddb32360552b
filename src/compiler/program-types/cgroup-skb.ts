import { CgroupSkbContext } from "../../kernel/cgroup-context.ts";
import type { ProgramTypeInfo } from "./program-type.ts";
import { SKB_PACKET, skbFields } from "./skb-fields.ts";

const [INGRESS, EGRESS] = [0, 1];

/**
 * `struct __sk_buff`, for the packets of a cgroup (`BPF_PROG_TYPE_CGROUP_SKB`). Loaded for ingress, a program that returns 0
 * or 1 can be attached to either side; 2 and 3 the kernel takes of one that is loaded for egress (Linux 5.3).
 */
export const cgroupSkb: ProgramTypeInfo = {
  type: "cgroupSkb",
  kernelType: 8,
  attachType: ({ egress }) => (egress === true ? EGRESS : INGRESS),
  section: ({ egress }) => (egress === true ? "cgroup_skb/egress" : "cgroup/skb"),
  contextStruct: "__sk_buff",
  contextPrototype: CgroupSkbContext.prototype,
  fields: { ...skbFields, socket: { kind: "socket", offset: 168, isFull: false } },
  packet: { ...SKB_PACKET, readOnly: true },
  packetLength: 0,
  hasVerdict: true,
  largestVerdict: ({ egress }) => (egress === true ? 3n : 1n),
  moreVerdicts: { largest: 3n, madeWith: "cgroupSkb(…, { egress: true })" },
};

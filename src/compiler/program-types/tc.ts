import { Tc, TcContext } from "../../kernel/context.ts";
import type { ProgramTypeInfo } from "./program-type.ts";
import { SKB_PACKET, skbFields } from "./skb-fields.ts";

/** The rest of `TC_ACT_…` in linux/pkt_cls.h. */
const ACTIONS = [1, 3, 4, 5, 6, 8];

/** `struct __sk_buff`, at traffic control (`BPF_PROG_TYPE_SCHED_CLS`). */
export const tc: ProgramTypeInfo = {
  type: "tc",
  kernelType: 3,
  attachType: () => 0,
  section: () => "tc",
  contextStruct: "__sk_buff",
  contextPrototype: TcContext.prototype,
  fields: {
    ...skbFields,
    queueMapping: { ...skbFields.queueMapping, writable: true },
    vlanTci: { offset: 24, size: 2 },
    vlanProtocol: { offset: 28, size: 4, swapped: 16 },
    timestampClock: { offset: 180, size: 1 },
    hardwareTimestamp: { offset: 184, size: 8 },
  },
  packet: SKB_PACKET,
  packetLength: 0,
  hasVerdict: true,
  verdicts: { object: "Tc", numbers: Tc, others: ACTIONS },
};

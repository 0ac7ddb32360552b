import { TcContext } from "../../kernel/context.ts";
import type { ProgramTypeInfo } from "./program-type.ts";

/** `struct __sk_buff`, at traffic control (`BPF_PROG_TYPE_SCHED_CLS`). */
export const tc: ProgramTypeInfo = {
  type: "tc",
  kernelType: 3,
  attachType: 0,
  section: () => "tc",
  contextStruct: "__sk_buff",
  contextPrototype: TcContext.prototype,
  fields: {
    packetType: { offset: 4, size: 4 },
    mark: { offset: 8, size: 4, writable: true },
    queueMapping: { offset: 12, size: 4 },
    protocol: { offset: 16, size: 4, swapped: 16 },
    vlanPresent: { offset: 20, size: 4 },
    ingressIfindex: { offset: 36, size: 4 },
    ifindex: { offset: 40, size: 4 },
    timestamp: { offset: 152, size: 8 },
    gsoSegments: { offset: 164, size: 4 },
    gsoSize: { offset: 176, size: 4 },
    timestampClock: { offset: 180, size: 1 },
  },
  packet: { data: 76, end: 80 },
  packetLength: 0,
  hasVerdict: true,
};

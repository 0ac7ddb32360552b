import { SockOpsContext } from "../../kernel/sock-ops-context.ts";
import type { ContextInteger, ProgramTypeInfo } from "./program-type.ts";

const u32 = (offset: number): ContextInteger => ({ offset, size: 4 });

/** `struct bpf_sock_ops` (`BPF_PROG_TYPE_SOCK_OPS`, attached as `BPF_CGROUP_SOCK_OPS`). */
export const sockOps: ProgramTypeInfo = {
  type: "sockOps",
  kernelType: 13,
  attachType: () => 3,
  section: () => "sockops",
  contextStruct: "bpf_sock_ops",
  // Not before it is asked for: other programs do without this class.
  get contextPrototype() {
    return SockOpsContext.prototype;
  },
  fields: {
    op: u32(0),
    args: { kind: "array", offset: 4, length: 4 },
    reply: { offset: 4, size: 4, writable: true },
    family: u32(20),
    remoteIpv4: { kind: "address", family: "ipv4", offset: 24 },
    localIpv4: { kind: "address", family: "ipv4", offset: 28 },
    remoteIpv6: { kind: "address", family: "ipv6", offset: 32 },
    localIpv6: { kind: "address", family: "ipv6", offset: 48 },
    // In network order, as the later half of 32 bits; the local port is in the host's.
    remotePort: { offset: 64, size: 4, shift: 16, swapped: 16 },
    localPort: u32(68),
    isFullSocket: u32(72),
    sndCwnd: u32(76),
    srttUs: { offset: 80, size: 4, shift: 3 },
    callbackFlags: u32(84),
    state: u32(88),
    rttMinUs: u32(92),
    sndSsthresh: u32(96),
    rcvNxt: u32(100),
    sndNxt: u32(104),
    sndUna: u32(108),
    mssCache: u32(112),
    rateDelivered: u32(120),
    rateIntervalUs: u32(124),
    packetsOut: u32(128),
    retransOut: u32(132),
    totalRetrans: u32(136),
    segsIn: u32(140),
    dataSegsIn: u32(144),
    segsOut: u32(148),
    dataSegsOut: u32(152),
    lostOut: u32(156),
    sackedOut: u32(160),
    bytesReceived: { offset: 168, size: 8 },
    bytesAcked: { offset: 176, size: 8 },
    socket: { kind: "socket", offset: 184, isFull: true },
  },
  packet: null,
  packetLength: null,
  hasVerdict: false,
  // Programs that return 0 have their reply thrown away.
  returns: 1,
};

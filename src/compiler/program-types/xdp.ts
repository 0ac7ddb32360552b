import { Xdp, XdpContext } from "../../kernel/context.ts";
import type { ProgramTypeInfo } from "./program-type.ts";

/** `BPF_F_XDP_HAS_FRAGS`. */
const XDP_HAS_FRAGS = 1 << 5;

/** `struct xdp_md`. */
export const xdp: ProgramTypeInfo = {
  type: "xdp",
  kernelType: 6,
  attachType: () => 37,
  loadFlags: ({ frags }) => (frags === true ? XDP_HAS_FRAGS : 0),
  section: ({ frags }) => (frags === true ? "xdp.frags" : "xdp"),
  contextStruct: "xdp_md",
  contextPrototype: XdpContext.prototype,
  fields: { ifindex: { offset: 12, size: 4 }, rxQueue: { offset: 16, size: 4 } },
  packet: { data: 0, end: 4 },
  packetLength: null,
  hasVerdict: true,
  verdicts: { object: "Xdp", numbers: Xdp },
};

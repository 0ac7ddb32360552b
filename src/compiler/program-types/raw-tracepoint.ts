import { RawTracepointContext } from "../../kernel/tracing.ts";
import type { ProgramTypeInfo } from "./program-type.ts";

/** Tracepoints whose arguments are bare words (`BPF_PROG_TYPE_RAW_TRACEPOINT`). */
export const rawTracepoint: ProgramTypeInfo = {
  type: "rawTracepoint",
  kernelType: 17,
  attachType: () => 0,
  section: ({ target }) => `raw_tp/${target}`,
  contextStruct: "bpf_raw_tracepoint_args",
  contextPrototype: RawTracepointContext.prototype,
  fields: {},
  packet: null,
  packetLength: null,
  hasVerdict: false,
};

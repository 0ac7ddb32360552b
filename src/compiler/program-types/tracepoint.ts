import type { ProgramTypeInfo } from "./program-type.ts";

/** Tracepoints with typed arguments (`BPF_PROG_TYPE_TRACING`, `BPF_TRACE_RAW_TP`); libbpf calls them `tp_btf`. */
export const tracepoint: ProgramTypeInfo = {
  type: "tracepoint",
  kernelType: 26,
  attachType: () => 23,
  attachTo: (target) => ({ kind: "typedef", name: `btf_trace_${target}` }),
  section: ({ target }) => `tp_btf/${target}`,
  contextStruct: "bpf_raw_tracepoint_args",
  contextPrototype: Object.prototype,
  calledWith: "arguments",
  fields: {},
  packet: null,
  packetLength: null,
  hasVerdict: false,
};

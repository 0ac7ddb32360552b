import { IteratorOutput } from "../../kernel/tracing.ts";
import type { ProgramTypeInfo } from "./program-type.ts";

/** Programs that walk what the kernel has (`BPF_PROG_TYPE_TRACING`, `BPF_TRACE_ITER`). */
export const iterator: ProgramTypeInfo = {
  type: "iterator",
  kernelType: 26,
  attachType: () => 28,
  attachTo: (target) => ({ kind: "func", name: `bpf_iter_${target}` }),
  section: ({ target }) => `iter/${target}`,
  contextStruct: "bpf_raw_tracepoint_args",
  contextPrototype: IteratorOutput.prototype,
  fields: {},
  packet: null,
  packetLength: null,
  hasVerdict: false,
};

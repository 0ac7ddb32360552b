/** Every type of program, by its name. A new one is a file here, a context in `kernel/` and its machine in `kernel/simulate/`. */
import type { ProgramType } from "../../kernel/program.ts";
import type { ProgramTypeInfo } from "./program-type.ts";
import { cgroupSkb } from "./cgroup-skb.ts";
import { iterator } from "./iterator.ts";
import { rawTracepoint } from "./raw-tracepoint.ts";
import { sockOps } from "./sock-ops.ts";
import { tc } from "./tc.ts";
import { tracepoint } from "./tracepoint.ts";
import { xdp } from "./xdp.ts";

export const programTypes: Readonly<Record<ProgramType, ProgramTypeInfo>> = {
  xdp,
  tc,
  cgroupSkb,
  sockOps,
  tracepoint,
  rawTracepoint,
  iterator,
};

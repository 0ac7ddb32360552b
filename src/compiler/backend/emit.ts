/** The back end: from the front end's SSA to eBPF. Each step is a file of its own that says what it rewrites into what. */
import type { SsaFunction } from "../ssa/ir.ts";
import { verify } from "../ssa/verify.ts";
import { assignRegisters } from "./assign.ts";
import { buildIntervals } from "./build-intervals.ts";
import { encode, type FunctionCode } from "./code/encode.ts";
import { Frame } from "./frame.ts";
import { finishCode } from "./code/finish.ts";
import { linearScan } from "./linear-scan.ts";
import { orderBlocks } from "./order-blocks.ts";
import { optimise } from "./optimise.ts";
import { repeatSums } from "./passes/repeat-sums.ts";
import { splitCriticalEdges } from "./passes/split-critical-edges.ts";
import { resolve } from "./resolve.ts";
import { spilledAt } from "./stack-lines.ts";
import { select } from "./select.ts";
import type { Cpu } from "./selector.ts";
import { slotLives } from "./slot-lives.ts";

export interface EmitOptions {
  /** Check the function before and after the passes that rewrite it; for tests and when a pass is suspect. */
  readonly verify?: boolean;
  /** `v3` by default, which all supported kernels load. */
  readonly cpu?: Cpu;
}

/**
 * Compiles one function. `fn` is rewritten on the way and of no use afterwards.
 *
 * Errors: `stack-too-large`, `function-too-large`; `internal` and `invalid-ssa` are faults of the compiler.
 */
export const emit = (fn: SsaFunction, options: EmitOptions = {}): FunctionCode => {
  if (options.verify === true) verify(fn);
  optimise(fn);
  splitCriticalEdges(fn);
  repeatSums(fn);
  if (options.verify === true) verify(fn);
  const machine = select(fn, orderBlocks(fn), options.cpu);
  const intervals = buildIntervals(machine);
  const allocation = linearScan(machine, intervals);
  const resolution = resolve(machine, intervals, allocation);
  const frame = new Frame(slotLives(machine));
  const code = assignRegisters(machine, intervals, allocation, resolution, frame);
  frame.check(fn.name, () => spilledAt(machine, allocation.pieces));
  return encode(fn.name, finishCode(code), frame.bytes);
};

/** What the back end costs by size of function, for benchmarks and for eyes: the curve must stay a line. */
import type { SsaFunction } from "../../ssa/ir.ts";
import { emit } from "../emit.ts";
import { randomFunction } from "./random-function.ts";

export interface CostPoint {
  readonly nodes: number;
  readonly instructions: number;
  /** The median of the rounds. */
  readonly ms: number;
  readonly microsecondsPerInstruction: number;
}

/** Emits a random function of about each number of nodes, `rounds` times. */
export const costCurve = (sizes: readonly number[], rounds = 5): CostPoint[] =>
  sizes.map((size) => {
    const make = (): SsaFunction => randomFunction(size, { size: size / 3, pool: 8, calls: true });
    const times: number[] = [];
    let nodes = 0;
    let instructions = 0;
    for (let round = 0; round < rounds; round++) {
      const fn = make();
      nodes = fn.blocks.reduce((sum, block) => sum + block.nodes.length, 0);
      const start = performance.now();
      instructions = emit(fn).instructions.length / 8;
      times.push(performance.now() - start);
    }
    const ms = times.sort((a, b) => a - b)[rounds >> 1]!;
    return { nodes, instructions, ms, microsecondsPerInstruction: (ms * 1000) / instructions };
  });

/** What the back end costs by size of function, for benchmarks and for eyes: the curve must stay a line. */
import type { SsaFunction } from "../../ssa/ir.ts";
import { emit } from "../emit.ts";

export interface CostPoint {
  readonly nodes: number;
  readonly instructions: number;
  /** The least of the rounds. */
  readonly ms: number;
  readonly microsecondsPerNode: number;
}

/** Emits what `make` makes of each size, `rounds` times. */
export const costCurve = (make: (size: number) => SsaFunction, sizes: readonly number[], rounds = 5): CostPoint[] =>
  sizes.map((size) => {
    let ms = Infinity;
    let nodes = 0;
    let instructions = 0;
    for (let round = 0; round < rounds; round++) {
      const fn = make(size);
      nodes = fn.blocks.reduce((sum, block) => sum + block.nodes.length, 0);
      const start = performance.now();
      instructions = emit(fn).instructions.length / 8;
      ms = Math.min(ms, performance.now() - start);
    }
    return { nodes, instructions, ms, microsecondsPerNode: (ms * 1000) / nodes };
  });

/** An example's program over some packets, in the kernel and in V8: what both say and leave in their maps. */
import { expect, onTestFinished } from "vitest";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { compile } from "../../src/compiler/compile.ts";
import type { Program } from "../../src/kernel/program.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";

export interface Both {
  readonly kernel: LoadedProgram;
  readonly v8: SimulatedMaps;
  /** The verdict that both came to. */
  run(packet: Uint8Array): number;
}

export const both = (program: Program<"xdp" | "tc">): Both => {
  const kernel = load(compile(program));
  onTestFinished(() => kernel.close());
  const v8 = new SimulatedMaps();
  return {
    kernel,
    v8,
    run: (packet) => {
      const { verdict } = kernel.testRun(packet);
      expect(simulate(program, { packet, maps: v8 }).verdict).toBe(verdict);
      return verdict;
    },
  };
};

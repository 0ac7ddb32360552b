/** HM1601: what the kernel that a program is compiled for does not have. */
import type { ProgramType } from "../kernel/program.ts";
import { refuse } from "./diagnostics.ts";
import type { EvaluatedProgram } from "./frontend/evaluate.ts";
import { Helper } from "./frontend/intrinsics/helper.ts";
import type { KernelTypes } from "./kernel-types.ts";
import type { Node } from "./ssa/ir.ts";

/** Refuses the first call, in the order of the code, of a helper or a function that the kernel lacks. */
export const requireKernel = (
  type: ProgramType,
  { fn, subprograms, position }: EvaluatedProgram,
  kernel: KernelTypes,
): void => {
  for (const { blocks } of [fn, ...subprograms.map((subprogram) => subprogram.fn)]) {
    for (const node of blocks.flatMap(({ nodes }) => nodes)) {
      const lack = lackOf(type, node, kernel);
      if (lack === null) continue;
      refuse("HM1601", `${lack}; use a newer kernel, or leave out what needs it`, node.position ?? position);
    }
  }
};

const lackOf = (type: ProgramType, node: Node, kernel: KernelTypes): string | null => {
  if (node.op === "kfunc" && kernel.typeId("func", node.name) === undefined)
    return `this calls ${node.name}, which the kernel does not have`;
  if (node.op === "call" && kernel.hasHelper?.(type, Number(node.imm)) === false)
    return `this calls helper ${node.imm} (${nameOf(Number(node.imm))}), which the kernel does not give ${type} programs`;
  return null;
};

const nameOf = (helper: number): string => Object.entries(Helper).find(([, number]) => number === helper)?.[0] ?? "?";

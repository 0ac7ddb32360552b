/** TypeScript to eBPF: evaluate the program's function to SSA, then generate machine code. Needs no privilege and no Linux. */
import { HopmarkError } from "../errors.ts";
import type { Program } from "../kernel/program.ts";
import type { Position } from "../kernel/source.ts";
import { emit } from "./backend/emit.ts";
import { evaluateProgram } from "./frontend/evaluate.ts";
import { refuse } from "./diagnostics.ts";
import type { CompileOptions } from "./frontend/unit.ts";
import type { MachineCode } from "./object/machine-code.ts";
import type { CompiledProgram } from "./program.ts";

/** Compiles a program. Throws CompileError with numbered diagnostics for what a kernel program cannot say. */
export const compile = (program: Program, options: CompileOptions = {}): CompiledProgram => {
  const { fn, maps, records, position } = evaluateProgram(program, options);
  return {
    type: program.type,
    name: program.name,
    purpose: program.purpose,
    code: withinLimits(() => emit(fn), position),
    maps,
    records,
    position,
  };
};

/** Limits of the kernel that the back end finds: no line alone is to blame, so the program is pointed at. */
const withinLimits = (emitted: () => MachineCode, position: Position): MachineCode => {
  try {
    return emitted();
  } catch (error) {
    if (!(error instanceof HopmarkError)) throw error;
    const message = `${error.message}; ${error.hint ?? ""}`;
    if (error.code === "function-too-large") return refuse("HM1304", message, position);
    if (error.code === "stack-too-large") return refuse("HM1305", message, position);
    throw error;
  }
};

/** TypeScript to eBPF: evaluate the program's function to SSA, then generate machine code. Needs no privilege and no Linux. */
import type { Program } from "../kernel/program.ts";
import { emit } from "./backend/emit.ts";
import { evaluateProgram } from "./frontend/evaluate.ts";
import type { CompileOptions } from "./frontend/unit.ts";
import type { CompiledProgram } from "./program.ts";

/** Compiles a program. Throws CompileError with numbered diagnostics for what a kernel program cannot say. */
export const compile = (program: Program, options: CompileOptions = {}): CompiledProgram => {
  const { fn, ...rest } = evaluateProgram(program, options);
  return { type: program.type, name: program.name, purpose: program.purpose, code: emit(fn), ...rest };
};

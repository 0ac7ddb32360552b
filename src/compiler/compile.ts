/** TypeScript to eBPF: evaluate the program's function to SSA, then generate machine code. Needs no privilege and no Linux. */
import { HopmarkError } from "../errors.ts";
import type { MapDescriptor } from "../kernel/maps.ts";
import type { Program } from "../kernel/program.ts";
import type { Position } from "../kernel/source.ts";
import { emitAll } from "./emit-all.ts";
import { evaluateProgram } from "./frontend/evaluate.ts";
import { CompileError, refuse, type Diagnostic } from "./diagnostics.ts";
import type { CompileOptions } from "./frontend/unit.ts";
import type { MachineCode } from "./object/machine-code.ts";
import type { CompiledProgram } from "./program.ts";
import { requireKernel } from "./require-kernel.ts";
import { listedPrograms } from "./tails.ts";

/**
 * Compiles a program, and those that it may go on as. Throws CompileError with numbered diagnostics for what a kernel program
 * cannot say: of all of them, file by file and line by line.
 */
export const compile = (program: Program, options: CompileOptions = {}): CompiledProgram => {
  const met = new Set<MapDescriptor>();
  const known = new Set([program.body]);
  // Grows as programs are compiled: a loop over it sees what is added.
  const programs = [program];
  const compiled = compileEach(programs, (each) => {
    try {
      return compileOne(each, options, met);
    } finally {
      programs.push(...listedPrograms(met).filter(({ body }) => !known.has(body) && known.add(body)));
    }
  });
  const [main, ...tails] = compiled as [CompiledProgram, ...CompiledProgram[]];
  return tails.length === 0 ? main : { ...main, tails };
};

/** Compiles them all. CompileError holds what is wrong with any of them. */
export const compileEach = (
  programs: Iterable<Program>,
  compileOne: (program: Program) => CompiledProgram,
): CompiledProgram[] => {
  const diagnostics: Diagnostic[] = [];
  const compiled: CompiledProgram[] = [];
  for (const program of programs) {
    try {
      compiled.push(compileOne(program));
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  }
  if (diagnostics.length > 0) throw new CompileError(diagnostics);
  return compiled;
};

const compileOne = (program: Program, options: CompileOptions, met: Set<MapDescriptor>): CompiledProgram => {
  const evaluated = evaluateProgram(program, options, met);
  if (options.kernelTypes !== undefined) requireKernel(program.type, evaluated, options.kernelTypes);
  const { fn: _, subprograms: __, ...rest } = evaluated;
  const { type, name, purpose, body } = program;
  return { type, name, purpose, code: withinStack(() => emitAll(evaluated), rest.position), body, ...rest };
};

/** What the back end alone finds: where no line is to blame for the stack, the program is pointed at. */
const withinStack = (emitted: () => MachineCode, position: Position): MachineCode => {
  try {
    return emitted();
  } catch (error) {
    if (!(error instanceof HopmarkError) || error.code !== "stack-too-large") throw error;
    return refuse("HM1305", `${error.message}; ${error.hint ?? ""}`, position);
  }
};

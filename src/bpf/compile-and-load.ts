/** Programs for the running kernel: compiled, unless that was done in an earlier start, and loaded. */
import { compile } from "../compiler/compile.ts";
import { compileKept } from "../compiler/kept/compile-kept.ts";
import type { CompiledProgram } from "../compiler/program.ts";
import type { Program } from "../kernel/program.ts";
import { runningKernel } from "./btf/running-kernel.ts";
import { load, type LoadOptions } from "./instance.ts";
import type { LoadedProgram } from "./loaded-program.ts";
import { KernelLacksError } from "./verifier/unsupported.ts";

/** The running kernel, not asked which helpers it has before it refuses one: asking takes longer than loading a program. */
const { hasHelper: _, ...unasked } = runningKernel;

/** @throws CompileError */
export const compileForHere = (program: Program): CompiledProgram => compileKept(program, unasked);

/** Loads what {@link compileForHere} made of a program: the compiler says where that names what this kernel lacks. */
export const loadHere = (program: Program, compiled: CompiledProgram, options: LoadOptions = {}): LoadedProgram => {
  try {
    return load(compiled, options);
  } catch (error) {
    if (error instanceof KernelLacksError) compile(program, { kernelTypes: runningKernel });
    throw error;
  }
};

import { runningKernel } from "../../bpf/btf/running-kernel.ts";
import { compile, compileEach } from "../../compiler/compile.ts";
import type { KernelTypes } from "../../compiler/kernel-types.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import type { Program } from "../../kernel/program.ts";

/** Compiles them all, for the running kernel unless told otherwise. CompileError holds what is wrong with any of them. */
export const compileAll = (programs: readonly Program[], kernelTypes: KernelTypes = runningKernel): CompiledProgram[] =>
  compileEach(programs, (program) => compile(program, { kernelTypes }));

import { runningKernel } from "../../bpf/btf/running-kernel.ts";
import { compile } from "../../compiler/compile.ts";
import { CompileError, type Diagnostic } from "../../compiler/diagnostics.ts";
import type { KernelTypes } from "../../compiler/kernel-types.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import type { Program } from "../../kernel/program.ts";

/** Compiles them all, for the running kernel unless told otherwise. CompileError holds what is wrong with any of them. */
export const compileAll = (
  programs: readonly Program[],
  kernelTypes: KernelTypes = runningKernel,
): CompiledProgram[] => {
  const diagnostics: Diagnostic[] = [];
  const compiled: CompiledProgram[] = [];
  for (const program of programs) {
    try {
      compiled.push(compile(program, { kernelTypes }));
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  }
  if (diagnostics.length > 0) throw new CompileError(diagnostics);
  return compiled;
};

import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { mayCall } from "../../bpf/features/helpers.ts";
import { compile } from "../../compiler/compile.ts";
import { CompileError, type Diagnostic } from "../../compiler/diagnostics.ts";
import type { KernelTypes } from "../../compiler/kernel-types.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import type { Program } from "../../kernel/program.ts";

/** The running kernel's types, read when a program asks: most do not. */
export const runningKernel: KernelTypes = {
  field: (struct, path) => kernelBtf().field(struct, path),
  bitField: (struct, path) => kernelBtf().bitField(struct, path),
  size: (struct) => kernelBtf().size(struct),
  typeId: (kind, name) => kernelBtf().typeId(kind, name),
  shape: (type) => kernelBtf().shape(type),
  hasHelper: mayCall,
  names: (kind) => kernelBtf().names(kind),
};

/** Compiles them all, for the running kernel. CompileError holds what is wrong with any of them. */
export const compileAll = (programs: readonly Program[]): CompiledProgram[] => {
  const diagnostics: Diagnostic[] = [];
  const compiled: CompiledProgram[] = [];
  for (const program of programs) {
    try {
      compiled.push(compile(program, { kernelTypes: runningKernel }));
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  }
  if (diagnostics.length > 0) throw new CompileError(diagnostics);
  return compiled;
};

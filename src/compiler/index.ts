/** `hopmark/compiler`: TypeScript kernel functions to eBPF. Needs no privilege and no Linux. */
export { disassemble, type DisassembleOptions } from "./backend/disassemble.ts";
export { compile } from "./compile.ts";
export {
  CompileError,
  diagnosticTitles,
  formatDiagnostic,
  type Diagnostic,
  type DiagnosticCode,
} from "./diagnostics.ts";
export type { CompileOptions } from "./frontend/unit.ts";
export type { KernelField, KernelShape, KernelTypes } from "./kernel-types.ts";
export { writeObject } from "./object/elf.ts";
export type { LineEntry, MachineCode, Relocation } from "./object/machine-code.ts";
export type { CompiledProgram, RecordLayout } from "./program.ts";
export { transformModule } from "./source/transform.ts";

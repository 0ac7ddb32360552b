/**
 * `.BTF.ext` (Documentation/bpf/btf.rst): which function starts where, and which line instructions come from, for each
 * section with programs. Loaders cut it up per program; offsets are bytes from the section's start.
 */
import { BTF_MAGIC } from "./btf-kind.ts";
import { FUNC_INFO_BYTES, LINE_INFO_BYTES } from "./btf.ts";
import type { LineRecord } from "./program-info.ts";
import { wordBytes } from "./word-bytes.ts";

/** A program within its section. */
export interface ExtProgram {
  /** 8-byte slots from the section's start. */
  readonly start: number;
  /** Type id of its function. */
  readonly type: number;
  readonly lines: readonly LineRecord[];
}

export interface ExtSection {
  /** Offset of the section's name in the strings of `.BTF`. */
  readonly name: number;
  readonly programs: readonly ExtProgram[];
}

const HEADER_BYTES = 24;
const VERSION = 1;
const INSTRUCTION_BYTES = 8;

export const btfExt = (sections: readonly ExtSection[]): Uint8Array => {
  const functions = sections.flatMap(({ name, programs }) => [
    name,
    programs.length,
    ...programs.flatMap(({ start, type }) => [start * INSTRUCTION_BYTES, type]),
  ]);
  const lines = sections.flatMap(({ name, programs }) => [
    name,
    programs.reduce((count, program) => count + program.lines.length, 0),
    ...programs.flatMap((program) =>
      program.lines.flatMap((line) => [
        (program.start + line.instruction) * INSTRUCTION_BYTES,
        line.file,
        line.text,
        line.lineColumn,
      ]),
    ),
  ]);
  const functionBytes = 4 + functions.length * 4;
  return wordBytes([
    BTF_MAGIC | (VERSION << 16),
    HEADER_BYTES,
    0,
    functionBytes,
    functionBytes,
    4 + lines.length * 4,
    FUNC_INFO_BYTES,
    ...functions,
    LINE_INFO_BYTES,
    ...lines,
  ]);
};

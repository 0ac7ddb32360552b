/** What errors about a user's program say beside their message, for `--json`. */
import type { VerifierError } from "../../bpf/verifier/error.ts";
import { CompileError, type Diagnostic } from "../../compiler/diagnostics.ts";
import { HopmarkError } from "../../errors.ts";
import { locate } from "../../kernel/source.ts";

/** Their messages start with `file:line`, as compilers' do: nothing stands before it, so that editors find the place. */
const PLACED_CODES = new Set(["compile", "syntax", "not-erasable", "module", "verifier"]);

export const isPlaced = (error: HopmarkError): boolean => PLACED_CODES.has(error.code);

export const errorDetails = (error: HopmarkError): object => {
  if (error instanceof CompileError) return { diagnostics: error.diagnostics.map(diagnosticDetails) };
  if (!isVerifierError(error)) return {};
  const { program, errno, file, line, column, sourceLine, instruction, sentences } = error;
  return { program, errno, file, line, column, sourceLine, instruction, sentences };
};

const diagnosticDetails = ({ code, message, position }: Diagnostic): object => {
  const { line, column, text } = locate(position);
  return { code, message, file: position.module.url, line, column, sourceLine: text };
};

/** By its name: what loads programs into the kernel is not loaded to say that a word is misspelt. */
export const isVerifierError = (error: unknown): error is VerifierError =>
  error instanceof HopmarkError && error.name === "VerifierError";

/** What errors about a user's program say beside their message, for `--json`. */
import type { VerifierError } from "../../bpf/verifier/error.ts";
import type { KernelLacksError } from "../../bpf/verifier/unsupported.ts";
import type { CompileError, Diagnostic } from "../../compiler/diagnostics.ts";
import { HopmarkError } from "../../errors.ts";
import { fileOf, locate } from "../../kernel/source.ts";

/** Their messages start with `file:line`, as compilers' do: nothing stands before it, so that editors find the place. */
const PLACED_CODES = new Set(["compile", "syntax", "not-erasable", "module", "verifier"]);

export const isPlaced = (error: HopmarkError): boolean => PLACED_CODES.has(error.code) || isKernelLacksError(error);

/** The numbered diagnostics that an error stands for. */
export const diagnosticsOf = (error: HopmarkError): readonly Diagnostic<string>[] => {
  if (isCompileError(error)) return error.diagnostics;
  return isVerifierError(error) || isKernelLacksError(error) ? [error.diagnostic] : [];
};

export const errorDetails = (error: HopmarkError): object => {
  const diagnostics = diagnosticsOf(error).map(diagnosticDetails);
  if (diagnostics.length === 0) return {};
  if (!isVerifierError(error)) return { diagnostics };
  const { program, errno, file, line, column, sourceLine, instruction, sentences } = error;
  return { program, errno, file, line, column, sourceLine, instruction, sentences, diagnostics };
};

const diagnosticDetails = ({ code, message, position }: Diagnostic<string>): object => {
  const { line, column, text } = locate(position);
  return { code, message, file: fileOf(position.module), line, column, sourceLine: text };
};

/** By its name: the compiler is not loaded to say that it is not installed. */
const isCompileError = (error: HopmarkError): error is CompileError => error.name === "CompileError";

/** By its name: what loads programs into the kernel is not loaded to say that a word is misspelt. */
export const isVerifierError = (error: unknown): error is VerifierError =>
  error instanceof HopmarkError && error.name === "VerifierError";

const isKernelLacksError = (error: unknown): error is KernelLacksError =>
  error instanceof HopmarkError && error.name === "KernelLacksError";

/** What the compiler refuses, as numbered diagnostics with the place, the source line and a caret. */
import { HopmarkError } from "../errors.ts";
import { fileOf, locate, type Position } from "../kernel/source.ts";

/** Stable numbers. The text after the number is the rule; the message of a diagnostic says what to write instead. */
export const diagnosticTitles = {
  HM1001: "this syntax has no meaning in a kernel program",
  HM1002: "unknown name",
  HM1003: "the function's source is not known",
  HM1004: "the value is only known at run time",
  HM1005: "the value has no such property",
  HM1006: "the value cannot be called",
  HM1007: "wrong argument",
  HM1008: "recursion too deep",
  HM1009: "a subprogram that calls itself",
  HM1101: "number and bigint mixed",
  HM1102: "a 32-bit result that may be negative",
  HM1103: "a number that may pass 2^53",
  HM1104: "a bigint that may leave 0..2^64-1",
  HM1105: "a divisor that may be 0",
  HM1106: "a shift count out of range",
  HM1107: "a division that is not truncated",
  HM1108: "a negative operand",
  HM1109: "not an integer",
  HM1110: "== or = instead of ===",
  HM1111: "values that cannot be compared",
  HM1201: "a view that may be null",
  HM1202: "a stale view",
  HM1203: "an offset that cannot be proven",
  HM1204: "an index that cannot be proven",
  HM1205: "a field that cannot be written",
  HM1206: "a value that does not fit the field",
  HM1301: "values that differ at run time cannot be merged",
  HM1302: "an assignment to something that is not a variable",
  HM1303: "a loop without a bound",
  HM1304: "too much code",
  HM1305: "too much stack, or calls too deep",
  HM1306: "a tail call from where the program cannot be left",
  HM1401: "a ring record not submitted or discarded exactly once",
  HM1501: "a program must return its verdict",
  HM1601: "this kernel lacks what the program uses",
  HM1602: "this kernel has no such tracepoint or iterator",
  HM1603: "the kernel's types are needed to compile this",
} as const;

/** What to do about too much code. */
export const LESS_CODE =
  "put a function that is called in many places into a subprogram(), loop over range() instead of unrolling, or split the program with tail calls";

/** The numbers of refusals: `HM1101` and the like. */
export type DiagnosticCode = keyof typeof diagnosticTitles;

/** Something that cannot be compiled, and where. */
export interface Diagnostic<Code extends string = DiagnosticCode> {
  readonly code: Code;
  /** One sentence: what is wrong and what to write instead. */
  readonly message: string;
  readonly position: Position;
}

/** `file:line:column: code: message`, the source line and a caret under the place. */
export const formatDiagnostic = ({ code, message, position }: Diagnostic<string>): string => {
  const { line, column, text } = locate(position);
  const caret = text.slice(0, column - 1).replace(/[^\t]/g, " ");
  return `${fileOf(position.module)}:${line}:${column}: ${code}: ${message}\n  ${text}\n  ${caret}^`;
};

/** So many of one program are told; who made more mistakes mends these first. */
export const MOST_DIAGNOSTICS = 20;

/**
 * A program, or several, cannot be compiled: code `compile`. `diagnostics` are all that could be told, sorted by place: one a
 * place, 20 a program at most. The message has each with its line.
 */
export class CompileError extends HopmarkError {
  declare readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    const sorted = byPlace(diagnostics);
    const hint =
      sorted.length < MOST_DIAGNOSTICS ? {} : { hint: `compiling stopped at ${MOST_DIAGNOSTICS}: there may be more` };
    super("compile", sorted.map(formatDiagnostic).join("\n"), hint);
    // Not enumerable: Node prints an uncaught error with all that is, and each diagnostic has its module's text.
    Object.defineProperty(this, "diagnostics", { value: sorted });
  }
}

/** Programs that share a function share its mistakes. */
const byPlace = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] => {
  if (diagnostics.length < 2) return diagnostics;
  const modules = [...new Set(diagnostics.map(({ position }) => position.module))];
  const sorted = diagnostics.toSorted(
    ({ position: one }, { position: other }) =>
      modules.indexOf(one.module) - modules.indexOf(other.module) || one.offset - other.offset,
  );
  return sorted.filter(
    ({ position }, at) =>
      position.offset !== sorted[at - 1]?.position.offset || position.module !== sorted[at - 1]?.position.module,
  );
};

/** Stops compiling with one diagnostic. */
export const refuse = (code: DiagnosticCode, message: string, position: Position): never => {
  throw new CompileError([{ code, message, position }]);
};

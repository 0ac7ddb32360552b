import { formatDiagnostic, type Diagnostic } from "../../compiler/diagnostics.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import { HopmarkError } from "../../errors.ts";
import { fileOf, locate, type Position } from "../../kernel/source.ts";
import { errnoName } from "../../linux/ffi.ts";
import { refusalKind, refusalMessage, type RefusalCode } from "./kinds.ts";
import { readVerifierLog } from "./log.ts";
import { nameAt } from "./name-at.ts";

/**
 * The kernel refused a program, told in TypeScript lines: a numbered diagnostic, as the compiler's own are, and the
 * verifier's words under it. `message` is several lines: place, number, what to write instead, the source line, a caret.
 */
export class VerifierError extends HopmarkError {
  /** The kind of refusal, HM2xxx: stable, unlike the verifier's words. */
  declare readonly diagnostic: Diagnostic<RefusalCode>;
  readonly program: string;
  /** Name of the errno: `EACCES`. */
  readonly errno: string;
  /** Slot of the instruction it stopped at. */
  readonly instruction: number | undefined;
  readonly file: string;
  /** 1-based, like `column`. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly sourceLine: string;
  /** The verifier's own words. */
  readonly sentences: readonly string[];
  /** The whole log as the kernel wrote it; empty when it wrote none. */
  declare readonly log: string;

  constructor(program: CompiledProgram, errno: number, log: string) {
    const { instruction, sentences } = readVerifierLog(log);
    const position = instruction === undefined ? program.position : positionOf(program, instruction);
    const { line, column, text } = locate(position);
    const name = errnoName(errno);
    const code = refusalKind(sentences);
    const message = `the kernel refused program ${program.name}: ${refusalMessage(code, nameAt(position))}`;
    const diagnostic = { code, message, position };
    super("verifier", `${formatDiagnostic(diagnostic)}\n  the verifier: ${sentences[0] ?? name}`);
    // Not enumerable: Node prints an uncaught error with all that is.
    Object.defineProperties(this, { diagnostic: { value: diagnostic }, log: { value: log } });
    this.program = program.name;
    this.errno = name;
    this.instruction = instruction;
    this.file = fileOf(position.module);
    this.line = line;
    this.column = column;
    this.sourceLine = text;
    this.sentences = sentences;
  }
}

/** Where an instruction comes from: the last entry of the line table that is not behind it. */
export const positionOf = (program: CompiledProgram, instruction: number): Position =>
  program.code.lines.findLast((entry) => entry.instruction <= instruction)?.position ?? program.position;

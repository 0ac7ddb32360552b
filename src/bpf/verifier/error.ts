import type { CompiledProgram } from "../../compiler/program.ts";
import { HopmarkError } from "../../errors.ts";
import { locate, type Position } from "../../kernel/source.ts";
import { errnoName } from "../../linux/ffi.ts";
import { adviceFor } from "./advice.ts";
import { readVerifierLog } from "./log.ts";

/**
 * The kernel refused a program, told in TypeScript lines. `message` is several lines: place, what the verifier said,
 * the source line and a caret; `hint` says what to write where the cause is known.
 */
export class VerifierError extends HopmarkError {
  readonly program: string;
  /** Name of the errno: `EACCES`. */
  readonly errno: string;
  /** Slot of the instruction it stopped at. */
  readonly instruction: number | undefined;
  readonly file: string;
  /** 1-based, like `column`. */
  readonly line: number;
  readonly column: number;
  readonly sourceLine: string;
  /** The verifier's own words. */
  readonly sentences: readonly string[];
  /** The whole log as the kernel wrote it; empty when it wrote none. */
  readonly log: string;

  constructor(program: CompiledProgram, errno: number, log: string) {
    const { instruction, sentences } = readVerifierLog(log);
    const position = instruction === undefined ? program.position : positionOf(program, instruction);
    const { line, column, text } = locate(position);
    const file = position.module.url.replace(/^file:\/\//, "");
    const name = errnoName(errno);
    const said = sentences[0] ?? name;
    const frame = `${String(line).padStart(5)} | ${text}\n      | ${caretUnder(text, column)}`;
    const advice = adviceFor(sentences);
    super(
      "verifier",
      `${file}:${line}:${column}: the kernel refused program ${program.name}: ${said}\n${frame}`,
      advice === undefined ? {} : { hint: advice },
    );
    this.program = program.name;
    this.errno = name;
    this.instruction = instruction;
    this.file = file;
    this.line = line;
    this.column = column;
    this.sourceLine = text;
    this.sentences = sentences;
    this.log = log;
  }
}

/** Where an instruction comes from: the last entry of the line table that is not behind it. */
const positionOf = (program: CompiledProgram, instruction: number): Position =>
  program.code.lines.findLast((entry) => entry.instruction <= instruction)?.position ?? program.position;

/** Tabs stay tabs, so that the caret stands under its column. */
const caretUnder = (text: string, column: number): string => `${text.slice(0, column - 1).replaceAll(/[^\t]/g, " ")}^`;

import { writeObject } from "../../compiler/object/elf.ts";
import type { Output } from "../framework/output.ts";
import { writeFile } from "../framework/write-file.ts";
import { runningKernel } from "../../bpf/btf/running-kernel.ts";
import { compileAll } from "../user-program/compile-program.ts";
import { findPrograms } from "../user-program/find-programs.ts";
import { loadModule } from "../user-program/load-module.ts";
import { withVerifierLog } from "../user-program/verifier-log.ts";
import { reportProgram, type View } from "./program-report.ts";
import { reportText } from "./report-text.ts";
import { reportables } from "./reportable.ts";

export interface CompileCommandOptions {
  readonly file: string;
  readonly program: string | undefined;
  /** Where the object goes. */
  readonly output: string | undefined;
  readonly print: View | undefined;
  /** Show what the verifier wrote when it refuses. */
  readonly log: boolean;
}

/** Compiles a user's programs and says what they became. */
export const runCompile = async (options: CompileCommandOptions, output: Output): Promise<void> => {
  const programs = findPrograms(await loadModule(options.file), options.file, options.program);
  // The object may be for another machine, which has helpers that this one lacks.
  const { hasHelper: _, ...types } = runningKernel;
  const compiled = compileAll(
    programs.map(({ program }) => program),
    types,
  );
  if (options.output !== undefined) writeFile(options.output, writeObject(compiled));
  const reported = reportables(programs, compiled).map((each) => reportProgram(each, options.print));
  output.print(
    reported.map(({ report }) => report),
    (value, style) => reportText(value, style, output.columns),
  );
  if (options.output !== undefined && !output.json) output.note(`wrote ${options.output}`);
  withVerifierLog(output, options.log, () => {
    for (const { refusal } of reported) if (refusal !== null) throw refusal;
  });
};

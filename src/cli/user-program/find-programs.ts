/** The programs that a user's module exports, and which of them a command is about. */
import { didYouMean } from "../../compiler/nearest.ts";
import { ConfigError } from "../../errors.ts";
import { isMadeHere, type Program } from "../../kernel/program.ts";
import { sourceOf } from "../../kernel/source.ts";
import type { Exports } from "../../compiler/source/run-modules.ts";

export interface ExportedProgram {
  /** The name it is exported by. */
  readonly exportName: string;
  readonly program: Program;
}

/**
 * Every program of `file`, or the one whose name, in the kernel or in the module, is `wanted`. ConfigError when there is
 * none, or when its source is not known.
 */
export const findPrograms = (exports: Exports, file: string, wanted: string | undefined): ExportedProgram[] => {
  const all = exportedPrograms(exports);
  if (all.length === 0) throw noProgram(exports, file);
  const found = distinct(all.filter((one) => wanted === undefined || isNamed(wanted, one)));
  if (found.length === 0) {
    const names = all.flatMap(({ exportName, program }) => [exportName, program.name]);
    throw new ConfigError(`${file} exports no program ${wanted ?? ""}${didYouMean(wanted ?? "", names)}`, {
      file,
      hint: `it exports ${namesOf(all)}`,
    });
  }
  for (const { program } of found) if (sourceOf(program.body) === undefined) throw noSource(program, file);
  return found;
};

/** Like {@link findPrograms}, for a command that can do with one only. */
export const findProgram = (exports: Exports, file: string, wanted: string | undefined): ExportedProgram => {
  const found = findPrograms(exports, file, wanted);
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  throw new ConfigError(`${file} exports several programs: ${namesOf(found)}`, {
    file,
    hint: `say which: --program ${only?.exportName ?? ""}`,
  });
};

/** In the order of the source; modules list their exports by the alphabet. */
const exportedPrograms = (exports: Exports): ExportedProgram[] =>
  Object.entries(exports)
    .flatMap(([exportName, value]) => (isProgram(value) ? [{ exportName, program: named(value, exportName) }] : []))
    .toSorted((one, other) => startOf(one) - startOf(other));

/** A program without a name of its own has that of its type, as all such have; its export's says more. */
const named = (program: Program, exportName: string): Program =>
  program.name === program.type && exportName !== "default" ? { ...program, name: exportName } : program;

const startOf = ({ program }: ExportedProgram): number => sourceOf(program.body)?.start ?? 0;

/** One that is exported under two names counts once. */
const distinct = (programs: readonly ExportedProgram[]): ExportedProgram[] =>
  programs.filter(({ program }, at) => programs.findIndex((one) => one.program.body === program.body) === at);

const isProgram = (value: unknown): value is Program =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "program";

const isNamed = (wanted: string, { exportName, program }: ExportedProgram): boolean =>
  wanted === exportName || wanted === program.name;

const namesOf = (programs: readonly ExportedProgram[]): string =>
  programs.map(({ exportName }) => exportName).join(", ");

const noProgram = (exports: Exports, file: string): ConfigError => {
  const functions = Object.keys(exports).filter((name) => typeof exports[name] === "function");
  const [first] = functions;
  if (first === undefined) {
    return new ConfigError(`${file} exports no program`, {
      file,
      hint: "export one: export const count = xdp((ctx) => Xdp.Pass)",
    });
  }
  const what = functions.length === 1 ? `a function, ${first},` : `functions (${functions.join(", ")})`;
  return new ConfigError(`${file} exports no program, but ${what} that may make one`, {
    file,
    hint: `call it with a configuration and export what it returns: export const program = ${first}({ … })`,
  });
};

const noSource = (program: Program, file: string): ConfigError => {
  if (file.endsWith(".bpf.ts") && !isMadeHere(program))
    return new ConfigError(`program ${program.name} of ${file} was made by another copy of Hopmark`, {
      file,
      hint: "run the one that the file's own folder has: npx hopmark; or import the program only from *.bpf.ts modules",
    });
  return new ConfigError(`the source of program ${program.name} of ${file} is not known`, {
    file,
    hint: file.endsWith(".bpf.ts")
      ? "its function is imported from a module that is not named *.bpf.ts: rename that one"
      : "kernel programs live in modules named *.bpf.ts: rename it",
  });
};

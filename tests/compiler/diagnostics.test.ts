/** Wrong programs: each is refused with its number, at its place, in words that say what to write instead. */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { compile } from "../../src/compiler/compile.ts";
import { CompileError, diagnosticTitles, formatDiagnostic } from "../../src/compiler/diagnostics.ts";
import { locate } from "../../src/kernel/source.ts";
import { handMadeKernel } from "../support/hand-made-kernel.ts";
import { evaluateModule } from "../fuzz/load-module.ts";
import { flow } from "./wrong/flow.ts";
import { functions } from "./wrong/functions.ts";
import { kernel } from "./wrong/kernel.ts";
import { limits } from "./wrong/limits.ts";
import { memory } from "./wrong/memory.ts";
import { numbers } from "./wrong/numbers.ts";
import { moduleOf, type WrongProgram } from "./wrong/program.ts";
import { slips } from "./wrong/slips.ts";
import { tracing } from "./wrong/tracing.ts";
import { values } from "./wrong/values.ts";
import { syntax } from "./wrong/syntax.ts";

const all = [
  ...syntax,
  ...numbers,
  ...memory,
  ...flow,
  ...functions,
  ...limits,
  ...values,
  ...kernel,
  ...tracing,
  ...slips,
];

const refusalOf = (program: WrongProgram, text: string): CompileError => {
  try {
    compile(
      evaluateModule(text, "wrong.bpf.ts").program,
      program.kernel === false ? {} : { kernelTypes: handMadeKernel },
    );
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`not refused: ${program.body}`);
};

test.each(all.map((program) => [program.code, program.body.replaceAll(/\s+/g, " "), program] as const))(
  "%s: %s",
  (code, _, program) => {
    const { text, line, column } = moduleOf(program);
    const [diagnostic, ...others] = refusalOf(program, text).diagnostics;
    expect(others).toEqual([]);
    const place = locate(diagnostic!.position);
    expect([diagnostic!.code, place.line, place.column, diagnostic!.message]).toEqual([
      code,
      line,
      column,
      expect.stringContaining(program.says ?? ""),
    ]);
    // What is wrong; what to write instead.
    if (code === "HM1007") expect(diagnostic!.message).toMatch(/; \w/);
  },
);

test("every number has two programs that earn it; those that are named here want more in tests/compiler/wrong/", () => {
  const earned = (wanted: string): number => all.filter(({ code }) => code === wanted).length;
  expect(Object.keys(diagnosticTitles).filter((code) => earned(code) < 2)).toEqual([]);
});

test("what an object may have is asked for first", () => {
  const module = "const rules: readonly { mark?: number }[] = [{ mark: 7 }, {}];";
  const body = "for (const { mark } of rules) if (mark !== undefined && ctx.mark === mark) return 1;\nreturn 0;¦";
  const { text } = moduleOf({ code: "HM1005", module, body });
  expect(compile(evaluateModule(text, "right.bpf.ts").program).name).toBe("program");
});

test("verdicts of another type are numbers where nothing returns them", () => {
  const body = `const isTc: boolean = true;
  if (ctx.mark === Xdp.Tx) ctx.mark = Xdp.Pass;
  return isTc ? Tc.Next : Xdp.Pass;¦`;
  expect(compile(evaluateModule(moduleOf({ code: "HM1501", body }).text, "right.bpf.ts").program).name).toBe("program");
});

test("an uncaught one is printed once, without the text of its module", () => {
  const { text } = moduleOf({ code: "HM1110", body: "return ctx.mark ¦== 1 ? 1 : 0;" });
  const error = refusalOf({ code: "HM1110", body: "" }, text);
  expect(inspect(error).match(/write === instead of ==/g)).toHaveLength(1);
  expect(inspect(error)).not.toContain("import {");
  expect(error.diagnostics).toHaveLength(1);
});

test("a diagnostic shows its file, its line and a caret", () => {
  const { text } = moduleOf({ code: "HM1110", body: "\tconst a = 1;\n\treturn ctx.mark ¦== a ? 1 : 0;" });
  const [diagnostic] = refusalOf({ code: "HM1110", body: "" }, text).diagnostics;
  const lines = formatDiagnostic(diagnostic!).split("\n");
  expect(lines).toEqual([
    expect.stringMatching(/^wrong\.bpf\.ts:\d+:\d+: HM1110: write === instead of ==$/),
    "  \treturn ctx.mark == a ? 1 : 0;",
    expect.stringMatching(/^ {2}\t *\^$/),
  ]);
});

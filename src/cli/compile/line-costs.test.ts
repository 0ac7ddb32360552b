import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { countSources } from "../../../examples/count-sources.bpf.ts";
import { count } from "../../kernel/simulate/fixtures/programs.bpf.ts";
import { lineCosts } from "./line-costs.ts";

test("every instruction is some line's, and lines are as written", () => {
  const compiled = compile(count);
  const lines = lineCosts(compiled);
  const sum = lines.reduce((total, { instructions }) => total + instructions, 0);
  expect(sum).toBe(compiled.code.instructions.length / 8);
  const source = compiled.position.module.text.split("\n");
  for (const { line, text } of lines) expect(source[line - 1]).toBe(text);
  expect(lines.map(({ line }) => line)).toEqual(lines.map(({ line }) => line).toSorted((a, b) => a - b));
  expect(new Set(lines.map(({ file, line }) => `${file}:${line}`)).size).toBe(lines.length);
});

test("steps of the verifier and shares are the lines'", () => {
  const compiled = compile(count);
  const slots = compiled.code.instructions.length / 8;
  const lines = lineCosts(compiled, new Map(Array.from({ length: slots }, (_, slot) => [slot, 3])));
  for (const { instructions, verified } of lines) expect(verified).toBe(instructions * 3);
  expect(lines.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(lineCosts(compiled).every(({ verified }) => verified === null)).toBe(true);
});

test("code before the first known line is the function's", () => {
  const compiled = compile(count);
  const lines = compiled.code.lines.slice(1);
  const first = lineCosts({ ...compiled, code: { ...compiled.code, lines: lines.slice(-1) } })[0];
  expect(first?.text).toContain("xdp((ctx)");
  expect(first?.instructions).toBe(lines.at(-1)?.instruction);
});

test("a line has the bytes of the stack that it writes", () => {
  const stackOf = (program: Parameters<typeof compile>[0]): readonly (readonly [string, number])[] =>
    lineCosts(compile(program)).flatMap(({ text, stackBytes }) => (stackBytes > 0 ? [[text.trim(), stackBytes]] : []));
  expect(stackOf(countSources)).toEqual([
    ["let known = sources.lookup(key);", 16],
    ["sources.update(key, { packets: 0n, bytes: 0n }, MapUpdate.NoExist);", 16],
  ]);
});

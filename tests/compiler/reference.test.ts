/**
 * docs/reference/diagnostics.md, example by example: each wrong program earns its number in the words the page shows, each
 * right one compiles, and loads where the kernel lets us. `npx vitest run tests/compiler/reference.test.ts -u` writes the
 * messages into the page.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { assemble, call, exit, mov } from "../../src/bpf/fixtures/assembler.ts";
import { refused, refusedWithoutRights } from "../../src/bpf/fixtures/refused-programs.ts";
import { without } from "../../src/bpf/fixtures/without-capabilities.ts";
import { load } from "../../src/bpf/instance.ts";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { VerifierError } from "../../src/bpf/verifier/error.ts";
import { refusalTitles } from "../../src/bpf/verifier/kinds.ts";
import { readReference, referencePage } from "../../src/cli/explain/reference.ts";
import { compile } from "../../src/compiler/compile.ts";
import { diagnosticTitles } from "../../src/compiler/diagnostics.ts";
import type { CompileOptions } from "../../src/compiler/frontend/unit.ts";
import type { CompiledProgram } from "../../src/compiler/program.ts";
import { HopmarkError, PermissionError } from "../../src/errors.ts";
import { evaluateModule } from "../fuzz/load-module.ts";

const page = readFileSync(referencePage, "utf8");
const sections = readReference(page);
const titles: Readonly<Record<string, string>> = { ...diagnosticTitles, ...refusalTitles };

const compiled = (text: string, options: CompileOptions = {}): CompiledProgram =>
  compile(evaluateModule(text, "example.bpf.ts").program, options);

/** The running kernel's types, for what needs them. */
const here = (text: string): CompiledProgram =>
  compiled(text, /\b(?:tracepoint|iterator)\(/.test(text) ? { kernelTypes: kernelBtf() } : {});

/** Not the program is wrong, but where it is compiled or loaded. */
const withoutCorrection = new Set(["HM1601", "HM1603"]);

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof PermissionError || !(error instanceof HopmarkError)) throw error;
    return error.message;
  }
  throw new Error("not refused");
};

const known = new Map<string, string | undefined>();

const shownOnce = (code: string, wrong: string | undefined): string | undefined => {
  if (!known.has(code)) known.set(code, shown(code, wrong));
  return known.get(code);
};

/** What the page should show; undefined where this process cannot tell. */
const shown = (code: string, wrong: string | undefined): string | undefined => {
  if (code.startsWith("HM1") && wrong !== undefined)
    return messageOf(() => (code === "HM1603" ? compiled(wrong) : here(wrong)));
  try {
    if (wrong !== undefined) return messageOf(() => load(here(wrong)).close());
    return refusalShown(code);
  } catch (error) {
    if (error instanceof PermissionError) return undefined;
    throw error;
  }
};

const refusalShown = (code: string): string => {
  const program = refused.find(([own]) => own === code)?.[2];
  if (program !== undefined) return messageOf(() => load(program).close());
  const unprivileged = refusedWithoutRights.find(([own]) => own === code)?.[2];
  if (unprivileged !== undefined)
    return without(["CAP_PERFMON", "CAP_SYS_ADMIN"], () => messageOf(() => load(unprivileged).close()));
  if (code === "HM1601") return messageOf(() => load(lacking).close());
  const words = "0: (95) exit\nAt program exit the register R0 has smin=5 smax=5 should have been in [0, 1]\n";
  return new VerifierError(wrongVerdict, 22, words).message;
};

const lacking = assemble("xdp", "grow", [["ctx.adjustRoom(8);", mov(2, 0), mov(3, 0), mov(4, 0), call(50), exit()]]);
const wrongVerdict = assemble("tc", "allow", [["return 5;", mov(0, 5), exit()]]);

const examplesOf = (text: string) => {
  const blocks = [...text.matchAll(/^```(ts|text)\n(.*?)^```$/gms)].map(([, kind, code = ""]) => ({ kind, code }));
  const at = blocks.findIndex(({ kind }) => kind === "text");
  const wrong = blocks.slice(0, Math.max(at, 0)).find(({ kind }) => kind === "ts")?.code;
  const right = blocks.slice(at + 1).find(({ kind }) => kind === "ts")?.code;
  return { wrong, right, hasMessage: at !== -1 };
};

test("every number has a section, under its title, in order", () => {
  expect(sections.map(({ code, title }) => `${code}: ${title}`)).toEqual(
    Object.keys(titles)
      .sort()
      .map((code) => `${code}: ${titles[code]}`),
  );
});

describe("the examples", () => {
  test.each(sections.map((section) => [section.code, section] as const))("%s", (code, { text }) => {
    const { wrong, right, hasMessage } = examplesOf(text);
    expect(hasMessage, "a block ```text for the message").toBe(true);
    if (code.startsWith("HM1") && !withoutCorrection.has(code)) {
      expect(wrong, "a program that earns it, before the message").not.toBe(undefined);
      expect(right, "the program as it should be, after the message").not.toBe(undefined);
    }
    const message = shownOnce(code, wrong);
    if (message !== undefined) expect(message).toMatch(new RegExp(`^\\S+:\\d+:\\d+: ${code}: `));
    if (right === undefined) return;
    const program = here(right);
    try {
      load(program).close();
    } catch (error) {
      if (!(error instanceof PermissionError)) throw error;
    }
  });
});

test("the page shows the messages as they are printed", async () => {
  let expected = page;
  for (const { code, text } of sections) {
    const message = shownOnce(code, examplesOf(text).wrong);
    if (message === undefined) continue;
    expected = expected.replace(text, () =>
      text.replace(/^```text\n(.*?)^```$/ms, (_, old: string) => block(message, old)),
    );
  }
  await expect(expected).toMatchFileSnapshot(fileURLToPath(referencePage));
});

/** The verifier's own words differ from kernel to kernel: those that the page has stay. */
const block = (message: string, old: string): string => {
  const words = /^ {2}the verifier: .*$/m;
  const kept = words.exec(old)?.[0];
  return `\`\`\`text\n${kept === undefined ? message : message.replace(words, () => kept)}\n\`\`\``;
};

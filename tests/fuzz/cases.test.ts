/** Every program that the fuzzer, or a reader, once found to go wrong: kernel and V8 agree on it, and both are right. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { inputOf, seenBy, type CaseModule } from "./case.ts";
import { judge } from "./judge.ts";
import { kernelModuleOf } from "./load-module.ts";
import { onOneCpu } from "./pin-cpu.ts";

const ending = ".bpf.ts";
const names = readdirSync(new URL("cases", import.meta.url))
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length));

test("there are cases", () => {
  expect(names.length).toBeGreaterThan(10);
});

test.each(names)("%s", async (name) => {
  const module = (await import(`./cases/${name}.bpf.ts`)) as CaseModule & Readonly<Record<string, unknown>>;
  const { runs, maps } = module;
  const verdict = onOneCpu((cpu) => judge(kernelModuleOf(module), runs.map(inputOf), cpu, null));
  if (verdict.kind !== "agree") throw new Error(JSON.stringify(verdict, undefined, 2));
  expect(seenBy(module, verdict.outcome)).toEqual({ runs: runs.map(({ expected }) => expected), maps });
});

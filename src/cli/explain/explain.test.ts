/** `hopmark explain` as people run it. */
import { expect, test, vi } from "vitest";
import { diagnosticTitles } from "../../compiler/diagnostics.ts";
import { runHopmark } from "../fixtures/program.ts";
import { readReference } from "./reference.ts";
import { sectionText } from "./section-text.ts";

// A process a test, each of which loads its sources.
vi.setConfig({ testTimeout: 60_000 });

test.each(["HM1110", "hm1110", "1110"])("a number: %s", async (number) => {
  const { status, stdout, stderr } = await runHopmark(["explain", number]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^HM1110: == or = instead of ===\n\n/);
  expect(stdout).toMatch(/\n {4}example\.bpf\.ts:3:\d+: HM1110: /);
  expect(stdout).not.toContain("```");
  expect(stdout).not.toContain("HM1111");
});

test("which program is wrong and which is right is said", async () => {
  const { stdout } = await runHopmark(["explain", "HM1105"]);
  expect(stdout).toMatch(
    /\nWrong:\n\n {4}import [^]*=> 100 % ctx\.mark\);\n\nThe message:\n\n {4}example[^]*\n\nRight:\n\n {4}import /,
  );
});

test("as JSON", async () => {
  const { stdout } = await runHopmark(["explain", "HM1110", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ code: "HM1110", title: diagnosticTitles.HM1110 });
});

test("all of them", async () => {
  const { stdout } = await runHopmark(["explain"]);
  expect(stdout).toContain("HM1110  == or = instead of ===\n");
  expect(stdout).toContain("\nHM2101  ");
});

test("a number that is none", async () => {
  expect(await runHopmark(["explain", "HM9999"])).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(/there is no diagnostic HM9999\n.*hopmark explain lists all/),
  });
});

test("code is indented, empty lines stay, and every fence is closed", () => {
  for (const section of readReference()) {
    const text = sectionText(section);
    expect(text).not.toContain("```");
    expect(text.split("\n").filter((line) => /^(?:const|export|import) /.test(line))).toEqual([]);
  }
});

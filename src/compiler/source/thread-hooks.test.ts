/** What Node.js with hooks on the thread itself is given; where this one has them, `load-hooks.test.ts` runs programs with them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { threadHooks } from "./thread-hooks.ts";

const attributes = { importAttributes: {}, importAssertions: {} };
const context: ResolveHookContext = { ...attributes, conditions: ["import"], parentURL: "file:///user/main.ts" };
const loading: LoadHookContext = { ...attributes, conditions: ["import"], format: null };
const repository = new URL("../../../", import.meta.url).href;

/** As Node.js resolves where only Hopmark's own folder has a Hopmark. */
const nodes = (specifier: string, { parentURL }: ResolveHookContext = context): ResolveFnOutput => {
  if (parentURL !== `${repository}package.json`)
    throw Object.assign(new Error(`Cannot find package from ${parentURL}`), { code: "ERR_MODULE_NOT_FOUND" });
  return { url: `${repository}dist/${specifier.slice("hopmark/".length)}/index.js`, format: "module" };
};

test("a file without Hopmark near it gets this one, beside the hooks", () => {
  expect(threadHooks.resolve("hopmark/kernel", context, nodes)).toEqual({
    url: `${repository}src/kernel/index.ts`,
    format: "module",
  });
});

test("one with another keeps that; what is wrong with it is said", () => {
  const other = { url: "file:///user/node_modules/hopmark/kernel.js" };
  expect(threadHooks.resolve("hopmark/kernel", context, () => other)).toEqual(other);
  const refuse = (): never => {
    throw Object.assign(new Error("no such entry"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
  };
  expect(() => threadHooks.resolve("hopmark/kernel", context, refuse)).toThrow("no such entry");
});

test("all else is left to Node.js", () => {
  const other = { url: "node:fs" };
  expect(threadHooks.resolve("node:fs", context, () => other)).toBe(other);
  const loaded = { format: "module", source: "" } as const;
  for (const url of ["node:fs", "file:///a.js", "file:///user/node_modules/a/b.ts", "file:///user/a.d.ts"])
    expect(threadHooks.load(url, loading, () => loaded)).toBe(loaded);
});

test("TypeScript comes as JavaScript", () => {
  const folder = mkdtempSync(join(tmpdir(), "hopmark-hooks-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "a b.ts");
  writeFileSync(file, "export const two: number = 2;\n");
  const next = (): never => {
    throw new Error("Node.js is not asked");
  };
  const loaded = threadHooks.load(pathToFileURL(file).href, loading, next);
  expect(loaded).toEqual({ format: "module", source: "export const two         = 2;\n", shortCircuit: true });
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { smallHopmark } from "./fixtures/small-hopmark.ts";

const hopmark = smallHopmark();
const { root } = hopmark;

afterAll(() => hopmark.remove());

const run = (folder: string, register: string, files: Readonly<Record<string, string>>): string => {
  const child = hopmark.run(folder, register, files);
  if (child.status !== 0) throw new Error(child.stderr);
  return child.stdout;
};

const show = `const source = sourceOf(f); console.log(JSON.stringify({ url: source?.module.url, start: source?.start, ...source?.captures() }));`;

test("Hopmark's own programs use the instance in src", () => {
  const output = run("hopmark", "./dist/compiler/source/register.js", {
    "bench/main.ts": `import { sourceOf } from "../src/kernel/source.ts";\nimport { f } from "../src/mark/f.bpf.ts";\n${show}`,
    "src/mark/f.bpf.ts": "const two: number = 2;\nexport const f = (x: number): number => x * two;\n",
  });
  expect(JSON.parse(output)).toEqual({ url: "src/mark/f.bpf.ts", start: 40, two: 2 });
});

test("a user's program uses the package", () => {
  const output = run("user", "hopmark/register", {
    "main.ts": `import { sourceOf } from "hopmark/kernel";\nimport type { X } from "./none.ts";\nimport { f } from "./f.bpf.ts";\n${show}`,
    "f.bpf.ts":
      'import { sourceOf } from "hopmark/kernel";\nconst own = typeof sourceOf;\nexport const f = () => own;\n',
  });
  expect(JSON.parse(output)).toEqual({ url: "f.bpf.ts", start: 89, own: "function" });
});

test("a file without Hopmark near it gets the one that loads it", () => {
  const output = run("elsewhere", join(root, "hopmark/dist/compiler/source/register.js"), {
    "main.ts": `import * as whole from "hopmark/kernel";\nimport { f } from "./f.bpf.ts";\nconst { sourceOf } = await import(${JSON.stringify(join(root, "hopmark/dist/kernel/source.js"))});\n${show}console.log(sourceOf === whole.sourceOf);`,
    "f.bpf.ts": "export const f = (x: number): number => x;\n",
  });
  expect(output).toBe('{"url":"f.bpf.ts","start":17}\ntrue\n');
});

test("a file with a Hopmark of its own keeps that", () => {
  const own = "own/node_modules/hopmark";
  mkdirSync(join(root, own), { recursive: true });
  writeFileSync(join(root, own, "package.json"), '{ "name": "hopmark", "exports": { "./kernel": "./kernel.js" } }');
  writeFileSync(join(root, own, "kernel.js"), 'exports.whose = "own";');
  const register = join(root, "hopmark/dist/compiler/source/register.js");
  const main = 'import { whose } from "hopmark/kernel";\nconsole.log(whose);';
  expect(run("own", register, { "main.ts": main })).toBe("own\n");
  expect(() => run("own", register, { "main.ts": 'import "hopmark/wire";' })).toThrow("ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("a syntax error says where", () => {
  expect(() => run("user", "hopmark/register", { "bad.ts": "const a = ;\n" })).toThrow("bad.ts:1:11: ");
});

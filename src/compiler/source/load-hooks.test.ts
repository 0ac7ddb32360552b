import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stripTypes } from "./strip.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "hopmark-register-"));

/** A small Hopmark with src and dist, and a user's project beside it. */
beforeAll(() => {
  const compile = (folder: string): void => {
    mkdirSync(join(root, "hopmark/dist", folder), { recursive: true });
    for (const file of readdirSync(join(repository, "src", folder))) {
      if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
      const text = readFileSync(join(repository, "src", folder, file), "utf8");
      const code = stripTypes({ url: file, text }).replace(/((?:from|import) "\.[^"]*)\.ts"/g, '$1.js"');
      writeFileSync(join(root, "hopmark/dist", folder, file.replace(/ts$/, "js")), code);
    }
  };
  for (const folder of [".", "kernel", "compiler/source"]) compile(folder);
  cpSync(join(repository, "src/kernel/source.ts"), join(root, "hopmark/src/kernel/source.ts"));
  writeFileSync(join(root, "hopmark/dist/kernel/index.js"), 'export * from "./source.js";\n');
  writeFileSync(join(root, "hopmark/package.json"), readFileSync(join(repository, "package.json")));
  symlinkSync(join(repository, "node_modules"), join(root, "hopmark/node_modules"));
  mkdirSync(join(root, "user/node_modules"), { recursive: true });
  symlinkSync("../../hopmark", join(root, "user/node_modules/hopmark"));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const run = (folder: string, register: string, files: Readonly<Record<string, string>>): string => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, folder, file, ".."), { recursive: true });
    writeFileSync(join(root, folder, file), text);
  }
  const main = Object.keys(files)[0] ?? "";
  const child = spawnSync(process.execPath, ["--import", register, main], {
    cwd: join(root, folder),
    encoding: "utf8",
  });
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

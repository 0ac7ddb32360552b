import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { smallHopmark } from "./fixtures/small-hopmark.ts";

const hopmark = smallHopmark();
afterAll(() => hopmark.remove());

/** Prints whether the module runs without hooks, and what follows. */
const ahead = 'const ahead: boolean = (new Error().stack ?? "").includes("load-ahead");\n';

const run = (files: Readonly<Record<string, string>>) => hopmark.run("user", "hopmark/register", files);

describe("a plain program runs without module hooks", () => {
  test("once, each module after those it imports, under its own name", () => {
    const { stdout, stderr, status } = run({
      "plain.ts": `${ahead}import { a } from "./plain/a.ts";\nimport { basename } from "node:path";\nimport type { T } from "./none.ts";\nconsole.log(ahead, a, basename(import.meta.url));\nprocess.exitCode = 3;`,
      "plain/a.ts": 'import { f } from "./f.bpf.ts";\nconsole.log("a");\nexport const a: number = f(1);\n',
      "plain/f.bpf.ts": 'console.log("f");\nexport const f = (x: number): number => x + 1;\n',
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "f\na\ntrue 2 plain.ts\n", stderr: "", status: 3 });
  });

  test("with the Hopmark that loads it where there is no other", () => {
    const { stdout, stderr } = hopmark.run("apart", join(hopmark.root, "hopmark/dist/compiler/source/register.js"), {
      "main.ts": `${ahead}import { sourceOf } from "hopmark/kernel";\nimport { f } from "./f.bpf.ts";\nconsole.log(ahead, sourceOf(f)?.module.text);`,
      "f.bpf.ts": 'import { sourceOf } from "hopmark/kernel";\nexport const f = () => sourceOf;\n',
    });
    expect({ stdout, stderr }).toEqual({
      stdout: 'true import { sourceOf } from "hopmark/kernel";\nexport const f = () => sourceOf;\n\n',
      stderr: "",
    });
  });

  test("also when it awaits at its top level", () => {
    const { stdout, stderr } = run({
      "await.ts": 'import { a } from "./await/a.ts";\nconsole.log(a, await Promise.resolve("b"));\n',
      "await/a.ts": 'console.log("once");\nexport const a = await Promise.resolve("a");\n',
    });
    expect({ stdout, stderr }).toEqual({ stdout: "once\na b\n", stderr: "" });
  });
});

describe("errors are those of Node.js", () => {
  test.each([
    ["throw.ts", { "throw.ts": 'const x: number = 1;\nthrow new RangeError("too far");\n' }, "throw.ts:2"],
    [
      "below.ts",
      { "below.ts": 'import "./below/a.ts";\n', "below/a.ts": 'throw new RangeError("too far");' },
      "a.ts:1",
    ],
  ])("%s", (_name, files, place) => {
    const { stderr, status } = run(files);
    expect(status).toBe(1);
    expect(stderr.match(/RangeError: too far/g)).toHaveLength(1);
    expect(stderr).toContain(place);
  });

  test("a file that is not there", () => {
    expect(run({ "missing.ts": 'import "./nowhere.ts";\n' }).stderr).toContain("ERR_MODULE_NOT_FOUND");
  });

  test("a name that is not exported", () => {
    const { stderr } = run({ "name.ts": 'import { b } from "./name/a.ts";\nb;\n', "name/a.ts": "export const a = 1;" });
    expect(stderr).toContain("does not provide an export named 'b'");
  });
});

describe("what is not plain takes hooks", () => {
  test.each([
    ["import()", { "late.ts": `${ahead}await import("./late/a.ts");\nconsole.log(ahead);`, "late/a.ts": "export {};" }],
    [
      "a circle",
      {
        "circle.ts": `${ahead}export const one = (): number => 1;\nimport { two } from "./circle/a.ts";\nconsole.log(ahead && two());`,
        "circle/a.ts": 'import { one } from "../circle.ts";\nexport const two = (): number => one() + 1;\n',
      },
    ],
    [
      "JavaScript",
      { "js.ts": `${ahead}import "./js/a.mjs";\nconsole.log(ahead);`, "js/a.mjs": 'import "./b.ts";', "js/b.ts": "" },
    ],
    [
      "a package",
      { "package.ts": `${ahead}import "commander";\nconsole.log(ahead);`, "node_modules/commander/index.js": "" },
    ],
  ])("%s", (_name, files) => {
    const { stdout, stderr } = run(files);
    expect({ stdout, stderr }).toEqual({ stdout: "false\n", stderr: "" });
  });
});

/** Prints who runs the module. */
const by = 'const by: string = (/run-modules|load-ahead/.exec(new Error().stack ?? "") ?? ["Node.js"])[0];\n';

describe("-r", () => {
  const register = join(hopmark.root, "hopmark/dist/compiler/source/register.cjs");
  const f = "export const f = (x: number): number => x + 1;\n";
  const runWith = (folder: string, files: Readonly<Record<string, string>>) => {
    const { stdout, stderr, status } = hopmark.run(folder, register, files, {}, "-r");
    return { stdout, stderr: stderr.replaceAll(/^\(.*\n/gm, ""), status };
  };
  const ran = (stdout: string, status = 0) => ({ stdout, stderr: "", status });

  describe("runs modules as functions, once", () => {
    const main = `${by}import { f } from "./f.bpf.ts";\nconsole.log(by, f(1));\nprocess.exitCode = 3;\n`;
    test.each([
      ["a script that no package.json names", "required", {}],
      ["an ES module", "typed", { "package.json": '{ "type": "module" }' }],
    ])("%s", (_name, folder, files) => {
      expect(runWith(folder, { "main.ts": main, "f.bpf.ts": f, ...files })).toEqual(ran("run-modules 2\n", 3));
    });

    test("each after those it imports, with what they export", () => {
      const files = {
        "order.ts":
          'import { basename } from "node:path";\nimport path, { join as joined } from "node:path";\nimport whole, { a, g as other } from "./order/a.ts";\nimport { Text } from "./order/types.ts";\nconst t: Text = basename(import.meta.url);\nconsole.log(t, a, other(), whole.n, path.join === joined, this === undefined);\nexport {};\n',
        "order/a.ts":
          'import { f as plusOne } from "../f.bpf.ts";\nexport { sourceOf as g0 } from "hopmark/kernel";\nconsole.log("a");\nexport const { a, rest: [b] } = { a: plusOne(1), rest: [7] };\nexport function g(): number { return b; }\nexport default Object.freeze({ n: 9 });\n',
        "order/types.ts": 'console.log("types");\nexport class Text extends String {}\n',
        "f.bpf.ts": `console.log("f");\n${f}`,
      };
      expect(runWith("required", files)).toEqual(ran("f\na\ntypes\norder.ts 2 7 9 true true\n"));
    });

    test("a kernel function knows its source", () => {
      const files = {
        "main.ts": `${by}import { sourceOf } from "hopmark/kernel";\nimport { f } from "./f.bpf.ts";\nconsole.log(by, sourceOf(f)?.start);`,
        "f.bpf.ts": f,
      };
      expect(runWith("required", files)).toEqual(ran(`run-modules ${f.indexOf("(")}\n`));
    });

    test("one that awaits at its top level", () => {
      const awaits = `${by}import { f } from "./f.bpf.ts";\nconsole.log(await Promise.resolve(f(1)), by);\n`;
      expect(runWith("required", { "await.ts": awaits, "f.bpf.ts": f })).toEqual(ran("2 run-modules\n"));
    });

    test("one that nothing ever settles", () => {
      const { stdout, status } = runWith("required", {
        "forever.ts": "await new Promise(() => {});\nconsole.log(1);\n",
      });
      expect({ stdout, status }).toEqual({ stdout: "", status: 13 });
    });
  });

  test.each([
    ["a namespace", 'import * as a from "./as/a.ts";', "console.log(by, a.a);", "load-ahead 1\n"],
    ["an export that changes", 'import { n, set } from "./as/a.ts";', "set(2);\nconsole.log(by, n);", "load-ahead 2\n"],
    ["export *", 'import { a } from "./as/b.ts";', "console.log(by, a);", "load-ahead 1\n"],
    ["all of import.meta", "", "console.log(by, Object.keys(import.meta).includes('url'));", "load-ahead true\n"],
    ["import()", "", 'const { a } = await import("./as/a.ts");\nconsole.log(by, a);', "Node.js 1\n"],
  ])("leaves to Node.js what a function would do otherwise: %s", (name, imports, rest, stdout) => {
    const files = {
      [`${name.replaceAll(/\W/g, "")}.ts`]: `${by}${imports}\n${rest}\n`,
      "as/a.ts":
        "export const a = 1;\nexport let n = 1;\nexport const set = (value: number): void => {\n  [n] = [value];\n};\n",
      "as/b.ts": 'export * from "./a.ts";\n',
    };
    expect(runWith("required", files)).toEqual(ran(stdout));
  });

  test.each([
    ["throw.ts", 'const x: number = 1; throw new RangeError("too far");\n', ":1:28"],
    ["throw-below.ts", '/* one */\nimport "./below/a.ts";\n', "a.ts:2:11"],
    ["throw-later.ts", 'await 0;\nthrow new RangeError("too far");\n', "throw-later.ts:2:7"],
  ])("ends with what the script throws, and where: %s", (main, text, place) => {
    const below = 'export const x: number = 1;\n    throw new RangeError("too far");\n';
    const { stderr, status } = runWith("required", { [main]: text, "below/a.ts": below });
    expect(status).toBe(1);
    expect(stderr.match(/RangeError: too far/g)).toHaveLength(1);
    expect(stderr).toMatch(new RegExp(`at file://\\S+${place}`));
  });

  /** Runs `main.ts` with `-r` for each; `R` is Hopmark. */
  const after = (
    preloads: readonly string[],
    files: Readonly<Record<string, string>>,
    options: NodeJS.ProcessEnv = {},
  ) => {
    const main = `${by}import { f } from "./f.bpf.ts";\nconsole.log(by, f(1), process.env["SET"]);\n`;
    const all = { "main.ts": main, "f.bpf.ts": f, "sets.cjs": 'process.env.SET = "set";\n', ...files };
    const names = preloads.map((name) => (name === "R" ? register : name));
    const { stdout, stderr, status } = hopmark.run("required", names, all, options, "-r");
    return { stdout, stderr: stderr.replaceAll(/^\(.*\n/gm, ""), status };
  };

  test.each<[string, string[], Record<string, string>, NodeJS.ProcessEnv]>([
    ["one", ["./sets.cjs", "R"], {}, {}],
    [
      "several, with what they require",
      ["./asks.cjs", "./sets.cjs", "R"],
      {
        "asks.cjs": 'const { join } = require("path");\nmodule.exports = [join, require("./asked.json")];\n',
        "asked.json": "{}",
      },
      {},
    ],
    ["one in the environment", ["R"], {}, { NODE_OPTIONS: "--require ./sets.cjs" }],
  ])("other modules may come first that leave loading alone: %s", (_name, preloads, files, options) => {
    expect(after(preloads, files, options)).toEqual(ran("run-modules 2 set\n"));
  });

  test.each<[string, string[], Record<string, string>, NodeJS.ProcessEnv]>([
    ["one that comes later", ["R", "./sets.cjs"], {}, {}],
    ["one with hooks", ["./sets.cjs", "./hooks.cjs", "R"], { "hooks.cjs": 'require("module");\n' }, {}],
    ["one with its own loader", ["./sets.cjs", "./own.cjs", "R"], { "own.cjs": "module.constructor._load;\n" }, {}],
    [
      "one that imports",
      ["./sets.cjs", "./late.cjs", "R"],
      { "late.cjs": 'import("./late.mjs");\n', "late.mjs": "export {};\n" },
      {},
    ],
    ["an import", ["./sets.cjs", "R"], { "too.mjs": "export {};\n" }, { NODE_OPTIONS: "--import ./too.mjs" }],
  ])("hooks are taken with %s", (_name, preloads, files, options) => {
    expect(after(preloads, files, options)).toEqual(ran("Node.js 2 set\n"));
  });

  test("a name that is not exported is refused before anything runs", () => {
    const files = {
      "none.ts": 'import "./none/a.ts";\nimport { none } from "node:fs";\nnone;\n',
      "none/a.ts": 'console.log("ran");\n',
    };
    const { stdout, stderr, status } = runWith("required", files);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toContain("does not provide an export named 'none'");
  });
});

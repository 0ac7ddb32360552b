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

describe("-r", () => {
  const register = join(hopmark.root, "hopmark/dist/compiler/source/register.cjs");
  const f = "export const f = (x: number): number => x + 1;\n";
  const runWith = (folder: string, files: Readonly<Record<string, string>>) => {
    const { stdout, stderr, status } = hopmark.run(folder, register, files, {}, "-r");
    return { stdout, stderr: stderr.replaceAll(/^\(.*\n/gm, ""), status };
  };
  const main = `${ahead}import { f } from "./f.bpf.ts";\nconsole.log(ahead, f(1));\nprocess.exitCode = 3;\n`;

  test.each([
    ["a script that no package.json names", "required", {}],
    ["an ES module", "typed", { "package.json": '{ "type": "module" }' }],
  ])("runs %s once, without hooks", (_name, folder, files) => {
    const ran = runWith(folder, { "main.ts": main, "f.bpf.ts": f, ...files });
    expect(ran).toEqual({ stdout: "true 2\n", stderr: "", status: 3 });
  });

  test("runs one that awaits, and one that takes hooks", () => {
    const awaits = `${ahead}import { f } from "./f.bpf.ts";\nconsole.log(await Promise.resolve(f(1)), ahead);\n`;
    expect(runWith("required", { "await.ts": awaits, "f.bpf.ts": f })).toEqual({
      stdout: "2 false\n",
      stderr: "",
      status: 0,
    });
    const late = `${ahead}const { f } = await import("./f.bpf.ts");\nconsole.log(f(2), ahead);\n`;
    expect(runWith("required", { "late.ts": late, "f.bpf.ts": f })).toEqual({
      stdout: "3 false\n",
      stderr: "",
      status: 0,
    });
  });

  test("ends with what the script throws", () => {
    const { stderr, status } = runWith("required", { "throw.ts": 'throw new RangeError("too far");\n' });
    expect(status).toBe(1);
    expect(stderr.match(/RangeError: too far/g)).toHaveLength(1);
  });
});

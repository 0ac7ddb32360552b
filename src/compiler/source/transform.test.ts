import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { describe, expect, test } from "vitest";
import { kernelFunction, sourceOf, type FunctionSource } from "../../kernel/source.ts";
import * as functions from "./fixtures/functions.bpf.ts";
import { scale } from "./fixtures/shared.bpf.ts";
import { factor } from "./fixtures/values.ts";
import { functionAt } from "./parse.ts";
import { transformModule } from "./transform.ts";

type AnyFunction = (...parameters: never[]) => unknown;

const source = (fn: AnyFunction): FunctionSource => {
  const found = sourceOf(fn);
  if (found === undefined) throw new Error(`${fn.name} is not registered`);
  return found;
};

const written = (fn: AnyFunction): string => {
  const { module, start } = source(fn);
  const node = functionAt(module, start);
  return module.text.slice(node?.start, node?.end);
};

describe("a module loaded through the plugin", () => {
  const text = readFileSync(new URL("./fixtures/functions.bpf.ts", import.meta.url), "utf8");

  test("carries its text and name", () => {
    const { module } = source(functions.twice);
    expect(module.text).toBe(text);
    expect(module.url).toBe("src/compiler/source/fixtures/functions.bpf.ts");
    expect(source(functions.helper).module).toBe(module);
    expect(source(scale).module.url).toBe("src/compiler/source/fixtures/shared.bpf.ts");
  });

  test("finds functions where they are written", () => {
    expect(written(functions.twice)).toBe("(x: Whole): number => x * 2");
    expect(written(functions.configured)).toMatch(
      /^<C extends Config>\(config: C\) =>\n {2}\(x: number\)[^]*later\);\n {2}\}$/,
    );
    expect(written(functions.helper)).toMatch(/^function helper\(x: number\)[^]*\}$/);
    const config = { bonus: 10 };
    expect(written(functions.configured(config))).toMatch(/^\(x: number\): number => \{/);
  });

  test("captures what a function closes over, other modules' exports included", () => {
    const config = { bonus: 10 };
    const { captures } = source(functions.configured(config));
    const captured = captures();
    expect(Object.keys(captured)).toEqual(["helper", "config", "scale", "values", "later"]);
    expect(captured["config"]).toBe(config);
    expect(captured["scale"]).toBe(scale);
    expect((captured["values"] as { factor: number }).factor).toBe(factor);
    expect(source(functions.helper).captures()).toHaveProperty("later", 1);
    expect(source(scale).captures()).toEqual({ factor: 3 });
  });

  test("captures are live", () => {
    const { captures } = source(functions.beforeEarly.read);
    functions.setLater(7);
    expect(captures()["later"]).toBe(7);
    functions.setLater(1);
    expect(captures()["early"]).toBe(5);
  });

  test("computes as it did", () => {
    expect(functions.configured({ bonus: 10 })(4)).toBe(4 + 1 + 10 + 9 + 1);
    expect(functions.useEarly()).toBe(5);
  });
});

/** Runs a module without imports; `note(f)` collects functions, `capture(f)` what they capture at that moment. */
const evaluate = (text: string) => {
  const { code } = transformModule(text, { url: "test.bpf.ts", runtime: "runtime" });
  const lines = text.split("\n").length;
  expect(code.split("\n").length).toBe(lines);
  const script = code
    .replace(/import \{ kernelFunction as (\S+) \} from "runtime";/, "const $1 = kernelFunction;")
    .replace(/^#!.*/, "");
  const noted: AnyFunction[] = [];
  const captured: Readonly<Record<string, unknown>>[] = [];
  const note = (fn: AnyFunction): unknown => noted.push(fn);
  const capture = (fn: AnyFunction, probe?: (names: Readonly<Record<string, unknown>>) => void): void => {
    const names = source(fn).captures();
    captured.push(names);
    probe?.(names);
  };
  compileFunction(`"use strict"; ${script}`, ["kernelFunction", "note", "capture"])(kernelFunction, note, capture);
  return { code, noted, captured };
};

describe("transformModule", () => {
  test.each<[title: string, text: string, name: string, written: string]>([
    ["arrow", "const f = (x) => x; note(f)", "f", "(x) => x"],
    ["arrow without parentheses", "const f = async x => x; note(f)", "f", "async x => x"],
    [
      "arrow before an inserted semicolon",
      "const f = () => 1 as T\n;(0)\nconst g = () => () => 2 as T\n(note(g()))",
      "",
      "() => 2 as T",
    ],
    ["generic arrow over lines", "const f = <\nT>(x: T): T |\n1 => x; note(f)", "f", "<\nT>(x: T): T |\n1 => x"],
    ["function expression", "const f = function (x) { return x }; note(f)", "f", "function (x) { return x }"],
    ["named function expression", "const f = function g() { return g }; note(f)", "g", "function g() { return g }"],
    ["argument", "note((x) => x)", "", "(x) => x"],
    ["as", "const f = ((x) => x) as T; note(f)", "f", "(x) => x"],
    ["satisfies, non-null", "let f; f = ((x) => x)! satisfies T; note(f)", "f", "(x) => x"],
    ["assignment", "let f; f ??= () => 1; note(f)", "f", "() => 1"],
    ["default", "const { f = () => 1, g: h = () => 2 } = {}; note(h)", "h", "() => 2"],
    ["parameter default", "((f = (x) => x) => note(f))()", "f", "(x) => x"],
    ["property", "note({ f: (x) => x }.f)", "f", "(x) => x"],
    ["string property", "note({ 'a b': (x) => x }['a b'])", "a b", "(x) => x"],
    ["number property", "note({ 0x10: (x) => x }[16])", "16", "(x) => x"],
    ["prototype", "const o = { __proto__: () => 1 }; note(Object.getPrototypeOf(o))", "", "() => 1"],
    ["class field", "note(new (class { private f = (x) => x })().f)", "f", "(x) => x"],
    ["private field", "new (class { #f = (x) => x; constructor() { note(this.#f) } })()", "#f", "(x) => x"],
    ["new", "note(new function () { return () => 1 }())", "", "() => 1"],
    ["new with a type", "note(new (function () { return () => 1 } as any)())", "", "() => 1"],
    ["immediately called", "note((() => () => 1)())", "", "() => 1"],
    ["nested at one end", "note(((a) => (b) => (c) => a)(1)(2))", "", "(c) => a"],
    ["declaration, before it", "note(f); function f(x) { return x }", "f", "function f(x) { return x }"],
    ["declaration of an asynchronous generator", "note(f); async function* f() {}", "f", "async function* f() {}"],
    ["in a function, after directives", "(() => { 'use strict'\nnote(f); function f() {} })()", "f", "function f() {}"],
    ["in a block", "{ note(f); function f() {} }", "f", "function f() {}"],
    [
      "in a switch",
      "switch (1) { case 0: 1; case 1: note(f); break; case 2: function f() {} }",
      "f",
      "function f() {}",
    ],
    ["in a static block", "class A { static { note(f); function f() {} } }", "f", "function f() {}"],
    ["in a method", "({ m() { note(() => 1) } }).m()", "", "() => 1"],
    ["in a template", "`${note(() => 1)}`", "", "() => 1"],
    ["overloaded", "function f(a: 1): void;\nfunction f(a: any) { }\nnote(f)", "f", "function f(a: any) { }"],
    ["after text beyond ASCII", "const é = '🤨'; const f = () => é; note(f)", "f", "() => é"],
    ["at a block's first character", "{(()=>1)();async x=>x;note(f);function f(){}}", "f", "function f(){}"],
    ["after a hashbang", "#!/usr/bin/env node\nconst f = () => 1; note(f)", "f", "() => 1"],
    [
      "beside names like ours",
      "const $register = 1, $kernelFunction = 2, $sourceModule = 3; const f = () => $register; note(f)",
      "f",
      "() => $register",
    ],
  ])("%s", (_title, text, name, expected) => {
    const { noted } = evaluate(text);
    expect(noted.map((fn) => fn.name)).toEqual([name]);
    expect(noted.map(written)).toEqual([expected]);
  });

  test("a default export keeps hoisting and its name", () => {
    const { code } = transformModule("export default function (x) { return x }", { url: "u", runtime: "r" });
    expect(code).toMatch(/export default function \$defaultFunction \(x\)/);
    expect(code).toContain('"name", { value: "default", configurable: true }');
    const arrow = transformModule("export default (x) => x", { url: "u", runtime: "r" }).code;
    expect(arrow).toContain('export default $kernelFunction({["default"]:(x) => x}["default"], 15,');
  });

  test("captures at the time of asking", () => {
    const { captured } = evaluate("let a = 1; const f = () => a; capture(f); a = 2; capture(f);");
    expect(captured.map((names) => names["a"])).toEqual([2, 2]);
    const loop = evaluate("for (const x of [1, 2]) { const f = () => x; capture(f) }");
    expect(loop.captured).toEqual([{ x: 1 }, { x: 2 }]);
  });

  test("a name in its dead zone disturbs no other", () => {
    const { noted } = evaluate(`
      const f = () => a + b; let a = 1;
      const probe = (captures) => { note(() => captures.a); try { captures.b } catch (error) { note(() => error.message) } };
      capture(f, probe); let b = 2;`);
    expect(noted.map((read) => read())).toEqual([1, "Cannot access 'b' before initialization"]);
  });

  test("a function that a cycle calls before its module has run", () => {
    // The prelude follows the call as a cycle would see it: hoisted functions work, `var`s are undefined.
    const { code } = transformModule("export function f() { return () => 1 }", { url: "u", runtime: "r" });
    const [prelude = "", rest = ""] = code.split(/(?<=\} )(?=\$kernelFunction\(f)/);
    const hoisted = prelude.replace(/import .*? from "r";/, "").concat("return f(); ", rest.replace("export ", ""));
    const inner = compileFunction(hoisted, ["$register"])(kernelFunction) as AnyFunction;
    expect(written(inner)).toBe("() => 1");
  });

  test("a module without functions stays as stripping leaves it", () => {
    expect(transformModule("export const a: 1 = 1;", { url: "u", runtime: "r" }).code).toBe("export const a    = 1;");
  });

  test("everything stays on its line", () => {
    const text =
      "'use x'\n// comment\nconst a = [\n  (x) => x,\n  function () {\n    return 1;\n  },\n];\nfunction f() {\n}\n";
    const { code } = transformModule(text, { url: "u", runtime: "r" });
    const lines = code.split("\n");
    for (const [index, line] of text.split("\n").entries()) {
      for (const word of line.match(/[a-z]+/g) ?? []) expect(lines[index]).toContain(word);
    }
  });

  test("imports are renamed when a build asks", () => {
    const text =
      "import a from './a.ts'; export * from \"../b.bpf.ts\"; import 'c.ts'; import type d from './d.ts'; import('./e.ts'); const s = './f.ts'";
    const importAs = (specifier: string): string => specifier.replace(/^(\.\.?\/.*)\.ts$/, "$1.js");
    const { code } = transformModule(text, { url: "u", runtime: "r", importAs });
    expect(code).toMatch(
      /^import a from "\.\/a\.js"; export \* from "\.\.\/b\.bpf\.js"; import 'c\.ts'; ; +import\("\.\/e\.js"\); const s = '\.\/f\.ts'$/,
    );
  });
});

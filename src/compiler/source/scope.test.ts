import { expect, test } from "vitest";
import { parseModule } from "./parse.ts";
import { freeNames } from "./scope.ts";

/** Free names of the function in `text` that holds the marker `$` (the innermost one). */
const freeOf = (text: string): string[] => {
  const functions = [...freeNames(parseModule({ url: "test.ts", text }))];
  const marker = text.indexOf("$");
  const holders = functions.filter(([node]) => node.start <= marker && marker < node.end);
  const innermost = holders.toSorted(([a], [b]) => a.end - a.start - (b.end - b.start))[0];
  return [...(innermost?.[1] ?? ["no function"])];
};

const declared = "let a, b, c, d, e;\n";

test.each([
  ["uses", "() => { $; a + b.c; }", ["a", "b"]],
  ["globals are left out", "() => { $; Math.max(a); unknown; }", ["a"]],
  ["order of use", "() => { $; b; a; b }", ["b", "a"]],
  ["parameters", "(a, { b, x: c = d }, [y = a], ...e) => { $; a; b; c; e }", ["d"]],
  ["pattern keys", "({ a: x, [b]: y }) => { $ }", ["b"]],
  ["let, const, class, function", "() => { $; let a = 1; const b = a; class c {} function d() {} c; d(); e }", ["e"]],
  ["block scope", "() => { { let a; a; } $; a }", ["a"]],
  ["var hoists out of blocks", "() => { $; a; if (b) { for (var a of c); } }", ["b", "c"]],
  ["functions hoist within blocks", "() => { $; { a(); function a() {} } b(); { function b() {} } }", ["b"]],
  ["loop heads", "() => { $; for (let a = 0; a < b; a++) a; for (const c of [a]) c; }", ["b", "a"]],
  ["a default does not see the body", "(x = a) => { $; var a = x; }", ["a"]],
  ["switch", "() => { $; switch (a) { case b: let c; default: c } c }", ["a", "b", "c"]],
  ["catch", "() => { $; try { } catch (a) { a } try {} catch { b } }", ["b"]],
  ["labels", "() => { $; a: for (;;) { break a; continue a } }", []],
  ["property names", "() => { $; x.a; x.b(); ({ a: 1, b() {}, get c() { return 1 } }); x[d] }", ["d"]],
  ["shorthand", "() => { $; ({ a, b: c, [d]: 1 }) }", ["a", "c", "d"]],
  ["assignment", "() => { $; a = 1; ({ b, x: c } = d); e++ }", ["a", "b", "c", "d", "e"]],
  ["nested functions count", "() => { $; (a) => a + b; }", ["b"]],
  ["nested declarations do not", "() => { $; const a = () => b; a(); }", ["b"]],
  [
    "classes",
    "() => { $; class x extends a { [b] = c; static { var d; d } static e = d; f() { return x } } }",
    ["a", "b", "c", "d"],
  ],
  ["class expression's name", "() => { $; (class a { m() { a } }); }", []],
  ["function expression's name", "(function a() { $; a; b })", ["b"]],
  ["function declaration's name", "export function f() { $; f() }", ["f"]],
  ["arguments", "(function () { $; arguments; () => arguments })", []],
  ["types", "(x: A): B => { $; const y = x as typeof a; type c = d; interface e {} return f<A>(y!) }", []],
  ["type wrappers", "() => { $; (a as B).x; c!; d satisfies T; e<T>; }", ["a", "c", "d", "e"]],
  ["meta properties", "function g() { $; new.target; import.meta.a }", []],
  ["templates", "() => { $; a`${b}`; }", ["a", "b"]],
])("%s", (_title, text, names) => {
  expect(freeOf(declared + text)).toEqual(names);
});

test("imports are free, type imports are not", () => {
  expect(
    freeOf(
      "import a, { b, type C, x as c } from 'x'; import * as d from 'y'; import type E from 'z';\n() => { $; a; b; C; c; d; E; x }",
    ),
  ).toEqual(["a", "b", "c", "d"]);
});

test("names of enclosing functions are free", () => {
  expect(freeOf("const m = 1; const f = (config) => { let own; return (ctx) => { $; config; m; ctx; own } }")).toEqual([
    "config",
    "m",
    "own",
  ]);
});

test("declarations that only types make are not", () => {
  expect(freeOf("declare const a: number; declare function b(): void; () => { $; a; b }")).toEqual([]);
});

import fc from "fast-check";
import { parseSync } from "oxc-parser";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { describe, expect, test } from "vitest";
import { SourceError } from "./source-error.ts";
import { stripTypes } from "./strip.ts";

const strip = (text: string): string => stripTypes({ url: "test.ts", text });

const breaks = (text: string): string => text.replace(/[^\n\r\u2028\u2029]/g, " ");

const expectJavaScript = (code: string, original: string): void => {
  expect(code.length).toBe(original.length);
  expect(breaks(code)).toBe(breaks(original));
  const result = parseSync("test.js", code, { lang: "js", sourceType: "module" });
  expect(result.errors.map((error) => error.codeframe)).toEqual([]);
};

/** What is left, with runs of blanks (not line breaks) made one. */
const squeeze = (code: string): string =>
  code
    .replace(/ +/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .trim();

describe("stripTypes", () => {
  const cases: readonly (readonly [title: string, typescript: string, javascript: string])[] = [
    ["annotations", "let a: number = 1, { b }: { b: string } = c;", "let a = 1, { b } = c;"],
    ["definite", "let a!: number;", "let a ;"],
    [
      "loop heads",
      "for (let i: number = 0; ; ) for (const x of y as T[]) {}",
      "for (let i = 0; ; ) for (const x of y ) {}",
    ],
    ["loop head of the type alone", "for (let i: number;;) {}", "for (let i ;;) {}"],
    ["catch", "try {} catch (e: unknown) {}", "try {} catch (e ) {}"],
    ["optional parameters", "function f(a?: number, b ? /* ? */ : string, c?) {}", "function f(a , b /* ? */ , c ) {}"],
    ["this", "function f(this: X, a: this) {}", "function f( a ) {}"],
    ["this alone", "function f(this: X) {}", "function f( ) {}"],
    ["generics", "f<T>(new A<B<C>>()); g<T>`x`; const h = i<T>;", "f (new A ()); g `x`; const h = i ;"],
    ["interfaces", "interface A { b: c }\nexport interface D {}", ";\n;"],
    ["aliases", "type A = 1; export type B<T> = T extends infer U ? U : never;", "; ;"],
    ["declare", "declare const a: number; declare function f(): void; export declare class C {}", "; ; ;"],
    [
      "declare module",
      "declare module 'x' { const a: 1 }\ndeclare global { var y: 1 }\ndeclare enum E { A }",
      ";\n;\n;",
    ],
    ["namespace of types", "namespace N { export type A = 1; interface B {} }", ";"],
    ["overloads", "function f(a: 1): void;\nfunction f(a: any) {}", ";\nfunction f(a ) {}"],
    ["exported overloads", "export function f(a: 1): void\nexport function f() {}", ";\nexport function f() {}"],
    [
      "default overloads",
      "export default function (a: 1): void;\nexport default function (a) {}",
      ";\nexport default function (a) {}",
    ],
    ["imports", "import type A from 'a';\nimport { type B, c, type D } from 'd';", ";\nimport { c, } from 'd';"],
    [
      "import of types only keeps the import",
      "import { type A } from 'a'; import b, { type C as D } from 'c';",
      "import { } from 'a'; import b, { } from 'c';",
    ],
    [
      "names that are keywords of types",
      "import { type as as, type } from 'a';",
      "import { type as as, type } from 'a';",
    ],
    ["import type equals", "import type a = require('a');", ";"],
    ["exports", "export { type A, b }; export type { C } from 'c'; export type * from 'd';", "export { b }; ; ;"],
    [
      "exports of names that are types",
      "interface A {}\nimport type { B } from 'b';\ntype C = 1;\nconst C = 1;\nexport { A, B as b, C };\nexport { A } from 'a';",
      ";\n;\n;\nconst C = 1;\nexport { C };\nexport { A } from 'a';",
    ],
    ["as", "(a) as T; ((b)) as (U); a as unknown as T; (a as T).b; [c as T] = d", "(a) ; ((b)) ; a ; (a ).b; [c ] = d"],
    ["as beside comments", "(a /* as ) */) /* as */ as T;", "(a /* as ) */) /* as */ ;"],
    ["satisfies", "const a = { b: 1 } satisfies T;", "const a = { b: 1 } ;"],
    ["non-null", "a!.b!(c!)![d]!; (a)!; (a?.b)!.c; a! as T", "a .b (c ) [d] ; (a) ; (a?.b) .c; a ;"],
    ["as at the end of a line before (", "const a = b as T\n(c)", "const a = b ;\n(c)"],
    ["as at the end of a line before [", "a = b satisfies T\n[c].d", "a = b ;\n[c].d"],
    ["as before a template", "a as T\n`b`", "a ;\n`b`"],
    ["return of a type", "function f() { return a as T\n(b) }", "function f() { return a ;\n(b) }"],
    ["export default of a type", "export default a as T\n(b)", "export default a ;\n(b)"],
    ["erased statement between lines", "const a = b\ntype T = 1\n(c)", "const a = b\n;\n(c)"],
    ["declaration without value", "let a: T\n[b] = c", "let a ;\n[b] = c"],
    ["arrow", "const f = <T,>(a: T, ...b: T[]): a is T => a as T;", "const f = (a , ...b ) => a ;"],
    ["arrow ending a line", "const f = () => a as T\n(b)", "const f = () => a ;\n(b)"],
    ["arrow with type over lines", "const f = (a): {\nb: 1\n} => a;", "const f = (a \n\n) => a;"],
    [
      "arrow with default in parentheses",
      "const f = (a = (1) /* ) */): {\n} => a;",
      "const f = (a = (1) /* ) */ \n) => a;",
    ],
    ["arrow without parameters", "const f = (/* ) */): T\n| U => a;", "const f = (/* ) */ \n ) => a;"],
    ["arrow with trailing comma", "const f = (a, // )\n): T => a;", "const f = (a, // )\n) => a;"],
    ["arrow type on the next line", "const f = (a)\n: T => a;", "const f = (a\n ) => a;"],
    ["generic arrow over lines", "function g() { return <T,\nU>(a: T) => a }", "function g() { return ( \n a ) => a }"],
    [
      "async generic arrow over lines",
      "const f = async <\nT,\n>(a): Promise<\nT> => a;",
      "const f = async (\n\n a \n ) => a;",
    ],
    ["function type over lines", "function f(): {\n} {}", "function f() \n {}"],
    ["class heads", "abstract class A<T> extends (B)<T> implements C, D<T> {}", "class A extends (B) {}"],
    ["class expressions", "const A = class implements /* implements */ B {};", "const A = class {};"],
    ["exported abstract", "export default abstract class {}", "export default class {}"],
    [
      "modifiers",
      "class A { private readonly a: 1 = 1; static override async m() {} protected get b() { return 1 } }",
      "class A { ; a = 1; static async m() {} ; get b() { return 1 } }",
    ],
    [
      "members named like modifiers",
      "class A { readonly: 1; private readonly; declare() {} static static: 1; get: 1; abstract = 1 }",
      "class A { readonly ; ; readonly; declare() {} static static ; get ; abstract = 1 }",
    ],
    [
      "optional members",
      "class A { a?: 1; b!: 2; ['c'] ?: 3; d?() {} #e?: 4 }",
      "class A { a ; b ; ['c'] ; d () {} #e ; }",
    ],
    [
      "members without a body",
      "abstract class A { abstract a(): void; abstract b: 1; [k: string]: 1; declare c: 1; d(): void; d() {} }",
      "class A { ; ; ; ; ; d() {} }",
    ],
    ["constructor overloads", "class A { constructor(a: 1);\nconstructor() {} }", "class A { ;\nconstructor() {} }"],
    [
      "member before computed",
      "class A { a = b as T\n[c] = 1\nprivate [d]\nprivate *e() {} }",
      "class A { a = b ;\n[c] = 1\n; [d]\n; *e() {} }",
    ],
    ["field that becomes an accessor", "class A { get: T\na() {} }", "class A { get ;\na() {} }"],
    [
      "computed member named by a type",
      "class A { private static [k as string]: 1 = 1 }",
      "class A { ; static [k ] = 1 }",
    ],
    [
      "strings and regular expressions stay",
      "const a = ': T'; const b = / as T/; const c = `${d as T} as T`;",
      "const a = ': T'; const b = / as T/; const c = `${d } as T`;",
    ],
    ["text beyond ASCII", "const é: '🤨' = '🤨' as '🤨'; // 🤨: T", "const é = '🤨' ; // 🤨: T"],
  ];

  test.each(cases)("%s", (_title, typescript, javascript) => {
    const code = strip(typescript);
    expectJavaScript(code, typescript);
    expect(squeeze(code)).toBe(squeeze(javascript));
  });

  test("keeps offsets", () => {
    const text = "const é: '🤨' = f<T>(x as T);\n\tdone(y!);";
    const code = strip(text);
    for (const name of ["é", "f", "x", "done", "y"]) expect(code.indexOf(name)).toBe(text.indexOf(name));
  });

  test.each([
    ["enum E { A }", "enum has code"],
    ["const enum E { A }", "enum has code"],
    ["namespace N { export const a = 1 }", "a namespace with values has code"],
    ["class A { constructor(private a: 1) {} }", "a parameter property has code"],
    ["import a = require('a')", "`import … =` has code"],
    ["export = a", "`export =` has code"],
    ["let a = <T>b", "`<T>value` cannot be erased in place"],
    ["@d class A {}", "decorators have code"],
  ])("refuses %s", (text, message) => {
    expect(() => strip(`\n ${text}`)).toThrow(`test.ts:2:`);
    expect(() => strip(text)).toThrow(message);
    expect(() => strip(text)).toThrow(SourceError);
  });

  test("says where the syntax is wrong, in UTF-16 columns", () => {
    try {
      strip("const é = '🤨';\n\tf('🤨' 1);");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SourceError);
      expect(error).toMatchObject({ code: "syntax", file: "test.ts", line: 2, column: 9 });
      expect((error as SourceError).message).toContain("\n  \tf('🤨' 1);\n  \t       ^");
    }
  });

  test("every module of this source tree becomes JavaScript of the same shape", () => {
    const source = fileURLToPath(new URL("../../", import.meta.url));
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const text = readFileSync(join(source, file), "utf8");
      expectJavaScript(stripTypes({ url: file, text }), text);
    }
  });

  test("typed expressions evaluate as the untyped ones", () => {
    const { expression } = fc.letrec<{ expression: Typed; leaf: Typed; node: Typed }>((tie) => ({
      expression: fc.oneof({ maxDepth: 5 }, tie("leaf"), tie("node")),
      leaf: fc.integer({ min: 0, max: 9 }).map((value) => ({ ts: `${value}`, js: `${value}` })),
      node: fc
        .tuple(fc.constantFrom(...wrappers), tie("expression"), tie("expression"))
        .map(([wrap, a, b]) => ({ ts: wrap.ts(a.ts, b.ts), js: wrap.js(a.js, b.js) })),
    }));
    fc.assert(
      fc.property(fc.array(expression, { minLength: 1, maxLength: 4 }), (expressions) => {
        const typed = expressions.map(({ ts }) => `out.push(${ts} as T)\ninterface I {}\n(0)\n`).join("");
        const plain = expressions.map(({ js }) => `out.push(${js});\n`).join("");
        expect(evaluate(strip(typed))).toEqual(evaluate(plain));
      }),
      { numRuns: 300 },
    );
  });
});

interface Typed {
  readonly ts: string;
  readonly js: string;
}

const evaluate = (code: string): unknown => {
  const out: unknown[] = [];
  new Script(code).runInNewContext({ out });
  return [...out];
};

type Wrap = (a: string, b: string) => string;

const wrappers: readonly { readonly ts: Wrap; readonly js: Wrap }[] = [
  { ts: (a, b) => `(${a} as {\n x: 1 }) + ${b}!`, js: (a, b) => `(${a}) + ${b}` },
  { ts: (a, b) => `((<T,>(x: T,\n y?: number): T\n | U => x)(${a}, ${b}))`, js: (a, b) => `((x, y) => x)(${a}, ${b})` },
  { ts: (a, b) => `[${a} satisfies number, (${b})! as T][1]!`, js: (a, b) => `[${a}, (${b})][1]` },
  {
    ts: (a, b) => `(function <T>(this: any, x: T, ...r: T[]): T { return <U,\nV>(y: U): U => x as T }<T>(${a})(${b}))`,
    js: (a, b) => `(function (x) { return (y) => x })(${a})(${b})`,
  },
  {
    ts: (a, b) =>
      `(new (class<T> implements I { private readonly p: number = ${a} as T\nprivate [\`q\`]?: number = ${b}; declare z: T; get(): number { return this.p - this.q! } })<T>().get())`,
    js: (a, b) => `((${a}) - (${b}))`,
  },
];

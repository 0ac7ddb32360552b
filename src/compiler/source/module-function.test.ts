import { Script } from "node:vm";
import { expect, test } from "vitest";
import { moduleFunction } from "./module-function.ts";

type Run = (imported: readonly object[], meta?: object) => object;

const made = (code: string) => {
  const found = moduleFunction("module.ts", code);
  if (found === undefined) throw new Error("it is no function");
  return { ...found, run: new Script(found.code, { columnOffset: -found.prologue }).runInThisContext() as Run };
};

test("a module gets what it imports, and returns what it exports, sorted", () => {
  const { run, imports, exports, isAsync, usesMeta } = made(
    `import first, { second, third as three } from "./one.ts";
import "./two.ts";
export { three, five as "a name" };
export const [sum, ...{ length: rest }] = [first + second, 0, 0];
export default sum * 2;
const five = 5;
export { fourth as again } from "./four.ts";`,
  );
  expect(imports).toEqual([
    { specifier: "./one.ts", names: ["default", "second", "third"] },
    { specifier: "./four.ts", names: ["fourth"] },
  ]);
  expect(exports.toSorted()).toEqual(["a name", "again", "default", "rest", "sum", "three"]);
  expect([isAsync, usesMeta]).toEqual([false, false]);
  const result = run([{ default: 1, second: 2, third: 3 }, { fourth: 4 }]);
  expect(Object.entries(result)).toEqual([
    ["a name", 5],
    ["again", 4],
    ["default", 6],
    ["rest", 2],
    ["sum", 3],
    ["three", 3],
  ]);
});

test("lines and columns stay", () => {
  const { run } = made('import { a } from "./a.ts"; export const value = new Error(a);\nexport default new Error(a);');
  const { value, default: other } = run([{ a: "text" }]) as { readonly value: Error; readonly default: Error };
  expect(value.stack).toContain(":1:50");
  expect(other.stack).toContain(":2:16");
});

test("what awaits at the top level is a promise; in its own functions it may", async () => {
  expect(made("export const f = async () => { await 1; for await (const a of []) a; };").isAsync).toBe(false);
  const { isAsync, run } = made("export const value = await Promise.resolve(3);");
  expect(isAsync).toBe(true);
  await expect(run([])).resolves.toEqual({ value: 3 });
});

test("import.meta has what every Node.js has there", () => {
  const { usesMeta, run } = made("export const { url, file } = { url: import.meta.url, file: import.meta.filename };");
  expect(usesMeta).toBe(true);
  expect(run([], { url: "file:///a", filename: "/a" })).toEqual({ url: "file:///a", file: "/a" });
});

test("it is strict, and without a `this`", () => {
  const { run } = made(
    "export const self = this; export const isStrict = (function () { return this === undefined; })();",
  );
  expect(run([])).toEqual({ self: undefined, isStrict: true });
});

test.each([
  ["a namespace", 'import * as all from "./a.ts";'],
  ["export *", 'export * from "./a.ts";'],
  ["an export that changes", "export let a = 1; export const f = () => { a = 2; };"],
  ["one that is counted up", "let a = 1; a++; export { a };"],
  ["one that a loop sets", "let a; for (a of [1]); export { a };"],
  ["import.meta as a whole", "console.log(import.meta);"],
  ["import.meta.resolve", 'import.meta.resolve("./a.ts");'],
  ["arguments at the top level", "console.log(arguments);"],
  ["eval", 'eval("1");'],
  ["a default function without a name", "export default function () {}"],
  ["a default arrow function, which is called `default`", "export default () => {};"],
  ["names that are the function's own", "const $imported = 1;"],
])("%s is left to Node.js", (_name, code) => {
  expect(moduleFunction("module.ts", code)).toBeUndefined();
});

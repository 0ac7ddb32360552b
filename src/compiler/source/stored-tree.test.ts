import { expect, test } from "vitest";
import type { SourceModule } from "../../kernel/source.ts";
import { parseModule } from "./parse.ts";
import { rememberTree } from "./remembered-trees.ts";
import { restoreTree, storableTree, type StoredTree } from "./stored-tree.ts";

const text = `
export const big = [0x1_0000_0000_0000_0000n, 7n, { deep: [-3n] }];
export const far = 1e999 + 2e9_99;
export const words = /a+[/]\\n/giu;
export const text: string = "\\ud800 \\u2028 " + \`t\${1}\`;
export const f = (x: bigint): bigint => x + 0b101n;
`;

test("a tree comes back from JSON as it was, with what JSON has not", () => {
  const module: SourceModule = { url: "tree.bpf.ts", text };
  const { program } = parseModule(module);
  const stored = JSON.parse(JSON.stringify(storableTree(program))) as StoredTree;
  expect(stored.literals).toHaveLength(7);
  expect(JSON.stringify(stored.program)).not.toBe("");
  const restored = restoreTree(stored);
  expect(restored).toStrictEqual(program);
  const again: SourceModule = { url: "again.bpf.ts", text: "" };
  rememberTree(again, () => restored);
  expect(parseModule(again).program).toBe(restored);
});

test("a tree that makes no sense is parsed anew", () => {
  const module: SourceModule = { url: "spoilt.bpf.ts", text: "export const one = 1;\n" };
  rememberTree(module, () => restoreTree(JSON.parse("null") as StoredTree));
  expect(parseModule(module).program.body).toHaveLength(1);
});

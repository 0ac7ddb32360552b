import { describe, expect, test } from "vitest";
import { sources, countSources } from "../../../examples/count-sources.bpf.ts";
import type { Program } from "../../kernel/program.ts";
import { Ethernet } from "../../wire/headers/ethernet.ts";
import { compile } from "../compile.ts";
import type { KernelTypes } from "../kernel-types.ts";
import { programBtf } from "../object/btf.ts";
import { btfOf } from "./btf-of.ts";
import { compileKept } from "./compile-kept.ts";
import * as programs from "./fixtures/programs.bpf.ts";
import { noteExport } from "./known-exports.ts";
import type { Store } from "./own-store.ts";
import { graphOf } from "./value-graph.ts";

const unasked = new Proxy({}, { get: () => undefined }) as KernelTypes;

/** What was kept, and how often it was taken. */
const memory = () => {
  const files = new Map<string, string>();
  const store: Store = {
    build: "one",
    read: (name) => files.get(name),
    keep: (name, content) => void files.set(name, content()),
  };
  return { files, store };
};

const settings: programs.Settings = { limit: 100, prefixes: ["a", "bc"] };

describe("a program that follows from the same values", () => {
  test.each<[string, () => Program]>([
    ["of an example", () => countSources],
    ["of a factory, with a subprogram, a variable and a ring", () => programs.guard(settings)],
    ["with addresses", () => programs.withAddress],
  ])("comes back as it was compiled: %s", (_name, make) => {
    const { files, store } = memory();
    const compiled = compileKept(make(), unasked, store);
    expect([...files.keys()]).toHaveLength(1);
    const again = make();
    const restored = compileKept(again, unasked, { ...store, keep: () => expect.fail("compiled again") });
    expect(restored).toStrictEqual({ ...compile(again), body: again.body });
    expect(restored.code.instructions).toStrictEqual(compiled.code.instructions);
  });

  test("names the maps of this run", () => {
    const { store } = memory();
    for (const _ of [1, 2]) expect(compileKept(countSources, unasked, store).maps).toEqual([sources]);
    expect(compileKept(countSources, unasked, store).maps[0]).toBe(sources);
  });
});

test("what Hopmark exports is named in place of all that it holds", () => {
  noteExport(Ethernet, "the header of Ethernet");
  const graph = graphOf(countSources);
  expect(graph?.text).toContain('"8:Ethernet export the header of Ethernet');
  expect(graph?.text).not.toContain(Ethernet.source);
  const { files, store } = memory();
  for (const _ of [1, 2]) expect(compileKept(countSources, unasked, store)).toStrictEqual(compile(countSources));
  expect([...files.values()].join("")).toContain("export the header of Ethernet");
});

test("type information comes back with the program, and lines when they are asked for", () => {
  const { store } = memory();
  const compiled = compileKept(programs.guard(settings), unasked, store);
  const restored = compileKept(programs.guard(settings), unasked, {
    ...store,
    keep: () => expect.fail("compiled again"),
  });
  expect(Object.getOwnPropertyDescriptor(restored.code, "lines")?.get).toBeTypeOf("function");
  const { mapTypeIds, ...bytes } = btfOf(restored);
  expect(bytes).toStrictEqual((({ mapTypeIds: _, ...own }) => own)(programBtf(compiled)));
  expect([...mapTypeIds.keys()]).toStrictEqual([...restored.maps]);
  expect([...mapTypeIds.values()]).toStrictEqual([...programBtf(compiled).mapTypeIds.values()]);
  expect(programBtf(restored)).toStrictEqual(btfOf(restored));
});

describe("a program that follows from other values is compiled", () => {
  test.each<[string, Partial<programs.Settings>]>([
    ["another number", { limit: 101 }],
    ["another text", { prefixes: ["a", "bd"] }],
    ["a longer list", { prefixes: ["a", "bc", ""] }],
    ["another set", { deny: new Set([9]) }],
  ])("%s", (_name, change) => {
    const { files, store } = memory();
    compileKept(programs.guard(settings), unasked, store);
    const [before] = [...files.values()];
    const other = programs.guard({ ...settings, ...change });
    expect(compileKept(other, unasked, store).code).toStrictEqual(compile(other).code);
    expect([...files.values()]).not.toEqual([before]);
  });

  test("another build", () => {
    const { store } = memory();
    compileKept(countSources, unasked, store);
    let isKept = false;
    compileKept(countSources, unasked, { ...store, build: "two", keep: () => (isKept = true) });
    expect(isKept).toBe(true);
  });

  test.each(["", "{}", '{"build":"one"', "null"])("where %j was kept", (spoilt) => {
    const { files, store } = memory();
    compileKept(countSources, unasked, store);
    for (const name of files.keys()) files.set(name, spoilt);
    expect(compileKept(countSources, unasked, store).code).toStrictEqual(compile(countSources).code);
  });
});

describe("is not kept", () => {
  const { ofSetting, ofOwnFunction, ofAccessor, ofProxy } = programs;
  test.each(Object.entries({ ofSetting, ofOwnFunction, ofAccessor, ofProxy }))("%s", (_name, program) => {
    const { files, store } = memory();
    expect(compileKept(program, unasked, store).code.instructions).toBeInstanceOf(Uint8Array);
    expect([...files]).toEqual([]);
  });

  test("a program whose code follows from the kernel's types", () => {
    const { files, store } = memory();
    const asked: KernelTypes = { ...unasked, hasHelper: () => true };
    compileKept(countSources, asked, store);
    expect([...files]).toEqual([]);
  });
});

test("text of a value cannot be taken for another's", () => {
  const text = (value: unknown): string | undefined => graphOf({ value })?.text;
  const values = [1, 1n, "1", -0, 0, null, undefined, "null", true, "true", [], {}, [[]], [{}], { a: 1 }, ["a", 1]];
  const texts = [...values, new Set([1]), new Map([[1, 1]]), [undefined], new Set(), new Map()].map(text);
  expect(new Set(texts).size).toBe(texts.length);
  const shared = {};
  expect(text([shared, shared])).not.toBe(text([{}, {}]));
  expect(text('a" "1:b')).not.toBe(text(["a", "b"]));
  for (const refused of [() => 1, Symbol("s"), new Date(), { valueOf: 1 }, class {}])
    expect(text(refused)).toBe(undefined);
});

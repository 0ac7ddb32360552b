/** The rules of ARCHITECTURE.md, read from the imports and syntax trees of every file below `src`. */
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { cycles } from "./architecture/cycles.ts";
import {
  describeSource,
  filesBelow,
  readSourceFile,
  type Import,
  type Offence,
  type SourceFile,
} from "./architecture/source-file.ts";
import { BEYOND, sharingTests } from "./support/sharing-tests.ts";

const all = filesBelow("src").map(readSourceFile);

/** Helpers of tests: they may lean on any room above their own, and no product file on them. */
const isSupport = (path: string): boolean => /\/(fixtures|testing|test-support)\//.test(path);
const isTest = (path: string): boolean => path.endsWith(".test.ts");
const product = all.filter(({ path }) => !isTest(path) && !isSupport(path));

/** Which rooms a room may import. In the order of the data: none names a room below itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  "errors.ts": [],
  wire: [],
  kernel: ["errors.ts", "wire"],
  compiler: ["errors.ts", "wire", "kernel"],
  linux: ["errors.ts", "wire"],
  bpf: ["errors.ts", "wire", "kernel", "compiler", "linux"],
  mark: ["errors.ts", "wire", "kernel", "compiler", "linux", "bpf"],
  follow: ["errors.ts", "wire", "kernel", "compiler", "linux", "bpf"],
  steer: ["errors.ts", "wire", "kernel", "compiler", "linux", "bpf"],
  lab: ["errors.ts", "wire", "kernel", "compiler", "linux", "bpf"],
  serve: ["errors.ts", "wire", "kernel", "linux", "bpf", "mark", "follow", "steer", "lab"],
  cli: ["errors.ts", "wire", "kernel", "compiler", "linux", "bpf", "mark", "follow", "steer", "lab", "serve"],
};

/** Descriptions that `mark`, `follow` and `steer` share: the record that one writes and another reads. Data, no behaviour. */
const sharedDescriptions: ReadonlySet<string> = new Set([
  "src/mark/ioam/record.ts",
  "src/mark/ioam/outcome.ts",
  "src/mark/pval/record.ts",
]);

/** What one room does for another in a single place: who reads a pval device's copies takes the rings over from `mark`. */
const doors: ReadonlySet<string> = new Set(["src/follow/capture/rings/open-rings.ts -> src/mark/pval/copies.ts"]);

/** Packages, and the only files that import them. */
const packages: Readonly<Record<string, readonly string[]>> = {
  koffi: ["src/linux/ffi.ts"],
  "oxc-parser": ["src/compiler/source/parse.ts"],
};

/** Rooms that use nothing of Node.js' own and no package: they run in a browser too. */
const withoutNode = new Set(["wire", "kernel"]);

/** Functions here run as programs of their own, in a node of a lab: standard output is how they report. */
const childPrograms: ReadonlySet<string> = new Set(["src/lab/traffic/ping.ts", "src/lab/traffic/tcp.ts"]);

/** What Node.js loads before the script asks which script that is. */
const preloads: ReadonlySet<string> = new Set([
  "src/compiler/source/start-script.ts",
  "src/compiler/source/main-module.ts",
]);

/** A field type holds arrays and layouts of any element, and only `any` is related to every other type in both directions. */
const usesOfAny = ["src/wire/layout.ts", "src/wire/layout.ts"];

/** Exports for files that are no TypeScript below these folders. */
const usedElsewhere: ReadonlySet<string> = new Set(["src/compiler/source/vite-plugin.ts: kernelModules"]);

/** Written by a program, so of any length. */
const generated: ReadonlySet<string> = new Set([]);
const MAX_LINES = 400;

const isFile = ({ target }: Import): boolean => target.startsWith("src/");
const roomOf = (path: string): string => path.split("/")[1] ?? path;

/** `importer -> target`, for every import of these files that is refused. */
const refused = (files: readonly SourceFile[], refuse: (file: SourceFile, imported: Import) => boolean): string[] =>
  files.flatMap((file) =>
    file.imports.filter((imported) => refuse(file, imported)).map(({ target }) => `${file.path} -> ${target}`),
  );

const graphOf = (keep: (imported: Import) => boolean): ReadonlyMap<string, readonly string[]> =>
  new Map(product.map(({ path, imports }) => [path, imports.filter(keep).map(({ target }) => target)]));

const offences = (files: readonly SourceFile[], kind: Offence["kind"]): string[] =>
  files.flatMap(({ path, offences: found }) =>
    found.filter((offence) => offence.kind === kind).map(({ line }) => `${path}:${line}`),
  );

test("the files of src are found and read", () => {
  expect(product.length).toBeGreaterThan(200);
  expect(product.find(({ path }) => path === "src/linux/ffi.ts")?.imports).toContainEqual({
    target: "koffi",
    kind: "static",
  });
});

describe("rooms", () => {
  test("every file lies in a room", () => {
    expect(product.map(({ room }) => room).filter((room) => rooms[room] === undefined)).toEqual([]);
  });

  test("the table of rooms follows the order of the data", () => {
    const order = Object.keys(rooms);
    const backwards = Object.entries(rooms).flatMap(([room, above]) =>
      above.filter((other) => order.indexOf(other) >= order.indexOf(room)).map((other) => `${room} -> ${other}`),
    );
    expect(backwards).toEqual([]);
  });

  test("a room imports only what the table says", () => {
    const wrong = refused(product, ({ path, room }, imported) => {
      const other = roomOf(imported.target);
      return (
        isFile(imported) &&
        other !== room &&
        !doors.has(`${path} -> ${imported.target}`) &&
        !sharedDescriptions.has(imported.target) &&
        !(rooms[room] ?? []).includes(other)
      );
    });
    expect(wrong).toEqual([]);
  });

  test("shared descriptions hold data: they import only wire and kernel", () => {
    const files = product.filter(({ path }) => sharedDescriptions.has(path));
    expect(files.map(({ path }) => path)).toEqual([...sharedDescriptions].sort());
    const wrong = refused(files, (_file, imported) => !["wire", "kernel"].includes(roomOf(imported.target)));
    expect(wrong.filter((line) => ![...sharedDescriptions].some((shared) => line.endsWith(shared)))).toEqual([]);
  });

  test("relative imports stay in src", () => {
    expect(refused(product, (_file, { target }) => target.startsWith("..") || target === "package.json")).toEqual([]);
  });
});

describe("packages", () => {
  test.each(Object.entries(packages))("%s is imported by one file only", (name, importers) => {
    const found = product.filter(({ imports }) => imports.some(({ target }) => target === name));
    expect(found.map(({ path }) => path)).toEqual(importers);
  });

  test("wire and kernel need nothing of Node.js and no package", () => {
    const wrong = refused(product, ({ room }, imported) => withoutNode.has(room) && !isFile(imported));
    expect(wrong).toEqual([]);
  });
});

describe("files", () => {
  test("no product file imports a test or its helpers", () => {
    expect(refused(product, (_file, { target }) => isTest(target) || isSupport(target))).toEqual([]);
  });

  test("no cycles between modules as they are loaded", () => {
    expect(cycles(graphOf(({ kind }) => kind === "static"))).toEqual([]);
  });

  test("types refer to each other in a circle only within one folder", () => {
    const found = cycles(graphOf(({ kind }) => kind !== "late"));
    expect(found.filter((files) => new Set(files.map((file) => dirname(file))).size > 1)).toEqual([]);
  });

  test("what is exported is used by another file", () => {
    const users = ["src", "tests", "bench", "examples"].flatMap(filesBelow).map(readSourceFile);
    const filesWith = new Map<string, number>();
    for (const { words } of users) for (const word of words) filesWith.set(word, (filesWith.get(word) ?? 0) + 1);
    const unused = product.flatMap(({ path, exports }) =>
      exports.filter((name) => filesWith.get(name) === 1).map((name) => `${path}: ${name}`),
    );
    expect(unused.filter((place) => !usedElsewhere.has(place))).toEqual([]);
    // It reads every file there is.
  }, 60_000);

  test("names are kebab-case", () => {
    const wrong = all
      .map(({ path }) => path)
      .filter((path) => !/^(?:[a-z0-9-]+\/)+[a-z0-9-]+(\.bpf|\.test|\.bpf\.test)?\.ts$/.test(path));
    expect(wrong).toEqual([]);
  });

  test(`none is longer than ${MAX_LINES} lines`, () => {
    const long = product.filter(({ path, lines }) => lines > MAX_LINES && !generated.has(path));
    expect(long.map(({ path, lines }) => `${path} ${lines}`)).toEqual([]);
  });
});

describe("tests that share a process", () => {
  const shared = sharingTests();

  test("some do, some do not", () => {
    expect(shared).toContain("src/wire/checksum.test.ts");
    expect(shared).not.toContain("src/linux/netns.test.ts");
  });

  test("nothing that they load starts programs or threads, also by the syntax tree", () => {
    const sources = new Map(all.map((file) => [file.path, file]));
    const importsOf = (path: string): readonly Import[] => (sources.get(path) ?? readSourceFile(path)).imports;
    const loaded = new Set(shared);
    const wrong: string[] = [];
    // A set tells also what is added while it is walked through.
    for (const path of loaded) {
      for (const { target, kind } of importsOf(path)) {
        if (kind === "type") continue;
        if (BEYOND.test(target)) wrong.push(`${path} -> ${target}`);
        if (target.endsWith(".ts")) loaded.add(target);
      }
    }
    expect(wrong).toEqual([]);
    expect(loaded.size).toBeGreaterThan(300);
  });
});

describe("style", () => {
  test("only cli prints, exits or reads the command line", () => {
    const others = product.filter(
      ({ room, path }) => room !== "cli" && !childPrograms.has(path) && !preloads.has(path),
    );
    expect(offences(others, "prints or exits")).toEqual([]);
  });

  test.each(["default export", "double cast"] as const)("no %s", (kind) => {
    expect(offences(product, kind)).toEqual([]);
  });

  test("no any", () => {
    expect(offences(product, "any").map((place) => place.replace(/:\d+$/, ""))).toEqual(usesOfAny);
  });
});

describe("what the rules rest on", () => {
  test.each([
    ['import { a } from "../b/c.ts";', { target: "src/b/c.ts", kind: "static" }],
    ['import "node:fs";', { target: "node:fs", kind: "static" }],
    ['import type { A } from "./c.ts";', { target: "src/a/c.ts", kind: "type" }],
    ['import { type A, type B } from "./c.ts";', { target: "src/a/c.ts", kind: "type" }],
    ['import { type A, b } from "./c.ts";', { target: "src/a/c.ts", kind: "static" }],
    ['export { a } from "./c.ts";', { target: "src/a/c.ts", kind: "static" }],
    ['export type { A } from "./c.ts";', { target: "src/a/c.ts", kind: "type" }],
    ['export * from "./c.ts";', { target: "src/a/c.ts", kind: "static" }],
    ['const c = await import("./c.ts");', { target: "src/a/c.ts", kind: "late" }],
    ['let c: import("./c.ts").C;', { target: "src/a/c.ts", kind: "type" }],
    ['new Worker(new URL("./c.ts", import.meta.url));', { target: "src/a/c.ts", kind: "late" }],
  ] as const)("%s", (text, expected) => {
    expect(describeSource("src/a/x.ts", text).imports).toEqual([expected]);
  });

  test("exports of values", () => {
    const text =
      "export const a = 1, b = 2;\nexport function c() {}\nexport class D {}\nexport type E = 1;\nconst f = 1;";
    expect(describeSource("src/a/x.ts", text).exports).toEqual(["a", "b", "c", "D"]);
  });

  test.each([
    ["export default 1;", "default export"],
    ["let a: any[];", "any"],
    ["b as unknown as string;", "double cast"],
    ["console.log(1);", "prints or exits"],
    ["process.exit();", "prints or exits"],
    ["process.stdout.write(a);", "prints or exits"],
  ] as const)("%s", (text, kind) => {
    expect(describeSource("src/a/x.ts", `// any, console.log\n${text}`).offences).toEqual([{ kind, line: 2 }]);
  });

  test("a cycle is found, and what only leads to it is not part of it", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b", "d", "elsewhere"]],
      ["d", []],
      ["e", ["e"]],
    ]);
    expect(cycles(graph)).toEqual([["b", "c"], ["e"]]);
  });
});

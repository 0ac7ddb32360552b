/** `hopmark compile` as people run it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runHopmark, type Ended } from "../fixtures/program.ts";
import { UserFolder } from "../fixtures/user-folder.ts";

// A process a test, each of which loads its sources.
vi.setConfig({ testTimeout: 60_000 });

const folder = new UserFolder();
afterAll(() => folder.remove());

const example = fileURLToPath(new URL("../../../examples/count-sources.bpf.ts", import.meta.url));
const compile = (...words: readonly string[]): Promise<Ended> => runHopmark(["compile", ...words]);
const withoutRights = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all"];

const two = folder.write(
  "two.bpf.ts",
  `import { Tc, Xdp, tc, xdp } from "hopmark/kernel";
import { Ethernet } from "hopmark/wire";
import { limit } from "./limit.ts";
export const first = xdp((ctx) => (ctx.packet.length > limit ? Xdp.Drop : Xdp.Pass), { name: "one" });
export const again = first;
export const second = tc((ctx) => (ctx.packet.at(Ethernet, 0) === null ? Tc.Drop : Tc.Next), { name: "two" });
`,
);
folder.write("limit.ts", "export const limit: number = 100;\n");
folder.write("plain.ts", "export const handler = () => 2;\n");

describe("what it prints", () => {
  test("a line a program, wherever the file lies", async () => {
    const { status, stdout, stderr } = await compile(two);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /^one  xdp  +\d+ instructions  0 bytes of stack  no maps\ntwo  tc   +\d+ instructions .*\n$/,
    );
  });

  test.each(["two", "second"])("the program that is asked for: %s", async (name) => {
    const { stdout } = await compile(two, "--program", name, "--json");
    expect(JSON.parse(stdout)).toMatchObject([{ name: "two", export: "second", type: "tc", stackBytes: 0, maps: [] }]);
  });

  test("machine code between its source lines", async () => {
    const { stdout } = await compile(example, "--print", "asm");
    expect(stdout).toMatch(/^count_sources  xdp  \d+ instructions .* maps sources \(hash\)\n\n; \(ctx\) => \{ @/);
    expect(stdout).toContain("r1 = map[sources]");
  });

  test("each function that a program calls", async () => {
    const file = folder.write(
      "calls.bpf.ts",
      `import { subprogram, u32, xdp } from "hopmark/kernel";
const half = subprogram([u32], u32, (value) => value >>> 1);
export const quarter = xdp((ctx) => half(half(ctx.packet.length)));
`,
    );
    const { stdout } = await compile(file, "--print", "asm");
    expect(stdout).toMatch(/^quarter  xdp .*\n {2}calls half  \d+ instructions  0 bytes of stack\n/);
    expect(stdout).toMatch(/: call half <(\d+)>\n[^]*\nhalf:\n; .*\n +\1: /);
  });

  test("programs that a program array brings along", async () => {
    const file = folder.write(
      "tails.bpf.ts",
      `import { programArray, xdp } from "hopmark/kernel";
const small = xdp(() => 2);
const large = xdp((ctx) => {
  sizes.tailCall(ctx, 0);
  return ctx.packet.length > 1500 ? 1 : 2;
});
const sizes = programArray({ programs: { 0: small, 3: large, 4: small }, name: "sizes" });
export const sort = xdp((ctx) => {
  sizes.tailCall(ctx, ctx.rxQueue & 3);
  return 2;
});
export const alone = xdp(() => 2);
`,
    );
    const { stdout } = await compile(file);
    expect(
      stdout.split("\n").map((line) => line.replace(/ +/g, (spaces) => (spaces.length > 2 ? "  " : spaces))),
    ).toEqual([
      expect.stringMatching(/^sort {2}xdp .* maps sizes \(prog_array\)$/),
      expect.stringMatching(/^ {2}small {2}xdp .* no maps {2}called through sizes\[0\], sizes\[4\]$/),
      expect.stringMatching(/^ {2}large {2}xdp .* maps sizes \(prog_array\) {2}called through sizes\[3\]$/),
      expect.stringMatching(/^alone {2}xdp .* no maps$/),
      "",
    ]);
    for (const view of ["asm", "ssa"])
      expect((await compile(file, "--print", view)).stdout).toMatch(/\n {2}large {2}xdp .*\n\n/);
    const reports = JSON.parse((await compile(file, "--print", "cost", "--json")).stdout);
    expect(reports).toMatchObject([
      { name: "sort", export: "sort" },
      { name: "small", calledThrough: [{ programArray: "sizes", index: 0 }, { index: 4 }] },
      { name: "large", calledThrough: [{ programArray: "sizes", index: 3 }] },
      { name: "alone", export: "alone" },
    ]);
    expect(reports[1]).not.toHaveProperty("export");
    // The verifier's steps are the program's own, not those of what was loaded with it.
    const [{ cost }] = reports;
    const verified = cost.lines.map((line: { verified: number }) => line.verified);
    expect(verified.reduce((sum: number, steps: number) => sum + steps, 0)).toBe(cost.verifier.processed);
  });

  test("SSA", async () => {
    const { stdout } = await compile(example, "--print", "ssa");
    expect(stdout).toContain("\nfunction count_sources\n  slot s0: 16 bytes\n");
    expect(stdout).toMatch(
      /\n; let known = sources\.lookup\(key\); @ count-sources\.bpf\.ts:17\n[^;]*call bpf_map_lookup_elem\(/,
    );
  });

  test("what each line costs, the verifier's part included", async () => {
    const { status, stdout } = await compile(example, "--print", "cost");
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /\nthe verifier processed [1-9]\d* instructions of the 1,000,000 it allows, and kept \d+ states at once, \d+ in all, in \d\S* .?s\n/,
    );
    expect(stdout).toMatch(/\n +[1-9]\d* +\d+% +[1-9]\d* +16 +17 \| {5}let known = sources\.lookup\(key\);\n/);
    // The lines' are all there are, also where the verifier turned back.
    const [, processed] = /processed ([\d,]+)/.exec(stdout) ?? [];
    expect(stdout).toMatch(new RegExp(`\n +\\d+ +100% +${processed} +in all\n$`));
  });

  test("lines of a function from another module under that module, and as data", async () => {
    folder.write("length.bpf.ts", "export const isLong = (length: number): boolean =>\n  length % 7 > 3;\n");
    const file = folder.write(
      "costs.bpf.ts",
      'import { Xdp, xdp } from "hopmark/kernel";\nimport { isLong } from "./length.bpf.ts";\nexport const long = xdp((ctx) =>\n  isLong(ctx.packet.length) ? Xdp.Drop : Xdp.Pass);\n',
    );
    const { stdout } = await compile(file, "--print", "cost");
    expect(stdout).toMatch(/verified {2}stack {2}\S+\/length\.bpf\.ts\n +\d+ +\d+% +\d+ +2 \| {3}length % 7 > 3;/);
    expect(stdout).toMatch(/verified {2}stack {2}\S+\/costs\.bpf\.ts\n/);
    const [{ cost, instructions, stackBytes }] = JSON.parse((await compile(file, "--print", "cost", "--json")).stdout);
    expect(stackBytes).toBe(0);
    expect(cost.verifier).toMatchObject({ note: null, statistics: { limit: 1_000_000, stackBytes: [0] } });
    const sum = (key: string) =>
      cost.lines.reduce((total: number, line: Record<string, number>) => total + (line[key] ?? 0), 0);
    expect([sum("instructions"), sum("verified")]).toEqual([instructions, cost.verifier.processed]);
  });

  test("costs without rights, and why the verifier's is missing", async () => {
    const copy = folder.write("copy.bpf.ts", readFileSync(example, "utf8"));
    execFileSync("chmod", ["-R", "a+rX", folder.path]);
    const { status, stdout, stderr } = await runHopmark(["compile", copy, "--print", "cost"], withoutRights);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/the verifier's cost is not known: it was not asked: .*CAP_BPF/);
  });
});

test("-o writes an object that bpftool loads", async () => {
  const object = join(folder.path, "count.o");
  expect(await compile(example, "-o", object)).toMatchObject({ status: 0, stderr: `wrote ${object}\n` });
  const pin = `/sys/fs/bpf/hmcompile${process.pid}`;
  try {
    execFileSync("bpftool", ["prog", "load", object, pin]);
    expect(
      JSON.parse(execFileSync("bpftool", ["-j", "prog", "show", "pinned", pin], { encoding: "utf8" })),
    ).toMatchObject({ type: "xdp", name: "count_sources" });
  } finally {
    if (existsSync(pin)) unlinkSync(pin);
  }
});

describe("what is refused", () => {
  const wrong = `import { Xdp, xdp } from "hopmark/kernel";
export const a = xdp((ctx) => (ctx.packet.length == 7 ? Xdp.Drop : Xdp.Pass));
const twice = (value: number) => value * factor;
export const b = xdp((ctx) => { const a = twice(ctx.packet.lenght); while (true) {} });
export const c = xdp((ctx) => { if (twice(ctx.packet.length) === 4n) return Xdp.Drop; return a; });
`;

  test("by the compiler: file, line, column and a caret for every program", async () => {
    const file = folder.write("wrong.bpf.ts", wrong);
    const { status, stdout, stderr } = await compile(file);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    const [place, line, caret, next] = stderr.split("\n");
    expect(place).toMatch(/^\S*wrong\.bpf\.ts:2:\d+: HM1110: /);
    expect(line).toBe(`  ${wrong.split("\n")[1]}`);
    expect(caret).toMatch(/^ +\^$/);
    expect(next).toMatch(/^\S*wrong\.bpf\.ts:3:\d+: HM1002: /);
    expect(stderr).toMatch(
      /\nmore about it: hopmark explain HM1110, hopmark explain HM1002, hopmark explain HM1005, hopmark explain HM1303, hopmark explain HM1501\n$/,
    );
    const json = JSON.parse((await compile(file, "--json")).stderr) as Record<string, unknown>;
    expect(json).toMatchObject({
      type: "error",
      code: "compile",
      diagnostics: [
        { code: "HM1110", file, line: 2, sourceLine: wrong.split("\n")[1] },
        { code: "HM1002", file, line: 3 },
        { code: "HM1005", file, line: 4 },
        { code: "HM1303", file, line: 4 },
        { code: "HM1501", file, line: 5 },
      ],
    });
  });

  test.each<[string, string, number, RegExp]>([
    ["a syntax error", "export const a = ;", 1, /^\S*case\.bpf\.ts:1:18: .*\n {2}export const a = ;\n {19}\^\n$/],
    ["code that types alone cannot be", "enum A { B }", 1, /^\S*case\.bpf\.ts:1:1: .*enum/],
    ["what its top level throws", "const f = () => {\n  throw new TypeError('x');\n};\nf();", 1, /^\S*case\.bpf\.ts:2: TypeError: x\n {4}throw/], // prettier-ignore
    ["a file without its end", "export const f = () => {\n  f();\n\n", 1, /^\S*case\.bpf\.ts:2:7: expected `}` but found the end of the file\n {4}f\(\);\n {8}\^\n$/], // prettier-ignore
    [
      "a module that is not there",
      '\nimport "./none.ts";',
      1,
      /^\S*case\.bpf\.ts:2: there is no \.\/none\.ts\n {2}import "\.\/none\.ts";\n/,
    ],
    [
      "a module without its ending",
      'import "./plain";',
      1,
      /^\S*case\.bpf\.ts:1: there is no \.\/plain; did you mean \.\/plain\.ts\?\n/,
    ],
    [
      "a package that is not there",
      'import { a } from "no-package";',
      1,
      /^\S*case\.bpf\.ts:1: there is no no-package; install it, /,
    ],
    ["a part that Hopmark lacks", 'import "hopmark/none";', 1, /^\S*case\.bpf\.ts:1: there is no hopmark\/none; there is hopmark\/kernel, .*\n {2}import "hopmark\/none";\n/], // prettier-ignore
    [
      "a name that Hopmark lacks",
      'import { none } from "hopmark/kernel";',
      1,
      /^\S*case\.bpf\.ts:1: hopmark\/kernel has no none\n/,
    ],
    ["a map without its size", 'import { hashMap, u32 } from "hopmark/kernel";\nexport const a = hashMap(u32, u32);', 1, /^\S*case\.bpf\.ts:2: a map of type hash has no number of entries\n.*\n.*\{ entries: 1024 \}/], // prettier-ignore
    ["a field of no type", 'import { struct } from "hopmark/kernel";\nexport const a = struct("a", { b: "u64" } as never);', 1, /^\S*case\.bpf\.ts:2: a\.b is "u64", no type; write u32/], // prettier-ignore
    ["a function of a plain module", 'import { xdp } from "hopmark/kernel"; import { handler } from "./plain.ts"; export const a = xdp(handler);', 2, /^hopmark: the source of program handler .*\n .*imported from a module that is not named \*\.bpf\.ts/], // prettier-ignore
    ["no program", "export const a = 1;", 2, /^hopmark: \S*case\.bpf\.ts exports no program\n .*export one: /],
    ["a factory", 'import { xdp } from "hopmark/kernel"; export const make = (verdict: number) => xdp(() => verdict);', 2, /exports no program, but a function, make,.*\n.*export const program = make\(/], // prettier-ignore
  ])("%s", async (_, text, status, message) => {
    const ended = await compile(folder.write("case.bpf.ts", text));
    expect(ended).toMatchObject({ status, stdout: "" });
    expect(ended.stderr).toMatch(message);
  });

  test("by the verifier, when it is asked: numbered, with --log its own words before", async () => {
    const file = folder.write(
      "factors.bpf.ts",
      `import { tc } from "hopmark/kernel";
const factors = Array.from({ length: 8300 }, (_, at) => at * 2 + 3);
export const program = tc((ctx) => {
  for (const factor of factors) if (ctx.mark * factor === 1001) return 1;
  return 0;
});
`,
    );
    const { status, stdout, stderr } = await compile(file, "--print", "cost", "--log");
    expect(status).toBe(1);
    expect(stdout).toContain("it refuses the program");
    expect(stderr).toMatch(
      /\n\d+: \([0-9a-f]{2}\) [^]*\nprocessed \d+ insns [^]*\n\S*factors\.bpf\.ts:4:\d+: HM2001: /,
    );
    expect(stderr).toMatch(/\n {2}the verifier: .*too complex\.\nmore about it: hopmark explain HM2001\n$/);
  });

  test("names that are not there", async () => {
    expect(await compile("none.bpf.ts")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/there is no file none/),
    });
    expect(await compile(two, "--program", "third")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/it exports again, first, second/),
    });
    expect(await compile(two, "--program", "secnod")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/exports no program secnod; did you mean second\?/),
    });
    expect(await compile(two, "--pritn", "asm")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/unknown option "--pritn"; did you mean --print\?/),
    });
    expect(await compile(two, "-o", "/none/x.o")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/cannot write .*: there is no such folder/),
    });
    expect(await compile(two, "--print", "c")).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/"c" is not ssa or asm or cost/),
    });
  });

  test("a program in a file of another name", async () => {
    const file = folder.write("plain.ts", 'import { xdp } from "hopmark/kernel"; export const a = xdp(() => 2);');
    expect(await compile(file)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/modules named \*\.bpf\.ts: rename it/),
    });
  });
});

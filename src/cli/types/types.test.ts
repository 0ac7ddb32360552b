/** `hopmark types`: what it writes is right by the type checker, and by the programs that it is for. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { runHopmark } from "../fixtures/program.ts";
import { UserFolder } from "../fixtures/user-folder.ts";
import { declarations } from "./declarations.ts";
import { iteratorNames, structureId, tracepointNames } from "./kernel-names.ts";

// A process a test, each of which loads its sources.
vi.setConfig({ testTimeout: 60_000 });

const folder = new UserFolder();
afterAll(() => folder.remove());

const root = fileURLToPath(new URL("../../../", import.meta.url));
const kernelModule = `${root}src/kernel/index.ts`;
const watch = `import { tracepoint, u32, variable } from "hopmark/kernel";
const family = variable(u32, 0, { name: "family" });
export const watch = tracepoint("tcp_retransmit_skb", (sk, skb, err) => {
  if (err === 0 && skb.dev !== null) family.value = sk.__sk_common.skc_family;
});
`;
const file = folder.write("watch.bpf.ts", watch);

/** What the type checker says to the user's module and the declarations beside it. */
const check = (name: string, declared: string, program: string): string => checkAll(declared, { [name]: program });

/** The same of several modules. */
const checkAll = (declared: string, programs: Readonly<Record<string, string>>): string => {
  const [first = ""] = Object.keys(programs);
  const types = folder.write(`${first}.d.ts`, declared.replaceAll("hopmark/kernel", kernelModule));
  const modules = Object.entries(programs).map(([name, program]) =>
    folder.write(`${name}.bpf.ts`, program.replaceAll("hopmark/kernel", kernelModule)),
  );
  const options =
    "--noEmit --strict --skipLibCheck false --module nodenext --target es2023 --allowImportingTsExtensions";
  try {
    const words = [
      ...options.split(" "),
      "--lib",
      "es2023,esnext.disposable",
      "--types",
      "node",
      "--typeRoots",
      `${root}node_modules/@types`,
    ];
    execFileSync(`${root}node_modules/.bin/tsc`, [...words, types, ...modules], {
      cwd: folder.path,
      encoding: "utf8",
      stdio: "pipe",
    });
    return "";
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
};

test("a tracepoint's types are what its program needs", async () => {
  const { status, stdout } = await runHopmark(["types", "tcp_retransmit_skb"]);
  expect(status).toBe(0);
  expect(stdout).toContain("tcp_retransmit_skb: (sk: Kernel.sock, skb: Kernel.sk_buff, err: number) => void;");
  const said = checkAll(stdout, {
    right: watch,
    misspelt: watch.replace("skc_family", "skc_famly"),
    unchecked: watch.replace("skb.dev !== null", "skb.dev.group === 0"),
  });
  expect(said).not.toContain("right.bpf.ts");
  expect(said).toMatch(/^misspelt\.bpf\.ts\(.*skc_famly.*Did you mean 'skc_family'/m);
  expect(said).toMatch(/^unchecked\.bpf\.ts\(.*possibly 'null'/m);
});

test("an undeclared tracepoint is an error that says what to run", () => {
  expect(check("undeclared", "export {};\n", watch)).toMatch(/run: hopmark types \*\.bpf\.ts -o kernel\.d\.ts/);
});

test("one file declares what the programs of several read, also beside programs of other types", async () => {
  const others = [
    folder.write(
      "walk.bpf.ts",
      `import { iterator, struct, u32 } from "hopmark/kernel";
const Pid = struct("pid", { pid: u32 });
export const walk = iterator("task", (ctx) => { if (ctx.task !== null) ctx.write(Pid, { pid: ctx.task.pid >>> 0 }); });\n`,
    ),
    folder.write(
      "pass.bpf.ts",
      `import { xdp, Xdp } from "hopmark/kernel";\nexport const pass = xdp(() => Xdp.Pass);\n`,
    ),
  ];
  const { status, stdout, stderr } = await runHopmark(["types", file, ...others]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("tcp_retransmit_skb: (");
  expect(stdout).toMatch(/interface task_struct \{/);
});

test("of a module, what its programs read is listed, and written where it shall be", async () => {
  const output = `${folder.path}/kernel.d.ts`;
  const { status, stderr } = await runHopmark(["types", file, "-o", output]);
  expect([status, stderr]).toEqual([0, `wrote ${output}\n`]);
  const text = readFileSync(output, "utf8");
  expect(check("module", text, watch)).toBe("");
  const listed = [...text.matchAll(/^ {4}interface (\w+) \{$/gm)].map(([, name]) => name);
  expect(listed).toEqual(["sk_buff", "sock", "sock_common"]);
  expect(text).toContain("interface net_device {}");
});

test("what a program cast to is listed, too, and one that does not compile says why", async () => {
  const program = watch
    .replace("sk.__sk_common.skc_family", 'cast("tcp_sock", sk).srtt_us + sk.nonsense')
    .replace("tracepoint,", "tracepoint, cast,");
  const { status, stdout, stderr } = await runHopmark(["types", folder.write("cast.bpf.ts", program)]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^ {4}interface tcp_sock \{$/m);
  expect(stderr).toMatch(/HM1005: struct sock of this kernel has no nonsense/);
});

test("a name that is not there is refused with the nearest", async () => {
  expect(await runHopmark(["types", "tcp_retransmit"])).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/no tracepoint tcp_retransmit\n.*did you mean tcp_retransmit_skb\?/),
  });
  const { stderr } = await runHopmark(["types", "--iterator", "tsk", "--struct", "sock"]);
  expect(stderr).toMatch(/no iterator tsk\n.*did you mean task\?/);
  expect((await runHopmark(["types"])).stderr).toMatch(/say of what/);
  expect((await runHopmark(["types", "tcp_probe", "--depth", "9"])).stderr).toMatch(/no number from 0 to 4/);
});

test("a structure is named as C does, with or without the word before it", async () => {
  const { stdout } = await runHopmark(["types", "--struct", "struct iphdr"]);
  expect(stdout).toContain("interface iphdr");
  expect(() => structureId(kernelBtf(), "nothing_like_it_at_all")).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/without struct/) as string }),
  );
});

test("the list is the kernel's, by parts of names or patterns", async () => {
  const part = (await runHopmark(["types", "--list", "retransmit"])).stdout.trim().split("\n");
  expect(part).toContain("tcp_retransmit_skb");
  expect(part.every((name) => name.includes("retransmit"))).toBe(true);
  const { stdout } = await runHopmark(["types", "--list", "tas*", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ iterators: ["task", "task_file", "task_vma"] });
});

test("every tracepoint and iterator of this kernel can be declared, and the type checker takes it", () => {
  const btf = kernelBtf();
  const [tracepoints, iterators] = [tracepointNames(btf), iteratorNames(btf)];
  expect(tracepoints.length).toBeGreaterThan(500);
  const text = declarations(btf, {
    tracepoints,
    iterators,
    structures: [],
    depth: 0,
    command: "hopmark types",
    release: "",
  });
  expect(check("all", text, "export {};\n")).toBe("");
});

test("all structures that a process leads to are taken by the type checker", () => {
  const text = declarations(kernelBtf(), {
    tracepoints: ["sched_switch"],
    iterators: ["task", "tcp", "bpf_map_elem"],
    structures: ["net_device", "module"],
    depth: 2,
    command: "hopmark types",
    release: "",
  });
  expect(check("deep", text, "export {};\n")).toBe("");
});

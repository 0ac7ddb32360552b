/** `hopmark run` with programs that follow the kernel. */
import { chmodSync } from "node:fs";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { withPinLock } from "../../bpf/pin/lock.ts";
import { runHopmark, startHopmark } from "../fixtures/program.ts";
import { UserFolder } from "../fixtures/user-folder.ts";

// A process a test, each of which loads its sources.
vi.setConfig({ testTimeout: 60_000 });

const folder = new UserFolder();
afterAll(() => folder.remove());

const switches = folder.write(
  "switches.bpf.ts",
  `import { ringBuffer, struct, tracepoint, u32, u64, variable } from "hopmark/kernel";
const Switch = struct("switch", { pid: u32 });
const ring = ringBuffer({ bytes: 4096, name: "ring" });
const count = variable(u64, 0n, { name: "count" });
export const switches = tracepoint("sched_switch", (preempt, previous, next) => {
  count.value = BigInt.asUintN(64, count.value + 1n);
  const record = ring.reserve(Switch);
  if (record === null) return;
  record.pid = next.pid;
  ring.submit(record);
});
`,
);

const tasks = folder.write(
  "tasks.bpf.ts",
  `import { chars, iterator, struct, u32 } from "hopmark/kernel";
const Task = struct("task", { pid: u32, comm: chars(16) });
export const tasks = iterator("task", (ctx) => {
  if (ctx.task !== null && ctx.task.pid === ctx.task.tgid) ctx.write(Task, { pid: ctx.task.tgid, comm: ctx.task.comm });
});
export const silent = iterator("task", (ctx) => {});
`,
);

test("a tracepoint's program is attached without --dev, and its rings and maps are shown", async () => {
  const running = startHopmark(["run", switches, "--json"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  const lines = (await running.lines(3)).map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({
    type: "attached",
    program: "switches",
    tracepoint: "sched_switch",
    hook: "tracepoint",
  });
  expect(lines.find(({ type }) => type === "record")).toMatchObject({ ring: "ring", layout: "switch" });
  running.child.kill("SIGINT");
  const { stdout } = await running.ended;
  const summary = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
    maps: { name: string; entries: { value: { value: string } }[] }[];
  };
  const [count] = summary.maps;
  expect(count?.name).toBe("count");
  expect(Number(count?.entries[0]?.value.value)).toBeGreaterThan(0);
});

const asNobody = (...capabilities: string[]): string[] => {
  const sets = capabilities.map((name) => `+${name}`).join(",");
  const who = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  return ["setpriv", ...who, `--inh-caps=${sets}`, `--ambient-caps=${sets}`];
};

test("tracing programs run without root and without CAP_NET_ADMIN, beside pins that belong to root", async () => {
  withPinLock(() => {}); // makes their directory
  chmodSync(folder.path, 0o755);
  const ended = await runHopmark(["run", switches, "--seconds", "0.2"], asNobody("bpf", "perfmon"));
  expect(ended).toMatchObject({ status: 0, stderr: "switches (tracepoint) on sched_switch · Ctrl-C ends\n" });
  const iterated = await runHopmark(["run", tasks, "--program", "tasks"], asNobody("bpf", "perfmon"));
  expect(iterated).toMatchObject({ status: 0, stderr: "" });
});

test("it says which rights a program of its type needs", async () => {
  const { status, stderr } = await runHopmark(["run", switches], asNobody("bpf"));
  expect(status).toBe(4);
  expect(stderr).toContain("CAP_PERFMON");
  expect(stderr).not.toContain("CAP_NET_ADMIN");
});

test("commands that need pins say that they belong to root", async () => {
  withPinLock(() => {});
  const { status, stderr } = await runHopmark(["ioam", "show"], asNobody("bpf", "net_admin", "sys_admin"));
  expect(status).toBe(4);
  expect(stderr).toMatch(/^hopmark: \/sys\/fs\/bpf\/hopmark, .* is not open to this user\n {2}run it as root/m);
});

test("it goes to no interface and no cgroup", async () => {
  const { status, stderr } = await runHopmark(["run", switches, "--dev", "lo"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /--dev is for programs made with xdp\(\) or tc\(\), and this one was made with tracepoint\(\)/,
  );
});

test("what an iterator writes is shown once, as a table or as records", async () => {
  const table = await runHopmark(["run", tasks, "--program", "tasks"]);
  expect(table.status).toBe(0);
  expect(table.stdout).toMatch(/^ *pid {2}comm *\n/);
  expect(table.stdout).toMatch(new RegExp(String.raw`^ *${process.pid} {2}\S`, "m"));
  const { stdout } = await runHopmark(["run", tasks, "--program", "tasks", "--json"]);
  const records = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { value: { pid: number } });
  expect(records.some(({ value }) => value.pid === process.pid)).toBe(true);
});

test("with --seconds it is shown again each second", async () => {
  const { stdout } = await runHopmark(["run", tasks, "--program", "tasks", "--seconds", "1.2", "--json"]);
  const own = stdout
    .trim()
    .split("\n")
    .filter((line) => (JSON.parse(line) as { value: { pid: number } }).value.pid === process.pid);
  expect(own).toHaveLength(2);
});

test("an iterator that writes nothing is refused", async () => {
  const { status, stderr } = await runHopmark(["run", tasks, "--program", "silent"]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/iterator silent writes nothing\n.*ctx\.write/)]);
});

import { execFileSync } from "node:child_process";
import { describe, expect, onTestFinished, test } from "vitest";
import { attachClsact } from "../../bpf/attach/clsact.ts";
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { load } from "../../bpf/instance.ts";
import { vethPair } from "../../bpf/fixtures/veth.ts";
import { compile } from "../../compiler/compile.ts";
import { impair } from "../../lab/impair/impair.bpf.ts";
import { parsePattern } from "../../lab/impair/pattern.ts";
import { runHopmark, startHopmark } from "../fixtures/program.ts";
import { rulesOf, type ImpairWords } from "./impair-rules.ts";

const words: ImpairWords = {
  loss: undefined,
  duplicate: undefined,
  reorder: undefined,
  behind: undefined,
  delay: undefined,
  jitter: undefined,
  buffer: false,
  limit: undefined,
  seed: undefined,
  match: undefined,
};

describe("rules", () => {
  test("of words", () => {
    expect(rulesOf({ ...words, delay: "1.5ms@1%", jitter: "500us", seed: "0x10", match: "ipv4,udp,port:9" })).toEqual({
      seed: 16n,
      match: { family: "ipv4", protocol: 17, port: 9, marked: false },
      loss: null,
      duplicate: null,
      reorder: null,
      delay: { pattern: { kind: "share", share: 0.01, run: 1 }, delayNs: 1.5e6, jitterNs: 5e5 },
      hold: null,
    });
  });

  test.each<[given: Partial<ImpairWords>, message: string]>([
    [{ behind: 2 }, "--reorder"],
    [{ jitter: "1ms" }, "--delay"],
    [{ limit: 5, loss: "1%" }, "--buffer"],
    [{ delay: "1ms", jitter: "2ms" }, "before they came"],
    [{ delay: "5" }, "not a time"],
    [{ delay: "2h" }, "not a time"],
    [{ seed: "-1" }, "64 bits"],
    [{ match: "port:70000" }, "names no packets"],
    [{ match: "ipv6,marked" }, "no mark"],
  ])("%j is refused", (given, message) => expect(() => rulesOf({ ...words, ...given })).toThrow(message));
});

const east = (name: string) => ["impair", "east", "--netns", name, "--match", "icmp"];

test("an interface that disappears ends it, with what was done and status 1", async () => {
  const { east: end, west } = vethPair();
  const netns = `/proc/${process.pid}/fd/${end.netns.fd}`;
  const running = startHopmark([...east(netns), "--buffer"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  await running.says(/Ctrl-C ends/);
  execFileSync("ip", ["-n", west.netns.label, "link", "delete", "west"]);
  const { status, stdout, stderr } = await running.ended;
  expect(stdout).toMatch(/seed 1: 0 packets/);
  expect({ status, stderr: stderr.split("\n").slice(1) }).toEqual({
    status: 1,
    stderr: ["hopmark: the interface east disappeared", ""],
  });
});

test("loses by plan, lists it, refuses a second, and leaves nothing when it is killed", async () => {
  const { west, east: end } = vethPair();
  const netns = `/proc/${process.pid}/fd/${end.netns.fd}`;
  const start = async () => {
    const running = startHopmark([...east(netns), "--loss", "every:2", "--json"]);
    onTestFinished(() => void running.child.kill("SIGKILL"));
    const [started = ""] = await running.lines(1);
    expect(JSON.parse(started)).toMatchObject({ type: "started", device: "east", direction: "ingress" });
    return running;
  };
  const running = await start();
  expect(west.ping(10)).toBe(5);
  expect(await runHopmark([...east(netns), "--loss", "1%"])).toMatchObject({ status: 1 });
  const shown = await runHopmark(["impair", "east", "--netns", netns]);
  expect(shown.stdout).toContain("lost      5: 0 2 4 6 8");
  running.child.kill("SIGINT");
  const { status, stdout } = await running.ended;
  expect(status).toBe(0);
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
    type: "summary",
    matched: 10,
    loss: { packets: 5, indices: [0, 2, 4, 6, 8].map((at) => [at, at]), complete: true },
  });
  const again = await start();
  again.child.kill("SIGKILL");
  await again.ended;
  expect(west.ping(10)).toBe(10);
}, 30_000);

test("holds and lets go as another command says", async () => {
  const { west, east: end } = vethPair();
  const netns = `/proc/${process.pid}/fd/${end.netns.fd}`;
  expect(await runHopmark([...east(netns), "--release-one"])).toMatchObject({ status: 2 });
  const running = startHopmark([...east(netns), "--buffer", "--json"]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  await running.lines(1);
  expect(west.ping(1)).toBe(0);
  const told = async (...action: string[]): Promise<object> =>
    JSON.parse((await runHopmark(["impair", "east", "--netns", netns, ...action, "--json"])).stdout) as object;
  expect(await told("--buffer")).toMatchObject({ type: "report", relay: { waiting: 1, epochs: [1, 0] } });
  expect(await told("--release-one")).toMatchObject({ relay: { waiting: 0, sent: 1, epochs: [0] } });
  expect(await told("--release-indefinite")).toMatchObject({ relay: { waiting: 0 } });
  // Each comes through the process that held them: on a busy machine that takes its time.
  expect(west.run("ping", "-n", "-i", "0.002", "-W", "10", "-c", "3", "10.77.0.2")).toContain(" 3 received");
  running.child.kill("SIGINT");
  expect((await running.ended).status).toBe(0);
}, 30_000);

test("filters that a killed process left, where there is no TCX, are told of and taken off", async () => {
  const { west, east: end } = vethPair();
  const netns = `/proc/${process.pid}/fd/${end.netns.fd}`;
  const place = ["impair", "east", "--netns", netns];
  const rules = { ...rulesOf({ ...words, match: "icmp" }), loss: parsePattern("100%") };
  const program = load(compile(impair(rules, { direction: "ingress", link: 14 }), { kernelTypes: kernelBtf() }));
  onTestFinished(() => program.close());
  // Never detached: what remains when its process dies.
  attachClsact(program, end, "ingress");
  expect(west.ping(1)).toBe(0);
  for (const words of [[], ["--loss", "1%"]])
    expect(await runHopmark([...place, ...words])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/east has a filter of a process that was killed[^]*hopmark impair east --clear/),
    });
  expect((await runHopmark([...place, "--clear"])).stdout).toBe("east: a filter taken off\n");
  expect(west.ping(1)).toBe(1);
  expect(end.run("tc", "qdisc", "show", "dev", "east")).not.toContain("clsact");
  expect(JSON.parse((await runHopmark([...place, "--clear", "--json"])).stdout)).toMatchObject({ filters: 0 });
}, 30_000);

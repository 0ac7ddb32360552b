/** The program as people run it: exit status, what is printed where, and nothing left behind. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { PIN_ROOT } from "../bpf/pin/place.ts";
import { labDown, labList } from "../lab/lab.ts";
import { hopmarkDoes, runHopmark, startHopmark } from "./fixtures/program.ts";

// A process a step, each of which loads its sources.
vi.setConfig({ testTimeout: 120_000 });

const lab = `hmcli${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "hopmark-cli-"));
chmodSync(folder, 0o755);
afterEach(() => void labDown(lab));
afterAll(() => rmSync(folder, { recursive: true }));

const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Where the programs of a running demo are pinned. */
const pinsOf = (pid: number | undefined): string[] =>
  labList()
    .filter((one) => one.name === `musketeers-${pid}`)
    .flatMap((one) => one.nodes.map((node) => `${PIN_ROOT}/netns-${node.inode}`))
    .filter((path) => existsSync(path));

/** Labs and namespaces of a demo with this pid. */
const leftOf = (pid: number | undefined): string[] => {
  const name = `musketeers-${pid}`;
  const labs = labList().filter((one) => one.name === name);
  const namespaces = existsSync("/run/netns")
    ? readdirSync("/run/netns").filter((one) => one.startsWith(`${name}-`))
    : [];
  return [...labs.map((one) => `lab ${one.name}`), ...namespaces];
};

const encapAdd = "ioam encap add db02::/64 dev lo trace prealloc type 0xf00000 ns 1 size 48";

describe("usage", () => {
  test.each<[string, number, string]>([
    ["frobnicate", 2, 'hopmark: unknown command "frobnicate"'],
    ["lab", 2, "lab up, lab down, lab exec, lab list"],
    ["", 2, "Commands"],
    ["demo --seconds x", 2, '--seconds: "x" is not a number of seconds'],
    ["demo --transit nobody", 2, '--transit: "nobody" is not hopmark or kernel'],
    ["ioam encap add db02::/64", 2, "dev DEVICE is missing"],
    [`${encapAdd} mode encap`, 2, "mode encap needs the address where its outer header ends"],
    [`${encapAdd} mode auto tunsrc db0e::1`, 2, "mode auto needs the address where its outer header ends"],
    [`${encapAdd} flow 7`, 2, "flow is for trace dex"],
    [encapAdd.replace("prealloc", "dex"), 2, "trace dex has no size"],
    [encapAdd.replace("prealloc", "pot"), 2, '"pot" is not prealloc or dex'],
    [`${encapAdd} tundst db0e::2`, 2, "tundst is for modes encap and auto"],
    [`${encapAdd} mode encap tundst ff02::1`, 2, "tundst ff02::1 is a multicast address"],
    [`${encapAdd} mode both`, 2, "both"],
    [`${encapAdd} freq 2/1`, 2, "freq 2/1 is not K/N with 1 <= K <= N <= 1000000"],
    ["ioam sink add dev nosuch0", 2, "there is no interface nosuch0 here"],
    ["ioam show --netns nosuch", 2, "network namespace nosuch"],
    ["lab exec nowhere ls", 2, "no lab has a node nowhere"],
  ])("%j: %i", async (line, status, message) => {
    const ended = await runHopmark(line === "" ? [] : line.split(" "));
    expect(ended).toMatchObject({ status, stdout: "" });
    expect(ended.stderr).toContain(message);
  });

  test.each([["--help"], ["ioam", "encap", "add", "-h"], ["help", "lab"], ["--version"]])("%s %s", async (...words) => {
    const { status, stdout, stderr } = await runHopmark(words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("hopmark");
  });

  test("errors are objects with --json", async () => {
    const { stdout, stderr } = await runHopmark(["frobnicate", "--json"]);
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toMatchObject({ type: "error", code: "config" });
  });

  test("without rights, one screen says what is missing", async () => {
    const { status, stderr } = await runHopmark(["demo"], ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]);
    expect(status).toBe(4);
    expect(stderr).toMatch(/^hopmark: hopmark demo needs rights.*CAP_SYS_ADMIN.*CAP_BPF.*--cap-add/s);
  });

  test("doctor", async () => {
    const { status, stdout } = await runHopmark(["doctor", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });
});

describe("a lab", () => {
  test("comes, runs programs and goes", async () => {
    await hopmarkDoes(["lab", "up", lab, "--json"]);
    expect((await runHopmark(["lab", "list"])).stdout).toContain(`${lab}-porthos`);
    const inside = await runHopmark(["lab", "exec", `${lab}-athos`, "--", "cat", "/proc/net/if_inet6"]);
    expect(inside.stdout).toContain("h_athos");
    expect((await runHopmark(["lab", "exec", `${lab}-athos`, "sh", "-c", "exit 7"])).status).toBe(7);
    expect((await runHopmark(["lab", "exec", `${lab}-athos`, "nosuchprogram"])).stderr).toContain("nosuchprogram");
    expect((await runHopmark(["lab", "down", lab])).stdout).toBe(`lab ${lab} is down\n`);
    expect((await runHopmark(["lab", "down", lab])).stdout).toBe(`there is no lab ${lab}\n`);
  });

  test("signals are passed on", async () => {
    await runHopmark(["lab", "up", lab]);
    const script = "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    const running = startHopmark(["lab", "exec", `${lab}-athos`, "sh", "-c", script]);
    await running.lines(1);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ status: 9, stdout: "ready\ntold\n" });
  });
});

describe("IOAM by hand", () => {
  const netns = (node: string): string[] => ["--netns", `${lab}-${node}`];
  test("is set up, traced, shown and removed by processes that know nothing of each other", async () => {
    await hopmarkDoes(["lab", "up", lab]);
    const rule = "db02::/64 dev h_athos trace prealloc type 0xfe0000 ns 123 size 84 e2e".split(" ");
    await hopmarkDoes(["ioam", "encap", "add", ...rule, ...netns("athos")]);
    await hopmarkDoes(["ioam", "transit", "add", "dev", "h_porthos_a", ...netns("porthos")]);
    await hopmarkDoes(["ioam", "transit", "add", "dev", "h_porthos_b", ...netns("porthos")]);
    await hopmarkDoes(["ioam", "sink", "add", "dev", "h_aramis", "--e2e", ...netns("aramis")]);
    const again = await runHopmark(["ioam", "encap", "add", ...rule, ...netns("athos")]);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("hopmark ioam encap del db02::/64 dev h_athos");

    const ping = ["lab", "exec", `${lab}-athos`, "ping", "-i", "0.05", "-q", "db02::2"];
    const pinging = startHopmark(ping);
    const recording = join(folder, "traces.pcapng");
    const tracing = startHopmark(["trace", "--json", ...netns("aramis"), "--encap", `${lab}-athos`, "-w", recording]);
    const [first = ""] = await tracing.lines(5);
    expect(JSON.parse(first)).toMatchObject({ protocol: "icmpv6", hops: [{ node: "athos" }, { node: "porthos" }, {}] });
    pinging.child.kill("SIGINT");
    expect(await pinging.ended).toMatchObject({ status: 0 });
    tracing.child.kill("SIGINT");
    const { status, stdout } = await tracing.ended;
    const summary = jsonLines(stdout).at(-1);
    expect(status).toBe(0);
    const edgeToEdge = { lost: 0, duplicated: 0, reordered: 0, late: 0 };
    expect(summary).toMatchObject({ type: "summary", lost: 0, transit: null, edgeToEdge });
    expect(summary?.["received"]).toBe(jsonLines(stdout).length - 1);
    // Elsewhere: without root, and without what it was made of.
    const nobody = ["setpriv", "--reuid=65534", "--clear-groups", "--no-new-privs"];
    expect(await runHopmark(["trace", "--json", "-r", recording], nobody)).toEqual({ status: 0, stdout, stderr: "" });
    chmodSync(recording, 0o600);
    const barred = await runHopmark(["trace", "-r", recording], nobody);
    expect(barred).toMatchObject({ status: 4, stderr: expect.stringContaining("permission denied\n  let its owner") });

    const shown = await hopmarkDoes(["ioam", "show", ...netns("athos")]);
    expect(shown.stdout).toContain(`encap ${rule.join(" ")}\n    sent `);
    await hopmarkDoes(["ioam", "encap", "del", "db02::/64", "dev", "h_athos", ...netns("athos")]);
    await hopmarkDoes(["ioam", "sink", "del", "dev", "h_aramis", ...netns("aramis")]);
    expect((await runHopmark(["trace", ...netns("aramis")])).status).toBe(2);
  });
});

describe("the demo", () => {
  const keys = (value: unknown): string[] => Object.keys(value as object);

  /** Runs a demo to its end: every path is whole, nothing is lost, nothing left. */
  const isWhole = async (transit: "hopmark" | "kernel"): Promise<void> => {
    const running = startHopmark(["demo", "--json", "--seconds", "1", "--transit", transit]);
    await running.lines(1);
    const pins = pinsOf(running.child.pid);
    expect(pins).toHaveLength(transit === "kernel" ? 2 : 3);
    const { status, stdout, stderr } = await running.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const all = jsonLines(stdout);
    const summary = all.pop();
    expect(keys(summary)).toEqual(["type", "seconds", "sent", "received", "lost", "links", "transit", "reasons", "paths", "nodes", "flows", "moves", "clock", "edgeToEdge", "exports"]); // prettier-ignore
    expect(summary).toMatchObject({ clock: { errorNs: 0, steppedNs: 0 }, moves: [] });
    expect(summary).toMatchObject({ type: "summary", sent: all.length, received: all.length, lost: 0, transit });
    expect(summary?.["links"]).toMatchObject([
      { from: "athos", to: "porthos", packets: all.length },
      { from: "porthos", to: "aramis", packets: all.length },
    ]);
    const pathKeys = "type namespaceId traceType source destination protocol segments flags remainingWords hops";
    const hopKeys = "nodeId node ingressId egressId hopLimit timestampNs transitDelayNs queueDepth namespaceData";
    for (const path of all) {
      expect(keys(path).join(" ")).toBe(pathKeys);
      const hops = path["hops"] as Record<string, string>[];
      expect(hops.map((hop) => hop["node"])).toEqual(["athos", "porthos", "aramis"]);
      for (const hop of hops) expect(keys(hop).join(" ")).toBe(hopKeys);
      const times = hops.map((hop) => BigInt(hop["timestampNs"] ?? -1));
      expect(times.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(times);
      expect(hops[1]?.["transitDelayNs"] === null).toBe(transit === "kernel");
    }
    expect(new Set(all.map((path) => path["protocol"]))).toEqual(new Set(["icmpv6", "tcp"]));
    expect(leftOf(running.child.pid)).toEqual([]);
    expect(pins.filter((path) => existsSync(path))).toEqual([]);
  };

  test("two side by side, with transit by Hopmark and by the kernel", async () => {
    await Promise.all([isWhole("hopmark"), isWhole("kernel")]);
  });

  // SIGINT: below.
  test.each(["SIGTERM", "SIGHUP"] as const)("ends with a summary on %s", async (signal) => {
    const running = startHopmark(["demo", "--lines"]);
    await running.lines(3);
    running.child.kill(signal);
    const { status, stdout } = await running.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/s, transit by hopmark: sent \d+ · received \d+ · lost 0\n/);
    expect(leftOf(running.child.pid)).toEqual([]);
  });

  test("ends quietly when its reader has gone", async () => {
    const running = startHopmark(["demo", "--json"]);
    await running.lines(1);
    running.child.stdout.destroy();
    expect(await running.ended).toMatchObject({ status: 0, stderr: "" });
    expect(leftOf(running.child.pid)).toEqual([]);
  });

  test("killed, the next command clears up after it", async () => {
    const running = startHopmark(["demo", "--json"]);
    await running.lines(1);
    const pins = pinsOf(running.child.pid);
    running.child.kill("SIGKILL");
    await running.ended;
    expect(leftOf(running.child.pid)).not.toEqual([]);
    await hopmarkDoes(["ioam", "show"]);
    expect(leftOf(running.child.pid)).toEqual([]);
    expect(pins).toHaveLength(3);
    expect(pins.filter((path) => existsSync(path))).toEqual([]);
  });

  test("a second reader of its ring is refused, and SIGINT ends the first with a summary", async () => {
    const running = startHopmark(["demo", "--json"]);
    await running.lines(1);
    const second = await runHopmark(["trace", "--netns", `musketeers-${running.child.pid}-aramis`]);
    expect(second).toMatchObject({ status: 1, stdout: "" });
    expect(second.stderr).toContain("another process reads the traces of h_aramis already");
    running.child.kill("SIGINT");
    const { status, stdout } = await running.ended;
    expect(status).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "summary", lost: 0 });
    expect(leftOf(running.child.pid)).toEqual([]);
  });
});

/** `hopmark run` as people run it, in network namespaces of its own. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { temporaryNetns } from "../../linux/fixtures/temporary-netns.ts";
import { runHopmark, startHopmark, type Ended } from "../fixtures/program.ts";
import { UserFolder } from "../fixtures/user-folder.ts";

// A process a test, each of which loads its sources.
vi.setConfig({ testTimeout: 60_000 });

const folder = new UserFolder();
afterAll(() => folder.remove());

const example = fileURLToPath(new URL("../../../examples/count-sources.bpf.ts", import.meta.url));
const watching = folder.write(
  "watch.bpf.ts",
  `import { Tc, Xdp, be16, perCpuArrayMap, ringBuffer, struct, tc, u32, u64, variable, xdp } from "hopmark/kernel";
import { Ethernet } from "hopmark/wire";
const Seen = struct("seen", { etherType: be16, length: u32 });
const Large = struct("large", { length: u64 });
const seen = ringBuffer({ bytes: 4096, name: "seen" });
const total = variable(u64, 0n, { name: "total" });
const sizes = perCpuArrayMap(u64, { entries: 4, name: "sizes" });
export const watch = tc((ctx) => {
  total.value = BigInt.asUintN(64, total.value + 1n);
  const ethernet = ctx.packet.at(Ethernet, 0);
  const slot = sizes.lookup(ctx.packet.length > 1000 ? 3 : 1);
  if (ethernet === null || slot === null) return Tc.Next;
  slot.value += 1n;
  const record = seen.reserve(Seen);
  if (record === null) return Tc.Next;
  record.etherType = ethernet.etherType;
  record.length = ctx.packet.length;
  if (ctx.packet.length > 1000) seen.discard(record);
  else seen.submit(record);
  return Tc.Next;
});
export const other = xdp(() => Xdp.Pass);
export const large = xdp((ctx) => {
  const record = seen.reserve(Large);
  if (record === null) return Xdp.Pass;
  record.length = BigInt(ctx.packet.length);
  seen.submit(record);
  return Xdp.Pass;
});
`,
);

type Json = Record<string, unknown>;

const jsonLines = (text: string): Json[] => {
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line) => JSON.parse(line) as Json);
};

/** A namespace whose loopback is up. */
const network = () => {
  const { name } = temporaryNetns();
  const inside = (...words: readonly string[]): string =>
    execFileSync("ip", ["netns", "exec", name, ...words], { encoding: "utf8" });
  inside("ip", "link", "set", "lo", "up");
  return {
    name,
    ping: (...words: readonly string[]): void => void inside("ping", "-q", "-c", "3", "-i", "0.1", ...words),
  };
};

/** Whether the kernel holds the program still: it lets go of it when nothing is attached any more. */
const isLoaded = (id: unknown): boolean =>
  (JSON.parse(execFileSync("bpftool", ["-j", "prog", "show"], { encoding: "utf8" })) as Json[]).some(
    (program) => program["id"] === id,
  );

const isGone = (id: unknown): Promise<void> => vi.waitFor(() => expect(isLoaded(id)).toBe(false));

const start = (words: readonly string[]) => {
  const running = startHopmark(["run", ...words]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  return running;
};

describe("a program that counts", () => {
  test("shows its map as it changes, and in the end; nothing stays attached", async () => {
    const { name, ping } = network();
    const running = start([example, "--netns", name, "--json"]);
    const [first = ""] = await running.lines(1);
    const attached = JSON.parse(first) as Json;
    expect(attached).toMatchObject({ type: "attached", program: "count_sources", device: "lo", hook: "xdp" });
    expect(isLoaded(attached["programId"])).toBe(true);
    ping("-s", "56", "::1");
    await running.lines(2);
    running.child.kill("SIGTERM");
    const { status, stdout, stderr } = await running.ended;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const [, entry, ...rest] = jsonLines(stdout);
    expect(entry).toMatchObject({ type: "entry", map: "sources", key: { address: "::1" } });
    // Three requests and three replies of 14 + 40 + 8 + 56 bytes.
    const whole = { key: { address: "::1" }, value: { packets: "6", bytes: "708" } };
    expect(rest.at(-1)).toMatchObject({
      type: "summary",
      program: "count_sources",
      rings: [],
      maps: [{ name: "sources", type: "hash", entries: [whole], more: false }],
    });
    const { value, rates } = entry as { value: Json; rates: Json };
    expect(Number(rates["packets"])).toBeGreaterThan(Number(value["packets"]) / 10);
    expect(Number(rates["bytes"]) / Number(rates["packets"])).toBeCloseTo(118, -1);
    await isGone(attached["programId"]);
  });

  test("in words, for so many seconds", async () => {
    const { name } = network();
    const ended = await runHopmark(["run", example, "--netns", name, "--seconds", "0.5"]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toBe(`count_sources (xdp) on lo in ${name} · Ctrl-C ends\n`);
    expect(ended.stdout).toMatch(
      /^count_sources \(xdp\) on lo in \S+: 0\.\d s\nsources {2}hash, 0 of 1,024 entries\n$/,
    );
  });

  test("says that the interface is down", async () => {
    const { name } = temporaryNetns();
    const { stderr } = await runHopmark(["run", example, "--netns", name, "--seconds", "0.1"]);
    expect(stderr).toContain("warning: lo is down");
  });
});

describe("a program that records", () => {
  test.each(["ingress", "egress"])("at tc %s: records by layout, variables, sums over the CPUs", async (hook) => {
    const { name, ping } = network();
    const running = start([watching, "--program", "watch", "--hook", hook, "-n", name, "--json"]);
    const [first = ""] = await running.lines(1);
    const attached = JSON.parse(first) as Json;
    expect(attached).toMatchObject({ type: "attached", program: "watch", device: "lo", hook });
    ping("-s", "56", "127.0.0.1");
    ping("-s", "1400", "127.0.0.1");
    await running.lines(8);
    running.child.kill("SIGINT");
    const { status, stdout } = await running.ended;
    expect(status).toBe(0);
    const lines = jsonLines(stdout);
    const records = lines.filter(({ type }) => type === "record");
    const record = { type: "record", ring: "seen", layout: "seen", value: { etherType: 0x800, length: 98 } };
    expect(records).toEqual(Array.from({ length: 6 }, () => record));
    expect(lines.at(-1)).toMatchObject({
      type: "summary",
      rings: [{ name: "seen", records: 6, discarded: 6, wasFull: false }],
      maps: [
        { name: "total", entries: [{ key: null, value: { value: "12" } }] },
        {
          name: "sizes",
          entries: [
            { key: 1, value: { value: "6" } },
            { key: 3, value: { value: "6" } },
          ],
        },
      ],
    });
    await isGone(attached["programId"]);
  });

  test("in words, a line a record", async () => {
    const { name, ping } = network();
    const running = start([watching, "--program", "large", "--netns", name]);
    await new Promise((resolve) => running.child.stderr.once("data", resolve));
    ping("-s", "56", "127.0.0.1");
    expect((await running.lines(6)).slice(0, 6)).toEqual(Array.from({ length: 6 }, () => "seen  large  length 98"));
    running.child.kill("SIGINT");
    expect((await running.ended).stdout).toMatch(/\nlarge \(xdp\) on lo in \S+: \d+\.\d s\nseen {2}6 records\n$/);
  });

  test("ends when its reader has gone, and leaves nothing", async () => {
    const { name, ping } = network();
    const running = start([watching, "--program", "large", "--netns", name, "--json"]);
    const [first = ""] = await running.lines(1);
    running.child.stdout.destroy();
    ping("127.0.0.1");
    expect(await running.ended).toMatchObject({ status: 0, stderr: "" });
    await isGone((JSON.parse(first) as Json)["programId"]);
  });
});

test("a file that is edited meanwhile is said to be, once", async () => {
  const { name } = network();
  const file = folder.write("edited.bpf.ts", readFileSync(example, "utf8"));
  const running = start([file, "--netns", name]);
  await running.says(/Ctrl-C ends/);
  writeFileSync(file, "// another");
  await running.says(/note: .*edited\.bpf\.ts: it was changed; what runs is what it was: start it again/);
  running.child.kill("SIGINT");
  expect(await running.ended).toMatchObject({ status: 0 });
});

test("an interface that disappears ends it, with what was counted and status 1", async () => {
  const { name } = temporaryNetns();
  execFileSync("ip", ["-n", name, "link", "add", "here", "type", "veth", "peer", "name", "there"]);
  const running = start([watching, "--program", "other", "--dev", "here", "--netns", name, "--generic"]);
  await running.says(/Ctrl-C ends/);
  expect(execFileSync("ip", ["-n", name, "link", "show", "here"], { encoding: "utf8" })).toContain("xdpgeneric");
  execFileSync("ip", ["-n", name, "link", "delete", "here"]);
  const { status, stdout, stderr } = await running.ended;
  expect(stdout).toMatch(/^other \(xdp\) on here in \S+: \d/);
  expect({ status, last: stderr.trimEnd().split("\n").at(-1) }).toEqual({
    status: 1,
    last: `hopmark: other (xdp) on here in ${name} sees nothing any more: what it was attached to is gone, or it was detached`,
  });
});

test("a terminal that is closed ends it as by the signal, and leaves nothing", async () => {
  const { name } = network();
  const marker = `${folder.path}/ended`;
  const inside = 'exec script -qfec "trap : HUP; ${*@Q}; echo \\$? > $0" /dev/null';
  const running = startHopmark(["run", example, "--netns", name], ["bash", "-c", inside, marker]);
  await new Promise((resolve) => running.child.stdout.once("data", resolve));
  running.child.kill("SIGKILL");
  await running.ended;
  // 129: what the shell says of SIGHUP. Node.js aborted (134).
  await vi.waitFor(() => expect(readFileSync(marker, "utf8")).toBe("129\n"), 10_000);
  expect(execFileSync("ip", ["-n", name, "link", "show", "lo"], { encoding: "utf8" })).not.toContain("xdp");
});

test("ends when its reader has gone also where no packet comes by", async () => {
  const { name } = network();
  const running = startHopmark(["run", watching, "--program", "large", "--netns", name, "--json"]);
  await running.lines(1);
  running.child.stdout.destroy();
  expect(await running.ended).toMatchObject({ status: 0, stderr: "" });
});

describe("what is refused", () => {
  const run = (...words: readonly string[]): Promise<Ended> => runHopmark(["run", ...words, "--seconds", "0.1"]);

  test.each<[string, readonly string[], number, RegExp]>([
    ["several programs", [watching], 2, /several programs: watch, other, large\n.*--program watch/],
    ["a hook for XDP", [example, "--hook", "egress"], 2, /--hook egress is for programs made with tc\(\)/],
    [
      "what is for XDP programs",
      [watching, "--program", "watch", "--generic"],
      2,
      /--generic is for programs made with xdp\(\)/,
    ],
    ["no such hook", [example, "--hook", "up"], 2, /"up" is not ingress or egress/],
    ["no such interface", [example, "--dev", "nosuch0"], 2, /there is no interface nosuch0 here/],
    ["no such namespace", [example, "--netns", "nosuch"], 2, /network namespace nosuch/],
    ["no such file", ["none.bpf.ts"], 2, /there is no file none\.bpf\.ts/],
  ])("%s", async (_, words, status, message) => {
    const ended = await run(...words);
    expect(ended).toMatchObject({ status, stdout: "" });
    expect(ended.stderr).toMatch(message);
  });

  test("a second XDP program on the same interface", async () => {
    const { name } = network();
    const running = start([example, "--netns", name, "--json"]);
    await running.lines(1);
    const second = await run(example, "--netns", name);
    expect(second).toMatchObject({ status: 1, stdout: "" });
    expect(second.stderr).toMatch(/already runs an XDP program: count_sources .*\n {2}end that process first/);
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ status: 0 });
  });

  test("by the verifier: in TypeScript lines, with --log its own words before them", async () => {
    const { name } = network();
    // The verifier walks it until it has 8,192 branches in mind: soon, but not without many words.
    const text = `import { Xdp, randomU32, xdp } from "hopmark/kernel";
export const endless = xdp(() => {
  for (let at = 0; at < 9000; at++) if (randomU32() === at) return Xdp.Drop;
  return Xdp.Pass;
});
`;
    const file = folder.write("endless.bpf.ts", text);
    const { status, stdout, stderr } = await run(file, "--netns", name, "--log");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    // Far more than a pipe takes at once, and whole all the same.
    expect(stderr.length).toBeGreaterThan(500_000);
    const said = stderr.slice(stderr.lastIndexOf("\nprocessed "));
    expect(said).toMatch(
      /^\nprocessed \d{5} insns .*\n\S*endless\.bpf\.ts:3:\d+: HM2001: the kernel refused program endless: .*\n {4}for .*\n +\^\n {2}the verifier: .*too complex/,
    );
    const json = await run(file, "--netns", name, "--json");
    expect(JSON.parse(json.stderr)).toMatchObject({
      type: "error",
      code: "verifier",
      program: "endless",
      line: 3,
      diagnostics: [{ code: "HM2001", line: 3, file }],
    });
  });

  test("without rights", async () => {
    const { status, stderr } = await runHopmark(
      ["run", example],
      ["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
    );
    expect(status).toBe(4);
    expect(stderr).toMatch(/^hopmark: hopmark run needs rights.*CAP_BPF.*CAP_NET_ADMIN/s);
  });

  test("root of a user namespace", async () => {
    const { status, stderr } = await runHopmark(["run", example], ["unshare", "--map-root-user"]);
    expect(status).toBe(4);
    expect(stderr).toMatch(
      /is not permitted.*: this process is in a user namespace.*\n {2}run it as the machine's own root/,
    );
  });

  test("bpffs is not needed", async () => {
    const { name } = network();
    const ended = await runHopmark(["run", example, "--seconds", "0.1"], ["ip", "netns", "exec", name]);
    expect(ended).toMatchObject({ status: 0, stderr: "count_sources (xdp) on lo · Ctrl-C ends\n" });
  });
});

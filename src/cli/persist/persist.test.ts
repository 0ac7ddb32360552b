/** What is persisted comes back as it was, and a second time changes nothing. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { labDown, labUp, musketeers } from "../../lab/index.ts";
import { processIdentity } from "../../linux/process-identity.ts";
import {
  addEncap,
  addExport,
  addTransit,
  deleteEncap,
  deleteExport,
  deleteTransit,
  type EncapOptions,
  showIoam,
} from "../../mark/ioam/control.ts";
import type { Context } from "../framework/command.ts";
import { Output } from "../framework/output.ts";
import { readIoam6 } from "../ioam6.ts";
import { configurationText, install, uninstall, unitText, UNIT_NAME, WATCH_NAME, watchText } from "./install.ts";
import { addLine, presentLines } from "./present-lines.ts";
import { restoreLines, type RestoredLine } from "./restore-lines.ts";
import { shellWords } from "./shell-words.ts";

// Programs are compiled twice, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const stream = { write: () => true };
const context: Context = {
  output: new Output({ json: false, stdout: stream, stderr: stream, environment: {} }),
  signal: new AbortController().signal,
  needRights: async () => {},
};

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "hopmark-persist-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

test.each<[string, string[] | undefined]>([
  ["", []],
  ["a  b\tc", ["a", "b", "c"]],
  [`x 'a b' "c 'd'" e\\ f ''`, ["x", "a b", "c 'd'", "e f", ""]],
  [`'it'\\''s'`, ["it's"]],
  ["'open", undefined],
])("the words of %j", (line, words) => expect(shellWords(line)).toEqual(words));

test.each([
  ["sink dev eth0 keep", "ioam sink add dev eth0 keep"],
  [
    "transit dev eth0 --xdp (in the stack) --next-hops (nobody keeps them: the kernel is asked)",
    "ioam transit add dev eth0 --xdp --next-hops",
  ],
  [
    "encap ::/0 dev eth0 mode encap tundst db02::2 trace prealloc type 0x800000 ns 1 size 4 (tunsrc db01::1)",
    "ioam encap add ::/0 dev eth0 mode encap tundst db02::2 trace prealloc type 0x800000 ns 1 size 4",
  ],
  [
    "encap db02::/64 dev eth0 trace dex type 0xf00000 ns 1 (flow 3)",
    "ioam encap add db02::/64 dev eth0 trace dex type 0xf00000 ns 1",
  ],
])("%s", (grammar, line) => expect(addLine(grammar)).toBe(line));

describe("in a namespace", () => {
  const lab = `persist${process.pid}`;
  const netns = `${lab}-athos`;
  const device = { device: "h_athos", netns };
  const rule: EncapOptions = {
    prefix: "db02::/64",
    traceType: 0xfe_0000,
    namespaceId: 123,
    size: 84,
    frequency: { packets: 1, of: 10 },
  };
  beforeAll(() => {
    const owner = processIdentity();
    labUp(musketeers(), lab, owner === undefined ? {} : { owner });
  }, 60_000);
  afterAll(() => void labDown(lab));

  const restore = (lines: readonly string[], waitMs = 0): Promise<RestoredLine[]> =>
    restoreLines({ text: configurationText(lines), file: "ioam.conf", netns, waitMs }, context);
  const shown = async (): Promise<unknown> => {
    const kernel = await readIoam6(netns, (ioam) => [
      ioam.namespaces().toSorted((a, b) => a.id - b.id),
      ioam.schemas().toSorted((a, b) => a.id - b.id),
    ]);
    const parts = showIoam(netns).map((part) => ({ ...part, counters: {} }));
    return { kernel, parts };
  };

  test("a line that cannot be made is reported, and the others are made", async () => {
    const results = await restore(
      ["ioam sink add dev nosuch0", "ioam namespace add 123 data 0x00000001", "ioam namespace add 124"],
      1,
    );
    expect(results.map(({ result }) => result)).toEqual(["failed", "failed", "made"]);
    expect(results[0]?.notes.join(" ")).toContain("nosuch0");
    expect(results[1]?.notes.join(" ")).toContain("namespace 123 exists already");
    await readIoam6(netns, (ioam) => ioam.deleteNamespace(124));
  });

  test("what is saved and removed is restored, the same", async () => {
    await readIoam6(netns, (ioam) => ioam.addSchema({ id: 9, data: Uint8Array.of(0, 1, 2, 255) }));
    await readIoam6(netns, (ioam) => ioam.addNamespace({ id: 9, data: 1, schema: 9 }));
    execFileSync("ip", ["netns", "exec", netns, "sysctl", "-qw", "net.ipv6.conf.h_athos.ioam6_id_wide=77"]);
    addEncap(device, rule);
    const dex = { trace: "dex", traceType: 0xf0_0000, namespaceId: 123, flowId: 7 } as const;
    addEncap(device, { ...dex, prefix: "db02::2/128", frequency: { packets: 1, of: 1 } });
    addTransit(device);
    addExport(device);
    const lines = await presentLines(netns);
    expect(lines).toEqual([
      "sysctl net/ipv6/ioam6_id=1",
      "sysctl net/ipv6/conf/h_athos/ioam6_id=11",
      "sysctl net/ipv6/conf/h_athos/ioam6_id_wide=77",
      "ioam schema add 7 'anything that should be automatically 4n-aligned!!'",
      "ioam schema add 9 000102ff --hex",
      "ioam namespace add 9 data 0x00000001 schema 9",
      "ioam namespace add 123 data 0xdeadbeef wide 0xdeadbeefcafedeca schema 7",
      "ioam transit add dev h_athos",
      "ioam export add dev h_athos",
      "ioam encap add db02::/64 dev h_athos freq 1/10 trace prealloc type 0xfe0000 ns 123 size 84",
      "ioam encap add db02::2/128 dev h_athos trace dex type 0xf00000 ns 123 flow 7",
    ]);
    const before = await shown();
    expect(await restore(lines)).toEqual(
      lines.map((text, at) => ({ line: at + 3, text, result: "there already", notes: [] })),
    );

    deleteEncap(device);
    deleteTransit(device);
    deleteExport(device);
    await readIoam6(netns, (ioam) => {
      for (const { id } of ioam.namespaces()) ioam.deleteNamespace(id);
      for (const { id } of ioam.schemas()) ioam.deleteSchema(id);
    });
    const sysctls = ["ioam6_id=16777215", "conf.h_athos.ioam6_id=65535", "conf.h_athos.ioam6_id_wide=4294967295"];
    for (const one of sysctls) execFileSync("ip", ["netns", "exec", netns, "sysctl", "-qw", `net.ipv6.${one}`]);
    expect(await presentLines(netns)).toEqual([]);

    const results = await restore(lines);
    expect(results.map(({ result, notes }) => [result, notes])).toEqual(lines.map(() => ["made", []]));
    expect(await presentLines(netns)).toEqual(lines);
    expect(await shown()).toEqual(before);
  });

  test.each([
    ["ioam encap delete db02::/64 dev h_athos", "neither a sysctl nor an ioam … add"],
    ["sysctl net/ipv6/conf/all/forwarding=1", "not a sysctl of IOAM's"],
    ["sysctl net/ipv6/conf/../ioam6_id=1", "not a sysctl of IOAM's"],
    ["lab down x", "neither a sysctl nor an ioam … add"],
    ["ioam schema add 7 'open", "a quotation mark without its second"],
  ])("%s is refused, before anything is made", async (line, message) => {
    const before = await presentLines(netns);
    await expect(restore(["ioam namespace add 200", line])).rejects.toMatchObject({
      message: expect.stringContaining(message),
      file: "ioam.conf",
      line: 4,
    });
    expect(await presentLines(netns)).toEqual(before);
  });
});

describe("installed", () => {
  const program = ["/usr/bin/node", "/usr/lib/node_modules/hopmark/bin/hopmark.js"] as const;

  test("files come and go below a root", () => {
    const root = folder();
    const lines = ["ioam namespace add 1"];
    expect(install(root, lines, program)).toMatchObject({ lines: 1, unit: `${root}/etc/systemd/system/${UNIT_NAME}` });
    install(root, lines, program);
    expect(readFileSync(join(root, "etc/hopmark/ioam.conf"), "utf8")).toBe(configurationText(lines));
    expect(readFileSync(join(root, "etc/systemd/system", UNIT_NAME), "utf8")).toBe(unitText(program));
    const link = join(root, "etc/systemd/system/multi-user.target.wants", UNIT_NAME);
    expect(readlinkSync(link)).toBe(`/etc/systemd/system/${UNIT_NAME}`);
    expect(uninstall(root)).toHaveLength(3);
    expect(uninstall(root)).toEqual([]);
  });

  test("next-hop tables come with what keeps them, and go with it", () => {
    const root = folder();
    const lines = ["ioam transit add dev eth0 --xdp --next-hops"];
    const files = (): string[] => readdirSync(join(root, "etc/systemd/system"), { recursive: true, encoding: "utf8" });
    expect(install(root, lines, program).watch).toBe(`${root}/etc/systemd/system/${WATCH_NAME}`);
    expect(files()).toContain(`multi-user.target.wants/${WATCH_NAME}`);
    expect(readFileSync(join(root, "etc/systemd/system", WATCH_NAME), "utf8")).toContain(
      "ExecStart=/usr/bin/node /usr/lib/node_modules/hopmark/bin/hopmark.js ioam transit watch\n",
    );
    expect(install(root, ["ioam transit add dev eth0 --xdp"], program).watch).toBeNull();
    expect(files()).not.toContain(WATCH_NAME);
    install(root, lines, program);
    expect(uninstall(root)).toHaveLength(5);
  });

  test("what a command left that was killed while it wrote is removed, too", () => {
    const root = folder();
    install(root, [], program);
    writeFileSync(join(root, "etc/hopmark/ioam.conf.new"), "half");
    writeFileSync(join(root, "etc/systemd/system", `${UNIT_NAME}.new`), "half");
    expect(uninstall(root)).toHaveLength(5);
    expect(readdirSync(join(root, "etc/hopmark"))).toEqual([]);
  });

  test("npx's own copy is refused", () => {
    const script = "/root/.npm/_npx/0123/node_modules/hopmark/bin/hopmark.js";
    expect(() => install(folder(), [], ["/usr/bin/node", script])).toThrow("npx's own copy");
  });

  test("systemd takes the units as they are", () => {
    const directory = folder();
    const own = [process.execPath, join(import.meta.dirname, "../../../bin/hopmark.js")] as const;
    const units = [
      [UNIT_NAME, unitText(own)],
      [WATCH_NAME, watchText(own)],
    ].map(([name = "", text = ""]) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    });
    const said = spawnSync("systemd-analyze", ["verify", "--man=no", ...units], { encoding: "utf8" });
    expect({ status: said.status, stderr: said.stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("blanks, percent and dollar signs in paths are kept from systemd", () => {
    expect(unitText(["/opt/my node/50%/node", "/a$b/hopmark.js"])).toContain(
      'ExecStart="/opt/my node/50%%/node" /a$$b/hopmark.js persist restore --wait 30\n',
    );
  });
});

/** Where routes share packets out among several ways: the one that packets took is judged by them, the others by configuration. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { pathReportText } from "../../src/cli/ioam-doctor/path-report-text.ts";
import { plainStyle } from "../../src/cli/framework/style.ts";
import { diamonds, labDown, labUp } from "../../src/lab/index.ts";
import { processIdentity } from "../../src/linux/process-identity.ts";
import { addEncap, addSink, deleteSink } from "../../src/mark/ioam/control.ts";
import { examinePath, type PathReport } from "../../src/mark/ioam/doctor/examine-path.ts";

vi.setConfig({ testTimeout: 60_000 });

const lab = `ways${process.pid}`;
const nodes = ["athos", "dartagnan", "porthos", "milady", "aramis"];
const netnsOf = (node: string): string => `${lab}-${node}`;
const at = (node: string, device: string): { device: string; netns: string } => ({ device, netns: netnsOf(node) });
const ip = (node: string, words: string): void =>
  void execFileSync("ip", ["netns", "exec", netnsOf(node), ...words.split(" ")], { stdio: "pipe" });

const examine = (quiet = false): Promise<PathReport> =>
  examinePath({
    from: { name: "athos", netns: netnsOf("athos") },
    to: "db02::2",
    nodes: nodes.map((name) => ({ name, netns: netnsOf(name) })),
    quiet,
    watchMs: 0,
    answerMs: 500,
  });

const foundIn = ({ findings }: PathReport): string[] =>
  findings.map(({ rule, node, device, evidence }) => `${rule} ${node} ${device ?? "-"} by ${evidence}`);
const namesOf = (path: PathReport["path"]): string => path.map(({ node }) => node).join(" ");

beforeAll(() => {
  const owner = processIdentity();
  // The kernel fills on the way: changing it costs nothing.
  const topology = diamonds({ kernelIoam: ["dartagnan", "porthos", "milady"] });
  labUp(topology, lab, owner === undefined ? {} : { owner });
  for (const device of ["h_aramis_p", "h_aramis_m"]) addSink(at("aramis", device));
  addEncap(at("athos", "h_athos"), {
    prefix: "db02::/64",
    traceType: 0xfe_0000,
    namespaceId: 123,
    size: 112,
    frequency: { packets: 1, of: 1 },
  });
}, 120_000);
afterAll(() => void labDown(lab));

test("both ways are judged, and what is wrong on the one that no packet took is found", async () => {
  const well = await examine();
  expect(well).toMatchObject({ ok: true, answered: true, complete: true, findings: [] });
  const ways = [well.path, ...well.otherPaths].map(namesOf);
  expect(ways.toSorted()).toEqual(["athos dartagnan milady aramis", "athos dartagnan porthos aramis"]);
  const other = well.otherPaths[0]?.[2]?.node ?? "";
  const [device, remote] = [`h_${other}_d`, other === "porthos" ? "h_aramis_p" : "h_aramis_m"];
  ip(other, `sysctl -qw net.ipv6.conf.${device}.ioam6_enabled=0`);
  deleteSink(at("aramis", remote));
  const report = await examine();
  expect(foundIn(report)).toEqual([
    `ioam-disabled ${other} ${device} by configuration`,
    `sink-missing aramis ${remote} by configuration`,
  ]);
  expect(report).toMatchObject({ ok: false, answered: true });
  // Shown where it is: below the way that packets took, which is right.
  const [taken, beside] = pathReportText(report, plainStyle, Infinity).split("another way that packets may take");
  expect(taken).not.toContain("✗");
  expect(beside?.match(/✗ \S+/g)).toEqual([`✗ ${other}`, "✗ aramis"]);
  // On the way that packets take, they show it too.
  const used = well.path[2]?.node ?? "";
  ip(used, `sysctl -qw net.ipv6.conf.h_${used}_d.ioam6_enabled=0`);
  expect(foundIn(await examine())).toContain(`ioam-disabled ${used} h_${used}_d by configuration`);
  for (const node of [other, used]) ip(node, `sysctl -qw net.ipv6.conf.h_${node}_d.ioam6_enabled=1`);
  addSink(at("aramis", remote));
});

test("a way that is dead is none; one that packets are sent to all the same is named", async () => {
  ip("porthos", "ip link set h_porthos_d down");
  const without = await examine();
  expect(without).toMatchObject({ ok: true, otherPaths: [], findings: [] });
  expect(namesOf(without.path)).toBe("athos dartagnan milady aramis");
  // Without this, the kernel goes on sending to where nobody is.
  for (const where of ["all", "h_dart_p"])
    ip("dartagnan", `sysctl -qw net.ipv6.conf.${where}.ignore_routes_with_linkdown=0`);
  expect(foundIn(await examine(true))).toEqual(["link-down dartagnan h_dart_p by configuration"]);
});

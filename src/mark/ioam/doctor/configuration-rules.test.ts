/** What a lab cannot provoke: kernels without IOAM, paths of many nodes, schemas. */
import { expect, test } from "vitest";
import type { Netns } from "../../../linux/netns.ts";
import type { LookedUpRoute } from "../../../linux/rtnetlink/route-lookup.ts";
import type { StoredRule } from "../encap/encap.ts";
import { askedTrace } from "./asked-trace.ts";
import { configurationFindings } from "./configuration-rules.ts";
import { distinct, type Finding } from "./finding.ts";
import type { InterfaceFacts, NodeFacts } from "./node-facts.ts";
import type { Path, PathHop } from "./path.ts";

const netns: Netns = { fd: -1, inode: 0, label: "none", close: () => {} };
const device = (name: string): InterfaceFacts => ({
  name,
  index: 1,
  mtu: 9000,
  running: true,
  loopback: false,
  addresses: [],
  kernelFills: true,
  forwarding: true,
  hopLimit: 64,
});
const route: LookedUpRoute = {
  family: 10,
  destination: "db02::2/128",
  table: 254,
  kind: "unicast",
  protocol: 4,
  message: new Uint8Array(0),
  mtu: 8000,
  ioamEncap: false,
};
const rule: StoredRule = {
  prefix: "db02::/64",
  traceType: 0xfe_0000,
  namespaceId: 1,
  size: 244,
  frequency: { packets: 1, of: 1 },
  mode: "inline",
  slot: 0,
  profile: 0,
  tunnel: null,
  route: null,
};

const nodeOf = (name: string, schemaWords: number): NodeFacts["ioam"] => ({
  id: Number(name.slice(1)),
  idWide: 0n,
  namespaces: [
    {
      id: 1,
      data: 0,
      dataWide: 0n,
      schema: schemaWords === 0 ? null : { id: 1, words: Array.from({ length: schemaWords }, () => 0) },
    },
  ],
});

/** `n0` traces, the kernel fills everywhere, a sink is at the end. */
const pathOf = (count: number, change: Partial<StoredRule> = {}, schemaWords = 0, ioam?: string): Path => ({
  findings: [],
  hops: Array.from({ length: count }, (_, at): PathHop => {
    const name = `n${at}`;
    const counters = {};
    const parts: NodeFacts["parts"] = [
      ...(at === 0 ? [{ kind: "encap" as const, device: "out", rule: { ...rule, ...change }, counters }] : []),
      ...(at === count - 1
        ? [{ kind: "sink" as const, device: "in", options: { keep: false, e2e: false }, counters }]
        : []),
    ];
    const interfaces = [device("in"), device("out")];
    const facts = {
      name,
      netns: name,
      ioam: at === 1 && ioam !== undefined ? ioam : nodeOf(name, schemaWords),
      interfaces,
      parts,
    };
    const ingress = at === 0 ? null : device("in");
    const egress = at === count - 1 ? null : device("out");
    return { node: { facts, netns }, ingress, egress, route: egress === null ? null : route };
  }),
});

const findingsOf = (path: Path): Finding[] => configurationFindings(path, "db02::2", askedTrace(path, "db02::2"));

test("a path of as many nodes as fit is right, with one more the last has no room, and a narrower type is named", () => {
  expect(findingsOf(pathOf(8))).toEqual([]);
  const [finding, ...others] = findingsOf(pathOf(9));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ rule: "overflow", node: "n8", message: expect.stringContaining("9 nodes need 252") });
  expect(finding?.remedy).toContain("trace prealloc type 0xfa0000 ns 1 size 216 --netns n0");
});

test("what the doctor advises, encap add takes: of 9 nodes without a rule, a type that fits; of a rule, all its words", () => {
  const { hops, findings } = pathOf(9);
  const [first, ...others] = hops;
  const facts = { ...first!.node.facts, parts: [] };
  const [missing] = findingsOf({ findings, hops: [{ ...first!, node: { ...first!.node, facts } }, ...others] });
  expect(missing?.remedy).toBe(
    "hopmark ioam encap add db02::2/128 dev out trace prealloc type 0xfa0000 ns 1 size 216 --netns n0",
  );
  const numbered = { e2e: true, frequency: { packets: 1, of: 10 }, traceType: 0x3f_8000, size: 40 };
  // Bit 8 is the only node id, which numbers need.
  expect(findingsOf(pathOf(9, numbered))[0]?.remedy).toBe(
    "hopmark ioam encap change db02::/64 dev out freq 1/10 trace prealloc type 0x3a8000 ns 1 size 216 e2e --netns n0",
  );
});

test("a node's schema counts for bit 22", () => {
  expect(findingsOf(pathOf(3, { traceType: 0x80_0002, size: 24 }))).toEqual([]);
  expect(findingsOf(pathOf(3, { traceType: 0x80_0002, size: 24 }, 2))).toMatchObject([
    { rule: "overflow", node: "n1", message: expect.stringContaining("3 nodes need 48") },
  ]);
});

test("under Direct Export packets have no trace, and none that overflows", () => {
  expect(findingsOf(pathOf(12, { trace: "dex", size: 0, dexFlowId: 7 }))).toEqual([]);
});

test("a kernel without IOAM is named", () => {
  expect(findingsOf(pathOf(3, {}, 0, "the kernel has no IOAM6"))).toMatchObject([
    { rule: "kernel-without-ioam", node: "n1", remedy: "use Linux 5.15 or later, built with CONFIG_IPV6" },
  ]);
});

test("what configuration explains is not said again of packets", () => {
  const base = { node: "n1", device: null, message: "", remedy: null };
  const known: Finding = { ...base, rule: "namespace-unknown", evidence: "configuration" };
  const seen: Finding = { ...base, rule: "not-filled", evidence: "packets" };
  expect(distinct([known, seen, { ...known, evidence: "packets" }])).toEqual([known]);
  expect(distinct([known, { ...seen, node: "n2" }])).toHaveLength(2);
});

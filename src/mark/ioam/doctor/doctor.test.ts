/** Every rule provoked on a lab's path, and named. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { attach, type Running } from "../../../bpf/attach.ts";
import { labDown, labUp, musketeers } from "../../../lab/index.ts";
import { openNetns } from "../../../linux/netns.ts";
import { Ioam6 } from "../../../linux/genetlink/ioam6.ts";
import { parseMac } from "../../../linux/ip-address.ts";
import { sendPastTc } from "../../../linux/packet-tap.ts";
import { processIdentity } from "../../../linux/process-identity.ts";
import {
  addEncap,
  addSink,
  addTransit,
  deleteEncap,
  deleteSink,
  deleteTransit,
  type EncapOptions,
} from "../control.ts";
import { ruleCases } from "../conformance/cases.ts";
import { dropping } from "../test-support/drop.bpf.ts";
import { frame } from "../conformance/frames.ts";
import { accepting } from "../test-support/accept.bpf.ts";
import { examinePath, type PathQuestion, type PathReport } from "./examine-path.ts";
import { isNote, rules, type Rule } from "./finding.ts";

// What a case provokes may take compiling, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const lab = `doctor${process.pid}`;
type Node = "athos" | "porthos" | "aramis";
const nodes: readonly Node[] = ["athos", "porthos", "aramis"];
const netnsOf = (node: Node): string => `${lab}-${node}`;
const at = (node: Node, device: string): { device: string; netns: string } => ({ device, netns: netnsOf(node) });
const rule: EncapOptions = {
  prefix: "db02::/64",
  traceType: 0xfe_0000,
  namespaceId: 123,
  size: 84,
  frequency: { packets: 1, of: 1 },
};

/** Under Direct Export packets carry no trace. */
const direct: EncapOptions = {
  prefix: rule.prefix,
  traceType: 0xf0_0000,
  namespaceId: 123,
  trace: "dex",
  frequency: rule.frequency,
};

const examine = (change: Partial<Parameters<typeof examinePath>[0]> = {}): Promise<PathReport> =>
  examinePath({
    from: { name: "athos", netns: netnsOf("athos") },
    to: "db02::2",
    nodes: nodes.map((name) => ({ name, netns: netnsOf(name) })),
    quiet: false,
    watchMs: 0,
    answerMs: 300,
    ...change,
  });

/** What was found, shortly: `rule node device`. */
const foundIn = ({ findings }: PathReport): string[] =>
  findings.map(({ rule: name, node, device }) => `${name} ${node} ${device ?? "-"}`);

const run = (node: Node, ...words: readonly string[]): void =>
  void execFileSync("ip", ["netns", "exec", netnsOf(node), ...words], { stdio: "pipe" });
const sysctl = (node: Node, key: string, value: number): void => run(node, "sysctl", "-qw", `${key}=${value}`);
const reencap = (change: Partial<EncapOptions>): void =>
  void addEncap(at("athos", "h_athos"), { ...rule, ...change }, "change");
const inKernel = (node: Node, change: (kernel: Ioam6) => void): void => {
  const netns = openNetns(netnsOf(node));
  const kernel = new Ioam6(netns);
  try {
    change(kernel);
  } finally {
    kernel.close();
    netns.close();
  }
};

beforeAll(() => {
  const owner = processIdentity();
  // The kernel fills at porthos: changing it costs nothing.
  labUp(musketeers({ kernelIoam: ["porthos"], xdp: true }), lab, owner === undefined ? {} : { owner });
  addEncap(at("athos", "h_athos"), rule);
  addSink(at("aramis", "h_aramis"));
}, 120_000);
afterAll(() => void labDown(lab));

test("a path where all is well, and one where one packet in ten gets a trace", async () => {
  const report = await examine();
  expect(report).toMatchObject({ ok: true, answered: true, complete: true, findings: [] });
  expect(report.path.map(({ node, does }) => `${node} ${does.join("+")}`)).toEqual([
    "athos encap",
    "porthos kernel",
    "aramis sink",
  ]);
  reencap({ frequency: { packets: 1, of: 10 } });
  expect(await examine()).toMatchObject({ ok: true, answered: true });
  reencap({});
});

let firewall: Running | undefined;
const someoneElses = (node: Node, device: string, direction: "ingress" | "egress"): void =>
  void (firewall = attach(accepting, { ...at(node, device), direction, order: "first" }));

test("an outer header is followed to its end, and its bytes are counted", async () => {
  reencap({ mode: "encap", tundst: "db02::2" });
  const well = await examine();
  expect(well).toMatchObject({ ok: true, answered: true, findings: [] });
  run("porthos", ..."ip link set h_porthos_b mtu 1450".split(" "));
  const narrow = await examine();
  run("porthos", ..."ip link set h_porthos_b mtu 1500".split(" "));
  expect(foundIn(narrow)).toEqual(["mtu-too-small porthos h_porthos_b"]);
  expect(narrow.findings[0]?.message).toContain("the 144 that are inserted");
  reencap({});
});

interface Case {
  readonly name: string;
  readonly provoke: () => void;
  readonly repair: () => void;
  readonly found: readonly string[];
  readonly remedy: string;
  readonly message?: string;
  /** What is asked otherwise. */
  readonly question?: Partial<PathQuestion>;
}

/** All rules that a case provoked; what cannot be provoked here, and why. */
const provoked = new Set<Rule>();
const elsewhere: Partial<Record<Rule, string>> = {
  "kernel-without-ioam": "every kernel that Hopmark runs on has it, unless IPv6 is off: configuration-rules.test.ts",
  "flags-ignored": "no probe sets them, captures show them: examine-capture.test.ts",
};

const cases: readonly Case[] = [
  {
    name: "a namespace that a node does not know",
    provoke: () => inKernel("porthos", (kernel) => kernel.deleteNamespace(123)),
    repair: () => inKernel("porthos", (kernel) => kernel.addNamespace({ id: 123 })),
    found: ["namespace-unknown porthos -"],
    remedy: `hopmark ioam namespace add 123 --netns ${lab}-porthos`,
  },
  {
    name: "no one fills",
    provoke: () => sysctl("porthos", "net.ipv6.conf.h_porthos_a.ioam6_enabled", 0),
    repair: () => sysctl("porthos", "net.ipv6.conf.h_porthos_a.ioam6_enabled", 1),
    found: ["ioam-disabled porthos h_porthos_a"],
    remedy: `hopmark ioam transit add dev h_porthos_a --netns ${lab}-porthos`,
    message: "ioam6_enabled is 0",
  },
  {
    name: "Hopmark fills in place of the kernel: nothing is wrong",
    provoke: () => {
      sysctl("porthos", "net.ipv6.conf.h_porthos_a.ioam6_enabled", 0);
      addTransit(at("porthos", "h_porthos_a"));
    },
    // Left there for the next.
    repair: () => {},
    found: [],
    remedy: "",
  },
  {
    name: "Hopmark fills at XDP, where packets are seen only afterwards: nothing is wrong",
    provoke: () => {
      deleteTransit(at("porthos", "h_porthos_a"));
      addTransit(at("porthos", "h_porthos_a"), { xdp: true });
    },
    // Left there for the next.
    repair: () => {},
    found: [],
    remedy: "",
  },
  {
    name: "both fill",
    provoke: () => sysctl("porthos", "net.ipv6.conf.h_porthos_a.ioam6_enabled", 1),
    repair: () => deleteTransit(at("porthos", "h_porthos_a")),
    found: ["filled-twice porthos h_porthos_a"],
    remedy: `ip netns exec ${lab}-porthos sysctl net.ipv6.conf.h_porthos_a.ioam6_enabled=0`,
  },
  {
    name: "no room at the last node",
    provoke: () => reencap({ size: 56 }),
    repair: () => reencap({}),
    found: ["overflow aramis h_aramis"],
    remedy: "type 0xfe0000 ns 123 size 84",
    message: "3 nodes need 84",
  },
  {
    name: "no room at the second node",
    provoke: () => reencap({ size: 28 }),
    repair: () => reencap({}),
    found: ["overflow porthos h_porthos_a"],
    remedy: "type 0xfe0000 ns 123 size 84",
  },
  {
    name: "nothing gives packets a trace",
    provoke: () => void deleteEncap(at("athos", "h_athos")),
    repair: () => void addEncap(at("athos", "h_athos"), rule),
    found: ["encap-missing athos h_athos"],
    remedy: `hopmark ioam encap add db02::2/128 dev h_athos trace prealloc type 0xfe0000 ns 123 size 84 --netns ${lab}-athos`,
  },
  {
    name: "a route whose MTU was raised again",
    provoke: () => run("athos", ..."ip -6 route change db02::/64 via db01::2 dev h_athos mtu 1500".split(" ")),
    repair: () => run("athos", ..."ip -6 route change db02::/64 via db01::2 dev h_athos mtu 1396".split(" ")),
    found: ["mtu-too-small athos h_athos"],
    remedy: `ip netns exec ${lab}-athos ip -6 route change db02::/64 via db01::2 dev h_athos mtu 1396`,
    message: "those longer than 1396 leave without a trace",
  },
  {
    name: "a narrow link on the way",
    provoke: () => run("porthos", ..."ip link set h_porthos_b mtu 1450".split(" ")),
    repair: () => run("porthos", ..."ip link set h_porthos_b mtu 1500".split(" ")),
    found: ["mtu-too-small porthos h_porthos_b"],
    remedy: `ip netns exec ${lab}-athos ip -6 route change db02::/64 via db01::2 dev h_athos mtu 1346`,
  },
  {
    name: "a node that does not forward",
    provoke: () => sysctl("porthos", "net.ipv6.conf.all.forwarding", 0),
    repair: () => sysctl("porthos", "net.ipv6.conf.all.forwarding", 1),
    found: ["not-forwarding porthos h_porthos_a"],
    remedy: `ip netns exec ${lab}-porthos sysctl net.ipv6.conf.all.forwarding=1`,
  },
  {
    name: "a hop limit that ends on the way",
    provoke: () => sysctl("athos", "net.ipv6.conf.h_athos.hop_limit", 1),
    repair: () => sysctl("athos", "net.ipv6.conf.h_athos.hop_limit", 64),
    found: ["hop-limit athos h_athos", "hop-limit porthos h_porthos_a"],
    remedy: `ip netns exec ${lab}-athos sysctl net.ipv6.conf.h_athos.hop_limit=64`,
  },
  {
    name: "a node that drops Hop-by-Hop headers",
    provoke: () =>
      void (firewall = attach(dropping("hop-by-hop"), { ...at("porthos", "h_porthos_a"), direction: "ingress" })),
    repair: () => firewall?.close(),
    found: ["hop-by-hop-dropped porthos h_porthos_a"],
    remedy: `let them pass: ip netns exec ${lab}-porthos nft list ruleset`,
  },
  {
    name: "a node that drops everything",
    provoke: () => void (firewall = attach(dropping("all"), { ...at("porthos", "h_porthos_a"), direction: "ingress" })),
    repair: () => firewall?.close(),
    found: ["lost porthos h_porthos_a"],
    remedy: "",
    message: "with a trace or without",
  },
  {
    name: "another program that decides before Hopmark's sees what leaves",
    provoke: () => someoneElses("athos", "h_athos", "egress"),
    repair: () => firewall?.close(),
    found: ["not-traced athos h_athos"],
    remedy: `hopmark ioam show --netns ${lab}-athos`,
    message: "its program does not see them",
  },
  {
    name: "another program that decides before Hopmark's sees what comes in",
    provoke: () => {
      sysctl("porthos", "net.ipv6.conf.h_porthos_a.ioam6_enabled", 0);
      addTransit(at("porthos", "h_porthos_a"));
      someoneElses("porthos", "h_porthos_a", "ingress");
    },
    repair: () => {
      firewall?.close();
      deleteTransit(at("porthos", "h_porthos_a"));
      sysctl("porthos", "net.ipv6.conf.h_porthos_a.ioam6_enabled", 1);
    },
    found: ["not-filled porthos h_porthos_a"],
    remedy: "",
    message: "although it should",
  },
  {
    name: "a destination that does not answer",
    provoke: () => sysctl("aramis", "net.ipv6.icmp.echo_ignore_all", 1),
    repair: () => sysctl("aramis", "net.ipv6.icmp.echo_ignore_all", 0),
    found: ["no-answer aramis h_aramis"],
    remedy: "",
  },
  {
    name: "reports are asked for, and no trace: nothing is wrong",
    provoke: () => void addEncap(at("athos", "h_athos"), direct, "change"),
    repair: () => reencap({}),
    found: [],
    remedy: "",
  },
  {
    name: "reports are asked for, and someone else's program decides before",
    provoke: () => {
      addEncap(at("athos", "h_athos"), direct, "change");
      someoneElses("athos", "h_athos", "egress");
    },
    repair: () => {
      firewall?.close();
      reencap({});
    },
    found: ["not-traced athos h_athos"],
    remedy: "",
    message: "leave without its option",
  },
  {
    name: "a node that is not in reach",
    provoke: () => {},
    repair: () => {},
    question: { nodes: [] },
    found: ["out-of-reach athos h_athos"],
    remedy: "name its namespace",
  },
  {
    name: "no route",
    provoke: () => {},
    repair: () => {},
    question: { to: "db09::1" },
    found: ["no-route athos -"],
    remedy: "ip -6 route add db09::1/128",
  },
  {
    name: "an interface that is down, and its routes with it",
    provoke: () => run("porthos", ..."ip link set h_porthos_b down".split(" ")),
    repair: () => {
      run("porthos", ..."ip link set h_porthos_b up".split(" "));
      run("porthos", ..."ip -6 addr replace db02::1/64 dev h_porthos_b nodad".split(" "));
    },
    question: { quiet: true },
    found: ["no-route porthos -"],
    remedy: "ip link set h_porthos_b up",
    message: "h_porthos_b is down",
  },
  {
    name: "a link whose other end is down",
    provoke: () => {
      sysctl("aramis", "net.ipv6.conf.h_aramis.keep_addr_on_down", 1);
      run("aramis", ..."ip link set h_aramis down".split(" "));
    },
    repair: () => {
      run("aramis", ..."ip link set h_aramis up".split(" "));
      run("aramis", ..."ip -6 route replace db01::/64 via db02::1 dev h_aramis".split(" "));
    },
    question: { quiet: true },
    found: ["link-down porthos h_porthos_b"],
    remedy: `ip netns exec ${lab}-porthos ip link set h_porthos_b up`,
  },
  {
    name: "no sink",
    provoke: () => deleteSink(at("aramis", "h_aramis")),
    // The last of these.
    repair: () => {},
    found: ["sink-missing aramis h_aramis"],
    remedy: `hopmark ioam sink add dev h_aramis --netns ${lab}-aramis`,
  },
];

test.each([
  ["misaligned", "option-misaligned"],
  ["truncated", "option-truncated"],
  ["wrongNodeLength", "node-length-wrong"],
])("packets that somebody sends, %s", async (outcome, name) => {
  const wrong = ruleCases.find((one) => one.outcome === outcome && one.payloadLength === undefined);
  const packet = frame({ hopByHop: wrong?.hopByHop ?? new Uint8Array(0) }).subarray(14);
  const athos = openNetns(netnsOf("athos"));
  const sending = setInterval(() => sendPastTc(athos, ifindex, parseMac("2e:fe:7c:b0:c7:21"), packet), 5);
  const ifindex = Number(
    execFileSync("ip", ["netns", "exec", netnsOf("athos"), "cat", "/sys/class/net/h_athos/ifindex"], {
      encoding: "utf8",
    }),
  );
  try {
    const report = await examine({ watchMs: 50 });
    expect(foundIn(report)).toEqual([`${name} porthos h_porthos_a`]);
    for (const finding of report.findings) provoked.add(finding.rule);
  } finally {
    clearInterval(sending);
    athos.close();
  }
});

describe("on a path of three nodes", () => {
  test.each(cases.map((one) => [one.name, one] as const))(
    "%s",
    async (_, { provoke, repair, found, remedy, message, question }) => {
      provoke();
      let report: PathReport;
      try {
        report = await examine(question);
      } finally {
        repair();
      }
      expect(foundIn(report)).toEqual(found);
      expect(report.ok).toBe(report.findings.every(isNote));
      for (const finding of report.findings) provoked.add(finding.rule);
      expect(report.findings[0]?.remedy ?? "").toContain(remedy);
      expect(report.findings[0]?.message ?? "").toContain(message ?? "");
    },
  );
});

test("every rule there is has been provoked, or is named with its reason", () => {
  expect(rules.filter((name) => !provoked.has(name)).toSorted()).toEqual(Object.keys(elsewhere).toSorted());
});

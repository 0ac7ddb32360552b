/** Everything that `ioam doctor` can say of a path: configuration first, then packets along it. */
import { alignedIpv6Options } from "../../../wire/protocols/ipv6-options.ts";
import { IoamType } from "../../../wire/ioam/header.ts";
import { nodeLengthOf } from "../../../wire/ioam/fields.ts";
import { showIoam } from "../show.ts";
import { askedTrace, isDirectExport, type AskedTrace } from "./asked-trace.ts";
import { configurationFindings, fillers } from "./configuration-rules.ts";
import { distinct, isNote, type Finding } from "./finding.ts";
import { openNodeFacts, type NodeName, type OpenNode } from "./node-facts.ts";
import { fillingFindings, fullSizeFindings, lossFindings, othersFindings } from "./packet-rules.ts";
import { findPaths, netnsWords, type Path } from "./path.ts";
import { isMarked, Prober, type ProbeResult } from "./probe.ts";

export interface PathQuestion {
  readonly from: NodeName;
  /** IPv6 address. */
  readonly to: string;
  /** Nodes that can be looked at; `from` may be among them. */
  readonly nodes: readonly NodeName[];
  /** Sends nothing, looks at configuration alone. */
  readonly quiet: boolean;
  /** How long other packets with traces are watched, ms. */
  readonly watchMs: number;
  /** How long a packet may take to be answered, ms. */
  readonly answerMs: number;
}

/** A node of the path, for the picture. */
export interface PathNode {
  readonly node: string;
  readonly ingress: string | null;
  readonly egress: string | null;
  /** What it does to traces that pass. */
  readonly does: readonly ("encap" | "hopmark" | "sink" | "kernel" | "export")[];
}

export interface PathReport {
  readonly from: string;
  readonly to: string;
  readonly path: readonly PathNode[];
  /** Other ways, which routes share packets out to as well: no packet was seen on them, and they are judged by configuration alone. */
  readonly otherPaths: readonly (readonly PathNode[])[];
  /** The path leads to the address. */
  readonly complete: boolean;
  /** `dex`: packets ask for reports and carry none. `assumed`: no rule gives packets one. */
  readonly trace: Pick<AskedTrace, "traceType" | "namespaceId" | "size"> & {
    readonly kind: "prealloc" | "dex";
    readonly assumed: boolean;
  };
  /** Whether a packet with it came to the end and was answered; null when none was sent. */
  readonly answered: boolean | null;
  /** In the order of the path. */
  readonly findings: readonly Finding[];
  /** Nothing is wrong, as far as the path can be seen. */
  readonly ok: boolean;
}

/** Reads the nodes' configuration and, unless `quiet`, sends echo requests along the path (CAP_NET_RAW). Changes nothing. */
export const examinePath = async (question: PathQuestion): Promise<PathReport> => {
  const opened: OpenNode[] = [];
  try {
    const from = openNodeFacts(question.from);
    opened.push(from);
    for (const name of question.nodes) {
      const node = openNodeFacts(name);
      if (opened.some(({ netns }) => netns.inode === node.netns.inode)) node.netns.close();
      else opened.push(node);
    }
    const ways = waysTo(from, question.to, opened);
    const configured = ways.flatMap(({ path, trace }) => configurationFindings(path, question.to, trace));
    const isSendable = ways.some(({ path }) => (path.hops[0]?.egress ?? null) !== null);
    const probed = question.quiet || !isSendable ? null : await probe(ways, question);
    const taken = ways.find(({ path }) => path === probed?.path) ?? ways[0];
    if (taken === undefined) throw new Error("no way was judged");
    const { path, trace } = taken;
    const ordered = [path, ...ways.map((way) => way.path).filter((one) => one !== path)];
    const findings = inPathOrder(ordered, distinct([...configured, ...(probed?.findings ?? [])]));
    return {
      from: question.from.name,
      to: question.to,
      path: nodesOf(taken),
      otherPaths: ways.filter((way) => way !== taken).map(nodesOf),
      complete: path.findings.length === 0,
      trace: {
        kind: isDirectExport(trace) ? "dex" : "prealloc",
        traceType: trace.traceType,
        namespaceId: trace.namespaceId,
        size: trace.size,
        assumed: trace.rule === null,
      },
      answered: probed?.answered ?? null,
      findings,
      ok: findings.every(isNote) && probed?.answered !== false,
    };
  } finally {
    for (const { netns } of opened) netns.close();
  }
};

/** A path, and what packets get on it. */
interface Way {
  readonly path: Path;
  readonly trace: AskedTrace;
}

/** Packets in a tunnel go the tunnel's way. The first is the one that the kernels choose. */
const waysTo = (from: OpenNode, to: string, nodes: readonly OpenNode[]): Way[] => {
  const ways = new Map<string, Way>();
  for (const own of findPaths(from, to, nodes)) {
    const trace = askedTrace(own, to);
    for (const path of trace.tunnelEnd === null ? [own] : findPaths(from, trace.tunnelEnd, nodes)) {
      const key = path.hops.map(({ node, egress }) => `${node.netns.inode} ${egress?.index ?? ""}`).join();
      if (!ways.has(key)) ways.set(key, { path, trace });
    }
  }
  return [...ways.values()];
};

const nodesOf = ({ path, trace }: Way): PathNode[] =>
  path.hops.map(({ node, ingress, egress }, at) => ({
    node: node.facts.name,
    ingress: ingress?.name ?? null,
    egress: egress?.name ?? null,
    does: [
      ...(at === 0 && trace.rule !== null ? (["encap"] as const) : []),
      ...(isDirectExport(trace) ? reporters(node, [ingress?.name, egress?.name]) : []),
      ...fillers(node.facts, ingress?.name).filter((one) => one === "sink" || !isDirectExport(trace)),
    ],
  }));

const reporters = ({ facts }: OpenNode, devices: readonly (string | undefined)[]): "export"[] =>
  facts.parts.some(({ kind, device }) => kind === "export" && devices.includes(device)) ? ["export"] : [];

const inPathOrder = (paths: readonly Path[], findings: readonly Finding[]): Finding[] => {
  const places = paths.flatMap(({ hops }) =>
    hops.map(({ node, ingress, egress }) => ({ name: node.facts.name, devices: [ingress?.name, egress?.name] })),
  );
  const placeOf = ({ node, device }: Finding): number => {
    const there = places.findIndex(({ name, devices }) => name === node && devices.some((one) => one === device));
    return there < 0 ? places.findIndex(({ name }) => name === node) : there;
  };
  return findings.toSorted((a, b) => placeOf(a) - placeOf(b));
};

const probe = async (
  ways: readonly Way[],
  { to, watchMs, answerMs }: PathQuestion,
): Promise<{ readonly path: Path; readonly findings: readonly Finding[]; readonly answered: boolean }> => {
  const paths = ways.map(({ path }) => path);
  const traceOn = (result: ProbeResult): AskedTrace => {
    const way = ways.find(({ path }) => path === result.path) ?? ways[0];
    if (way === undefined) throw new Error("a probe without a way");
    return way.trace;
  };
  const copies = Math.min(MAX_COPIES, Math.max(...ways.map(({ trace }) => copiesFor(trace))));
  const prober = new Prober(paths, to, answerMs);
  try {
    const findings: Finding[] = [];
    // Ordinary ones, as the node's own rule traces them.
    let traced = await prober.send({ copies });
    const trace = traceOn(traced);
    if (!isTraced(traced)) {
      if (trace.rule !== null && copiesFor(trace) <= MAX_COPIES) findings.push(...notTraced(traced.path, trace));
      if (!isDirectExport(trace)) traced = await prober.send({ hopByHop: headerOf(trace) });
    }
    findings.push(...fillingFindings(traced.path, traced.sightings));
    if (traced.answer !== "reply") {
      const plain = await prober.send({ pastTc: true });
      findings.push(...lossFindings(traced, plain));
    } else if (trace.rule !== null) {
      const full = await prober.send({ length: trace.longest, copies });
      findings.push(...fullSizeFindings(full, trace.longest));
    }
    if (watchMs > 0) await prober.watch(watchMs);
    findings.push(...othersFindings(paths, prober.others));
    return { path: traced.path, findings, answered: traced.answer === "reply" };
  } finally {
    prober.close();
  }
};

/** Packets that a rule with a frequency may leave untraced before one gets its trace. */
const MAX_COPIES = 1000;

const copiesFor = ({ rule }: AskedTrace): number =>
  rule === null ? 1 : rule.frequency.of - rule.frequency.packets + 1;

const isTraced = ({ sightings }: ProbeResult): boolean =>
  sightings.some(({ hop, side, packet }) => hop === 0 && side === "out" && isMarked(packet));

const notTraced = (path: Path, { rule }: AskedTrace): Finding[] => {
  const first = path.hops[0];
  if (first === undefined || rule === null) return [];
  const now = showIoam(first.node.facts.netns).find(
    (part) => part.kind === "encap" && part.rule.prefix === rule.prefix,
  );
  const before = first.node.facts.parts.find((part) => part.kind === "encap" && part.rule.prefix === rule.prefix);
  const grown = Object.entries(now?.counters ?? {}).flatMap(([name, value]) =>
    value > (before?.counters[name] ?? 0n) ? [name] : [],
  );
  const { name } = first.node.facts;
  const counted = grown.length === 0 ? "its program does not see them" : `it counts them under ${grown.join(", ")}`;
  return [
    {
      rule: "not-traced",
      node: name,
      device: first.egress?.name ?? null,
      message: `${name} has a rule for ${rule.prefix}, and packets leave without ${rule.trace === "dex" ? "its option" : "a trace"}: ${counted}`,
      remedy: `hopmark ioam show${netnsWords(first.node)}`,
      evidence: "packets",
    },
  ];
};

/** A Hop-by-Hop header with an empty trace, as a sender would make it that Hopmark does not help. */
const headerOf = ({ traceType, namespaceId, size }: AskedTrace): Uint8Array => {
  const trace = {
    namespaceId,
    traceType,
    flags: { overflow: false, loopback: false, active: false },
    nodeLength: nodeLengthOf(traceType),
    remainingWords: size / 4,
    hops: [],
  };
  const options = alignedIpv6Options([{ kind: "ioam", ioamType: IoamType.PreallocatedTrace, reserved: 0, trace }]);
  return Uint8Array.of(0, (2 + options.length) / 8 - 1, ...options);
};

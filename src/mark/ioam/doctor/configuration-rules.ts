/** The rules that configuration alone shows to bite: what the nodes of a path would do with a trace. */
import { maxTraceData } from "../../../wire/ioam/fields.ts";
import { ipv6MinimumMtu, narrowerType, nodeBytesOf } from "../../../wire/ioam/plan.ts";
import { formatTraceType } from "../trace-type.ts";
import { encapWords } from "../encap/words.ts";
import { isDirectExport, type AskedTrace } from "./asked-trace.ts";
import type { Finding } from "./finding.ts";
import type { NodeFacts } from "./node-facts.ts";
import { netnsWords, onNode, type Path, type PathHop } from "./path.ts";

/** In the order of the path. */
export const configurationFindings = (path: Path, address: string, trace: AskedTrace): Finding[] => [
  ...path.hops.flatMap((hop, at) => {
    const here = (rule: Finding["rule"], device: string | null, message: string, remedy: string | null): Finding => ({
      rule,
      node: hop.node.facts.name,
      device,
      message,
      remedy,
      evidence: "configuration",
    });
    return [
      // Who exports reports, and who only passes on what asks for them, configuration does not say.
      ...ownIoam(hop, trace, isDirectExport(trace) ? at === 0 : writes(path, at), here),
      ...(at === 0 ? encapsulation(path, hop, address, trace, here) : []),
      ...(at > 0 ? (isDirectExport(trace) ? takingOff : filling)(path, hop, at, here) : []),
      ...forwarding(path, hop, at, here),
      ...(at > 0 ? linkMtu(path, hop, trace, here) : []),
    ];
  }),
  ...path.findings,
  ...overflow(path, trace),
];

type Here = (rule: Finding["rule"], device: string | null, message: string, remedy: string | null) => Finding;

/** What fills traces that come in by an interface of a node. */
export const fillers = (facts: NodeFacts, device: string | undefined): readonly ("hopmark" | "sink" | "kernel")[] => {
  const kinds = facts.parts.filter((part) => part.device === device && part.kind !== "encap").map(({ kind }) => kind);
  const kernel = facts.interfaces.find(({ name }) => name === device)?.kernelFills === true;
  const sink = kinds.includes("sink");
  // A sink takes the trace off before the kernel sees it.
  return [
    ...(kinds.includes("transit") ? (["hopmark"] as const) : []),
    ...(sink ? (["sink"] as const) : []),
    ...(kernel && !sink ? (["kernel"] as const) : []),
  ];
};

/** Where on the path the trace ends: at the first sink. */
export const endOfTrace = ({ hops }: Path): number => {
  const sink = hops.findIndex(({ node, ingress }) => fillers(node.facts, ingress?.name).includes("sink"));
  return sink < 0 ? hops.length - 1 : sink;
};

/** Whether the node is one that writes, as far as it knows the trace's namespace. */
export const writes = (path: Path, at: number): boolean => {
  const hop = path.hops[at];
  if (hop === undefined || at > endOfTrace(path)) return false;
  return at === 0 || fillers(hop.node.facts, hop.ingress?.name).length > 0;
};

const ownIoam = ({ node }: PathHop, { namespaceId }: AskedTrace, needed: boolean, here: Here): Finding[] => {
  const { name, ioam } = node.facts;
  if (typeof ioam === "string") {
    const remedy = "use Linux 5.15 or later, built with CONFIG_IPV6";
    return [here("kernel-without-ioam", null, `${name}'s kernel has no IOAM: ${ioam}`, remedy)];
  }
  if (!needed || ioam.namespaces.some(({ id }) => id === namespaceId)) return [];
  const known = ioam.namespaces.map(({ id }) => id).join(", ");
  const message = `${name} does not know IOAM namespace ${namespaceId}${known === "" ? "" : ` (it knows ${known})`}: it leaves the traces untouched`;
  return [here("namespace-unknown", null, message, `hopmark ioam namespace add ${namespaceId}${netnsWords(node)}`)];
};

const encapsulation = (
  path: Path,
  { node, egress, route }: PathHop,
  address: string,
  trace: AskedTrace,
  here: Here,
): Finding[] => {
  const { name } = node.facts;
  if (egress === null || route === null || route.ioamEncap) return [];
  if (trace.rule === null) {
    const add = `hopmark ioam encap add ${address}/128 dev ${egress.name} trace prealloc ${traceWords(enoughFor(path, trace))}${netnsWords(node)}`;
    return [here("encap-missing", egress.name, `${name} gives packets to ${address} no trace`, add)];
  }
  const { longest, insertedBytes } = trace;
  if (longest + insertedBytes <= egress.mtu) return [];
  const fits = egress.mtu - insertedBytes;
  const message = `${name} sends packets of up to ${longest} bytes to ${address}, and those longer than ${fits} leave without a trace: ${insertedBytes} bytes more are too many for ${egress.name}`;
  return [here("mtu-too-small", egress.name, message, routeMtu(node, trace, fits))];
};

const routeMtu = (node: PathHop["node"], { rule, route, device }: AskedTrace, mtu: number): string => {
  const via = route?.gateway === undefined ? "" : `via ${route.gateway} `;
  return `${onNode(node)}ip -6 route change ${rule?.prefix ?? "default"} ${via}dev ${device ?? "DEVICE"} mtu ${mtu}`;
};

const filling = (path: Path, { node, ingress }: PathHop, at: number, here: Here): Finding[] => {
  if (ingress === null || at > endOfTrace(path)) return [];
  const { name } = node.facts;
  const by = fillers(node.facts, ingress.name);
  const words = netnsWords(node);
  if (by.length > 1) {
    const message = `two fill the traces that come in by ${name}'s ${ingress.name}, the kernel and Hopmark: each gets two entries`;
    return [
      here(
        "filled-twice",
        ingress.name,
        message,
        `${onNode(node)}sysctl net.ipv6.conf.${ingress.name}.ioam6_enabled=0`,
      ),
    ];
  }
  if (at === path.hops.length - 1 && path.findings.length === 0 && !by.includes("sink")) {
    const delivers = `${name} has no sink on ${ingress.name}: traces are ${by.length === 0 ? "not completed and" : "not"} reported, and are delivered in the packets`;
    return [here("sink-missing", ingress.name, delivers, `hopmark ioam sink add dev ${ingress.name}${words}`)];
  }
  if (by.length > 0) return [];
  const message = `${name} leaves traces that come in by ${ingress.name} untouched: ioam6_enabled is 0 there, and there is no transit of Hopmark's`;
  return [here("ioam-disabled", ingress.name, message, `hopmark ioam transit add dev ${ingress.name}${words}`)];
};

/** Under Direct Export nobody fills in anything. */
const takingOff = (path: Path, { node, ingress }: PathHop, at: number, here: Here): Finding[] => {
  if (ingress === null || at !== path.hops.length - 1 || path.findings.length > 0) return [];
  const sinks = path.hops.some((hop) => fillers(hop.node.facts, hop.ingress?.name).includes("sink"));
  if (sinks) return [];
  const message = `${node.facts.name} has no sink on ${ingress.name}: Direct Export options are delivered in the packets`;
  return [here("sink-missing", ingress.name, message, `hopmark ioam sink add dev ${ingress.name}${netnsWords(node)}`)];
};

const forwarding = (path: Path, { node, ingress, egress, route }: PathHop, at: number, here: Here): Finding[] => {
  const { name } = node.facts;
  if (at === 0) {
    const routers = path.hops.length - 2;
    const hopLimit = route?.hopLimit ?? egress?.hopLimit ?? Infinity;
    if (hopLimit > routers) return [];
    const message = `${name} sends with a hop limit of ${hopLimit}, and ${routers} routers are on the way`;
    return [
      here(
        "hop-limit",
        egress?.name ?? null,
        message,
        `${onNode(node)}sysctl net.ipv6.conf.${egress?.name ?? "all"}.hop_limit=64`,
      ),
    ];
  }
  if (egress === null || ingress === null || ingress.forwarding) return [];
  const message = `${name} does not forward packets that come in by ${ingress.name}`;
  return [here("not-forwarding", ingress.name, message, `${onNode(node)}sysctl net.ipv6.conf.all.forwarding=1`)];
};

/** Behind the encapsulating node: what its route lets through must fit, for what is inserted is unknown to path MTU discovery. */
const linkMtu = (path: Path, { node, egress }: PathHop, trace: AskedTrace, here: Here): Finding[] => {
  const first = path.hops[0];
  if (egress === null || first === undefined || first.egress === null || first.route === null) return [];
  const longest = Math.min(trace.longest + trace.insertedBytes, first.egress.mtu);
  if (trace.rule === null || longest <= egress.mtu) return [];
  const fits = egress.mtu - trace.insertedBytes;
  const message = `${node.facts.name}'s ${egress.name} has an MTU of ${egress.mtu}, and traced packets of up to ${longest} bytes come: path MTU discovery does not know of the ${trace.insertedBytes} that are inserted, and longer ones are lost again and again`;
  const remedy =
    fits < ipv6MinimumMtu
      ? `${onNode(node)}ip link set ${egress.name} mtu ${longest}`
      : routeMtu(first.node, trace, fits);
  return [here("mtu-too-small", egress.name, message, remedy)];
};

/** Words of the schema that a node writes with bit 22. */
const schemaWords = ({ node }: PathHop, namespaceId: number): number => {
  const { ioam } = node.facts;
  const namespace = typeof ioam === "object" ? ioam.namespaces.find(({ id }) => id === namespaceId) : undefined;
  return namespace?.schema?.words.length ?? 0;
};

const ownBytes = (hop: PathHop, traceType: number, namespaceId: number): number =>
  nodeBytesOf(traceType, schemaWords(hop, namespaceId));

const overflow = (path: Path, trace: AskedTrace): Finding[] => {
  const { rule, traceType, namespaceId, size } = trace;
  if (rule === null || isDirectExport(trace)) return [];
  const writing = path.hops.filter((_, at) => writes(path, at));
  let used = 0;
  let full: PathHop | undefined;
  for (const hop of writing) {
    used += ownBytes(hop, traceType, namespaceId);
    if (used > size) full ??= hop;
  }
  if (full === undefined) return [];
  const first = path.hops[0];
  const change = encapWords({ ...rule, ...enoughFor(path, trace) }, first?.egress?.name ?? "DEVICE");
  return [
    {
      rule: "overflow",
      node: full.node.facts.name,
      device: full.ingress?.name ?? null,
      message: `the trace's ${size} bytes are full at ${full.node.facts.name}, which sets the overflow flag and writes nothing: ${writing.length} nodes need ${used}`,
      remedy: `hopmark ioam encap change ${change}${first === undefined ? "" : netnsWords(first.node)}`,
      evidence: "configuration",
    },
  ];
};

/** A size that is enough for the nodes up to the end of the trace, and a narrower type where none is. */
const enoughFor = (
  path: Path,
  { traceType, namespaceId, rule }: AskedTrace,
): Pick<AskedTrace, "traceType" | "namespaceId" | "size"> => {
  const nodes = path.hops.slice(0, endOfTrace(path) + 1);
  const bytesOf = (type: number): number => nodes.reduce((sum, hop) => sum + ownBytes(hop, type, namespaceId), 0);
  const longest = Math.max(0, ...nodes.map((hop) => schemaWords(hop, namespaceId)));
  const fitting =
    bytesOf(traceType) <= maxTraceData
      ? traceType
      : (narrowerType(traceType, nodes.length, longest, rule?.e2e === true) ?? traceType);
  return { traceType: fitting, namespaceId, size: Math.min(bytesOf(fitting), maxTraceData) };
};

const traceWords = ({ traceType, namespaceId, size }: ReturnType<typeof enoughFor>): string =>
  `type ${formatTraceType(traceType)} ns ${namespaceId} size ${size}`;

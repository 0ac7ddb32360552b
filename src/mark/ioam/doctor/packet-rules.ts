/** The rules that packets show to bite: what changed between the places at which one was seen. */
import { nodeBytesOf } from "../../../wire/ioam/plan.ts";
import { maxTraceData } from "../../../wire/ioam/fields.ts";
import type { IoamTrace } from "../../../wire/ioam/trace.ts";
import type { Finding, Rule } from "./finding.ts";
import { endOfTrace, writes } from "./configuration-rules.ts";
import { onNode, type Path, type PathHop } from "./path.ts";
import type { ProbeResult } from "./probe.ts";
import { seenOn, type PlacedPacket, type Sighting } from "./sighting.ts";

/** What a node did to a packet's trace, from how it came and how it left. */
export const fillingFindings = (path: Path, sightings: readonly Sighting[]): Finding[] =>
  path.hops.flatMap((hop, at) => {
    const before = traceAt(sightings, at, "in");
    const after = traceAt(sightings, at, "out");
    if (before === undefined || after === undefined || at > endOfTrace(path) || fillsBeforeSeen(hop)) return [];
    const { name } = hop.node.facts;
    const device = hop.ingress?.name ?? null;
    const here = (rule: Rule, message: string, remedy: string | null): Finding[] => [
      { rule, node: name, device, message, remedy, evidence: "packets" },
    ];
    if (after.flags.overflow && !before.flags.overflow) {
      const words = before.remainingWords;
      const message = `${name} found ${words * 4} bytes of room in the trace, set the overflow flag and wrote nothing; ${before.hops.length + 1} nodes or more need ${enoughFor(path, before)}`;
      return here(
        "overflow",
        message,
        `ask for size ${enoughFor(path, before)}: hopmark ioam plan --type 0x${before.traceType.toString(16).padStart(6, "0")} --hops ${path.hops.length}`,
      );
    }
    const added = after.hops.length - before.hops.length;
    if (added > 1) return here("filled-twice", `${name} wrote ${added} entries into one trace`, null);
    if (added === 0 && !before.flags.overflow) {
      const why = writes(path, at) ? "although it should" : "";
      return here("not-filled", `${name} passed the trace on without an entry of its own ${why}`.trimEnd(), null);
    }
    return [];
  });

/** A program at XDP has filled before anyone can look. */
const fillsBeforeSeen = ({ node, ingress }: PathHop): boolean =>
  node.facts.parts.some((part) => part.kind === "transit" && part.xdp !== undefined && part.device === ingress?.name);

const traceAt = (sightings: readonly Sighting[], hop: number, side: "in" | "out"): IoamTrace | undefined =>
  sightings.find((one) => one.hop === hop && one.side === side)?.packet.trace?.trace ?? undefined;

/** Bytes that all nodes of the path take when each writes what the first of the trace wrote. */
const enoughFor = (path: Path, { traceType }: IoamTrace): number => {
  const writing = path.hops.slice(0, endOfTrace(path) + 1);
  const bytes = writing.reduce((sum, { node }) => {
    const { ioam } = node.facts;
    const words =
      typeof ioam === "object" ? Math.max(0, ...ioam.namespaces.map(({ schema }) => schema?.words.length ?? 0)) : 0;
    return sum + nodeBytesOf(traceType, words);
  }, 0);
  return Math.min(bytes, maxTraceData);
};

/** Where a probe was seen last, when it did not arrive, and why as far as that can be told. */
export const lossFindings = (result: ProbeResult, plain: ProbeResult): Finding[] => {
  const { path } = result;
  const last = result.sightings.at(-1);
  const end = path.hops.length - 1;
  if (result.answer === "reply" || path.findings.length > 0) return [];
  if (last === undefined) return notSent(path, result);
  const { hop, side, packet } = last;
  const place = path.hops[hop];
  if (place === undefined) return [];
  const { name } = place.node.facts;
  if (side === "out") {
    const next = path.hops[hop + 1]?.node.facts.name ?? "the next node";
    return found(
      "lost",
      place,
      place.egress?.name,
      `packets leave ${name} by ${place.egress?.name ?? "?"} and do not come to ${next}`,
      null,
    );
  }
  const device = place.ingress?.name;
  const { trace } = packet;
  if (trace !== null && trace.broken !== null) return brokenFinding(place, trace.broken, trace.detail);
  if (typeof result.answer === "object" && result.answer !== null) return answered(place, result.answer, packet.length);
  if (plain.path === path && packet.hopByHop && furtherThan(plain, last, end)) {
    const message = `${name} drops packets with a Hop-by-Hop header that come in by ${device ?? "?"}, and passes others on`;
    const remedy = `let them pass: ${onNode(place.node)}nft list ruleset; ${onNode(place.node)}tc filter show dev ${device ?? "DEVICE"} ingress`;
    return found("hop-by-hop-dropped", place, device, message, remedy);
  }
  if (hop === end) return found("no-answer", place, device, `packets come to ${name}, and no answer comes back`, null);
  return found(
    "lost",
    place,
    device,
    `packets come to ${name} by ${device ?? "?"} and do not leave it, with a trace or without`,
    null,
  );
};

/** Of a packet as long as the route lets it be, where short ones arrive. */
export const fullSizeFindings = (result: ProbeResult, length: number): Finding[] => {
  const { path } = result;
  const first = path.hops[0];
  if (first === undefined || result.answer === "reply") return [];
  const last = result.sightings.at(-1);
  const place = last === undefined ? first : (path.hops[last.hop] ?? first);
  const { name } = place.node.facts;
  const device = place.egress?.name;
  const inserted = last === undefined ? 0 : last.packet.length - length;
  const message = `packets of ${length} bytes and ${inserted} inserted ones do not come further than ${name}, short ones do`;
  return found(
    "mtu-too-small",
    place,
    device,
    message,
    `${onNode(place.node)}ip link show dev ${device ?? place.ingress?.name ?? "DEVICE"}`,
  );
};

/** Of packets that others send to the same address: whose trace a node drops them for, or does not fill in. */
export const othersFindings = (paths: readonly Path[], others: readonly PlacedPacket[]): Finding[] => {
  const byPacket = new Map<string, PlacedPacket[]>();
  for (const one of others) byPacket.set(one.packet.key, [...(byPacket.get(one.packet.key) ?? []), one]);
  return [...byPacket.values()].flatMap((places) => {
    const { path, sightings } = seenOn(paths, places);
    const last = sightings.at(-1);
    if (last === undefined) return [];
    const { trace } = last.packet;
    const place = path.hops[last.hop];
    if (place !== undefined && last.side === "in" && trace !== null && trace.broken !== null)
      return brokenFinding(place, trace.broken, trace.detail);
    return fillingFindings(path, sightings);
  });
};

/** What a node drops a packet for. */
const brokenFinding = (place: PathHop, rule: Rule, detail: string): Finding[] => {
  const { name } = place.node.facts;
  const message = `${name} drops packets that come in by ${place.ingress?.name ?? "?"}: ${detail}`;
  return found(
    rule,
    place,
    place.ingress?.name,
    message,
    "mend what inserts the trace, or let Hopmark insert it: hopmark ioam encap add",
  );
};

const notSent = (path: Path, { refused }: ProbeResult): Finding[] => {
  const first = path.hops[0];
  if (first === undefined) return [];
  const message = `${first.node.facts.name} sends nothing${refused === null ? "" : `: ${refused}`}; its neighbour may not answer`;
  return found(
    "lost",
    first,
    first.egress?.name,
    message,
    `${onNode(first.node)}ip -6 neighbour show dev ${first.egress?.name ?? "DEVICE"}`,
  );
};

/** ICMPv6 errors (RFC 4443, section 3). */
const answered = (
  place: PathHop,
  answer: { readonly type: number; readonly code: number; readonly from: string },
  length: number,
): Finding[] => {
  const { name } = place.node.facts;
  const device = place.ingress?.name;
  switch (answer.type) {
    case 2:
      return found(
        "mtu-too-small",
        place,
        place.egress?.name,
        `${name} sends a packet of ${length} bytes back: too big for ${place.egress?.name ?? "the next link"}`,
        `${onNode(place.node)}ip link set ${place.egress?.name ?? "DEVICE"} mtu ${length}`,
      );
    case 3:
      return found(
        "hop-limit",
        place,
        device,
        `the hop limit of packets ends at ${name}`,
        "send with a higher one: sysctl net.ipv6.conf.DEVICE.hop_limit",
      );
    case 4:
      return found(
        "hop-by-hop-dropped",
        place,
        device,
        `${name} refuses the Hop-by-Hop header: parameter problem, code ${answer.code}, from ${answer.from}`,
        null,
      );
    default:
      return found(
        "lost",
        place,
        device,
        `${name} sends packets back: destination unreachable, code ${answer.code}, from ${answer.from}`,
        `${onNode(place.node)}nft list ruleset`,
      );
  }
};

const found = (
  rule: Rule,
  place: PathHop,
  device: string | undefined,
  message: string,
  remedy: string | null,
): Finding[] => [{ rule, node: place.node.facts.name, device: device ?? null, message, remedy, evidence: "packets" }];

const furtherThan = (plain: ProbeResult, last: Sighting, end: number): boolean => {
  const reached = plain.sightings.at(-1);
  if (last.hop === end) return plain.answer === "reply";
  return reached !== undefined && (reached.hop > last.hop || (reached.hop === last.hop && reached.side === "out"));
};

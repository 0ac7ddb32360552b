/** What the traces in a capture say of the rules that bit before they came to where it was made, and of those that will. */
import { formatTraceType } from "../trace-type.ts";
import { maxTraceData } from "../../../wire/ioam/fields.ts";
import type { IoamHop, IoamTrace } from "../../../wire/ioam/trace.ts";
import { EtherType } from "../../../wire/numbers.ts";
import { NetworkLayer } from "../../../wire/packet/network-layer.ts";
import { isPcap, PcapReader } from "../../../wire/pcap/reader.ts";
import { PcapngReader } from "../../../wire/pcapng/reader.ts";
import { isNote, type Finding } from "./finding.ts";
import { seenPacket, type SeenPacket } from "./seen-packet.ts";

export interface CaptureFinding extends Finding {
  /** Packets that show it. */
  readonly packets: number;
  /** The first of them: its number in the file, from 1 on, as captures are numbered elsewhere. */
  readonly first: number;
}

export interface CaptureReport {
  readonly packets: number;
  /** Those with an IOAM trace. */
  readonly traces: number;
  readonly findings: readonly CaptureFinding[];
  /** Where the file could not be read on; null when it is whole. */
  readonly stopped: string | null;
  readonly ok: boolean;
}

/** Examines a pcap or pcapng file. */
export const examineCapture = (file: Uint8Array): CaptureReport => {
  const found = new Map<string, CaptureFinding>();
  let packets = 0;
  let traces = 0;
  const look: Look = (bytes, linkType) => {
    packets++;
    const start = ipv6Start(bytes, linkType);
    const packet = start === undefined ? null : seenPacket(bytes.subarray(start));
    if (packet === null || packet.trace === null) return;
    traces++;
    for (const finding of findingsOf(packet)) {
      const key = `${finding.rule} ${finding.node}`;
      const known = found.get(key);
      found.set(
        key,
        known === undefined ? { ...finding, packets: 1, first: packets } : { ...known, packets: known.packets + 1 },
      );
    }
  };
  const stopped = isPcap(file) ? readPcap(file, look) : readPcapng(file, look);
  const findings = [...found.values()];
  return { packets, traces, findings, stopped, ok: findings.every(isNote) && stopped === null };
};

type Look = (bytes: Uint8Array, linkType: number) => void;

const readPcap = (file: Uint8Array, look: Look): string | null => {
  const reader = new PcapReader({
    packet: ({ bytes, offset, captured }, { linkType }) => look(bytes.subarray(offset, offset + captured), linkType),
  });
  reader.push(file);
  return reader.end();
};

const readPcapng = (file: Uint8Array, look: Look): string | null => {
  const reader = new PcapngReader({
    packet: ({ bytes, offset, captured, interface: { linkType } }) =>
      look(bytes.subarray(offset, offset + captured), linkType),
  });
  reader.push(file);
  return reader.end();
};

const layer = new NetworkLayer();

/** Where the packet's IPv6 header starts; undefined when it has none there. */
const ipv6Start = (bytes: Uint8Array, linkType: number): number | undefined =>
  layer.find(bytes, 0, bytes.length, linkType) && layer.etherType === EtherType.Ipv6 ? layer.offset : undefined;

const findingsOf = ({ trace: seen, source, destination }: SeenPacket): Finding[] => {
  if (seen === null) return [];
  const way = `${source} > ${destination}`;
  if (seen.broken !== null) {
    const message = `nodes drop packets ${way}: ${seen.detail}`;
    return [
      found(seen.broken, way, message, "mend what inserts the trace, or let Hopmark insert it: hopmark ioam encap add"),
    ];
  }
  const { trace } = seen;
  if (trace === null) return [];
  const last = trace.hops.at(-1);
  const node = last === undefined ? way : nameOf(last, way);
  const findings: Finding[] = [];
  if (trace.flags.overflow) findings.push(overflow(trace, seen.size, node));
  if (trace.flags.loopback || trace.flags.active) findings.push(flagsIgnored(trace, way));
  if (trace.hops.length === 0 && !trace.flags.overflow) {
    findings.push(
      found(
        "not-filled",
        way,
        `no node has written into traces ${way}, not even the one that inserted them`,
        "hopmark ioam doctor --from NODE --to ADDRESS says why",
      ),
    );
  }
  const twice = trace.hops.find((hop, at) => at > 0 && sameNode(hop, trace.hops[at - 1]));
  if (twice !== undefined) {
    findings.push(
      found(
        "filled-twice",
        nameOf(twice, way),
        `${nameOf(twice, way)} wrote two entries into one trace`,
        "let one fill: hopmark ioam transit delete dev DEVICE, or sysctl net.ipv6.conf.DEVICE.ioam6_enabled=0",
      ),
    );
  }
  return findings;
};

const flagsIgnored = ({ flags }: IoamTrace, way: string): Finding => {
  const asked = [
    ...(flags.loopback ? ["loopback (L): copies back to the source"] : []),
    ...(flags.active ? ["active (A): no delivery"] : []),
  ];
  const message = `traces ${way} ask for ${asked.join(" and ")}; Hopmark and Linux keep such flags and ignore them`;
  return { ...found("flags-ignored", way, message, ""), remedy: null };
};

const overflow = (trace: IoamTrace, size: number, node: string): Finding => {
  const count = trace.hops.length;
  const used = size - trace.remainingWords * 4;
  const each = count === 0 ? trace.nodeLength * 4 : Math.ceil(used / count / 4) * 4;
  const enough = used + each;
  const message = `the trace's ${size} bytes had no room for the node behind ${node}: ${count} ${count === 1 ? "entry takes" : "entries take"} ${used}, and each node more ${each}`;
  const type = formatTraceType(trace.traceType);
  const remedy =
    enough <= maxTraceData
      ? `ask for size ${enough}, or more for more nodes: hopmark ioam plan --type ${type} --hops ${count + 1}`
      : `ask for fewer fields: hopmark ioam plan --type ${type} --hops ${count + 1}`;
  return found("overflow", node, message, remedy);
};

const nameOf = ({ nodeId, nodeIdWide }: IoamHop, otherwise: string): string => {
  const id = nodeId ?? nodeIdWide;
  return id === undefined || id === null ? otherwise : `node ${id}`;
};

/** Not told without ids; and one node may lie on a path twice, by other interfaces. */
const sameNode = (hop: IoamHop, before: IoamHop | undefined): boolean =>
  hop.nodeId !== undefined &&
  hop.nodeId !== null &&
  hop.nodeId === before?.nodeId &&
  hop.ingressId === before.ingressId;

const found = (rule: Finding["rule"], node: string, message: string, remedy: string): Finding => ({
  rule,
  node,
  device: null,
  message,
  remedy,
  evidence: "packets",
});

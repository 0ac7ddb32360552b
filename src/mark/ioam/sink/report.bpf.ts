/** Handing a trace to user space. */
import type { TcContext } from "../../../kernel/context.ts";
import { viewInto } from "../../../kernel/helpers.ts";
import { perCpuArrayMap, ringBuffer } from "../../../kernel/maps.ts";
import { IoamOption } from "../../../wire/ioam/header.ts";
import { be16, header, ipv6Address, struct, u16, u64, u8, type TypeOf } from "../../../wire/layout.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { count } from "../../feature/count.bpf.ts";
import type { Place } from "../fill/entry.bpf.ts";
import { addEntry } from "../fill/fill.bpf.ts";
import type { IoamInterface, IoamNode } from "../node.ts";
import { Outcome } from "../outcome.ts";
import { MAX_TRACE_BYTES, TraceRecord } from "../record.ts";
import { SinkCounter, sinkCounters } from "./counters.ts";

/** Traces on their way to user space: one MiB holds about 2,800. */
export const sinkRing = ringBuffer({ bytes: 1 << 20, name: "ioam_traces" });

const IPV6_BYTES = 40;

const Ports = header("ports", "RFC 9293, section 3.1", { source: be16, destination: be16 });

/** Whose packet it is, as the records of all of its traces say it. */
const Flow = struct("flow", {
  e2eSequence: u64,
  e2eTimestampNs: u64,
  source: ipv6Address,
  destination: ipv6Address,
  outerSource: ipv6Address,
  outerDestination: ipv6Address,
  sourcePort: u16,
  destinationPort: u16,
  e2eType: u16,
  protocol: u8,
  isTunnelled: u8,
});
export type FlowView = TypeOf<typeof Flow>;
/** In memory, because the verifier would walk a loop over traces once for each of the ways in which a flow is found. */
export const flowOfPacket = perCpuArrayMap(Flow, { entries: 1, name: "ioam_flow" });

/** Finds out whose packet it is, before its traces are reported; the Hop-by-Hop header ends at `end`. */
export const readFlow = (ctx: TcContext, flow: FlowView, network: number, end: number): void => {
  flow.e2eType = 0;
  flow.e2eSequence = 0n;
  flow.e2eTimestampNs = 0n;
  describeFlow(ctx, flow, network, end);
};

/** What says whose packet it is. */
export type FlowIdentityView = Pick<
  FlowView,
  | "source"
  | "destination"
  | "outerSource"
  | "outerDestination"
  | "sourcePort"
  | "destinationPort"
  | "protocol"
  | "isTunnelled"
>;

/** Writes it into a record, or elsewhere. */
export const describeFlow = (ctx: TcContext, flow: FlowIdentityView, network: number, end: number): void => {
  const outer = ctx.packet.at(Ipv6, network);
  const hopByHop = ctx.packet.at(HopByHop, network + IPV6_BYTES);
  if (outer === null || hopByHop === null) return;
  flow.outerSource = outer.source;
  flow.outerDestination = outer.destination;
  const inner = hopByHop.nextHeader === IpProtocol.Ipv6 ? ctx.packet.at(Ipv6, end) : null;
  if (inner === null) {
    flow.isTunnelled = 0;
    flow.source = outer.source;
    flow.destination = outer.destination;
    readPorts(ctx, flow, hopByHop.nextHeader, end);
  } else {
    flow.isTunnelled = 1;
    flow.source = inner.source;
    flow.destination = inner.destination;
    readPorts(ctx, flow, inner.nextHeader, end + IPV6_BYTES);
  }
};

const readPorts = (ctx: TcContext, flow: FlowIdentityView, protocol: number, at: number): void => {
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  const ports = hasPorts ? ctx.packet.at(Ports, at) : null;
  flow.protocol = protocol;
  flow.sourcePort = ports?.source ?? 0;
  flow.destinationPort = ports?.destination ?? 0;
};

/** What all traces of a packet have in common. */
export interface Arrival {
  readonly node: IoamNode;
  readonly device: IoamInterface;
  readonly segments: number;
  readonly nowNs: bigint;
}

/**
 * Copies the trace whose option is at `at`, and what identifies its packet, into the ring, and adds the last entry there:
 * the packet loses its trace, and stays as it came until then, so that a checksum over all of it stays true. Returns the
 * {@link Outcome}.
 */
export const report = (ctx: TcContext, { node, device, segments, nowNs }: Arrival, at: number): number => {
  const option = ctx.packet.at(IoamOption, at);
  const flow = flowOfPacket.lookup(0);
  if (option === null || flow === null) return Outcome.Truncated;
  // 10..254 already, as the rules said; the bounds say so to the verifier.
  const length = Math.min(option.length - 2, MAX_TRACE_BYTES);
  if (length < 1) return Outcome.Truncated;
  const entry = sinkRing.reserve(TraceRecord);
  if (entry === null) {
    count(sinkCounters, SinkCounter.ringFull);
    return addEntry(ctx, node, device, at, () => nowNs, nowhere, 0);
  }
  entry.timestampNs = nowNs;
  entry.e2eSequence = flow.e2eSequence;
  entry.e2eTimestampNs = flow.e2eTimestampNs;
  entry.source = flow.source;
  entry.destination = flow.destination;
  entry.outerSource = flow.outerSource;
  entry.outerDestination = flow.outerDestination;
  entry.packetLength = ctx.packet.length;
  entry.ifindex = ctx.ifindex;
  entry.protocol = flow.protocol;
  entry.isTunnelled = flow.isTunnelled;
  entry.segments = segments;
  entry.sourcePort = flow.sourcePort;
  entry.destinationPort = flow.destinationPort;
  entry.traceLength = length;
  entry.e2eType = flow.e2eType;
  let outcome: number = Outcome.Truncated;
  if (ctx.loadInto(entry, "trace", at + IoamOption.size, length)) {
    outcome = addEntry(ctx, node, device, at, () => nowNs, inRecord(entry), 0);
    entry.outcome = outcome;
    sinkRing.submit(entry);
  } else sinkRing.discard(entry);
  return outcome;
};

type Entry = TypeOf<typeof TraceRecord>;

const nowhere: Place = () => true;

const inRecord =
  (entry: Entry): Place =>
  (layout, at, use) => {
    // No more than 252 anyway, but a value of its own: what the verifier learns of it in the test would else follow `at`
    // from field to field, and each way through them would be walked.
    const to = at & 0x1ff;
    if (to > MAX_TRACE_BYTES - layout.size) return false;
    use(viewInto(entry, "trace", layout, to));
    return true;
  };

/** The end of the domain, at tc ingress: adds the last entry, hands the trace to user space, delivers the packet without it. */
import { Room, RoomFlag, Tc, type TcContext } from "../../kernel/context.ts";
import { viewInto } from "../../kernel/helpers.ts";
import { ringBuffer } from "../../kernel/maps.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { IoamOption, IoamTraceHeader } from "../../wire/ioam/header.ts";
import { be16, header, u8, type TypeOf } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { HopByHop } from "../../wire/protocols/ipv6-extension.ts";
import { Ipv6 } from "../../wire/protocols/ipv6.ts";
import { count } from "./count.bpf.ts";
import { counters } from "./counters.ts";
import { wallClockNs, type Place } from "./entry.bpf.ts";
import { addEntry, knows } from "./fill.bpf.ts";
import type { IoamInterface, IoamNode } from "./node.ts";
import { checkTraceOption, CUT_SHORT, hopByHopBytes, pullIn, visitIoamOptions } from "./option.bpf.ts";
import { FIRST_DROPPED, Outcome, outcomeNames } from "./outcome.ts";
import { MAX_TRACE_BYTES, TraceRecord } from "./record.ts";
import { taiOffset } from "./tai-offset.ts";

export interface SinkConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

/** The sink's own reasons follow those of every node. */
const SinkCounter = {
  Received: outcomeNames.length,
  Segments: outcomeNames.length + 1,
  RingFull: outcomeNames.length + 2,
  NotStripped: outcomeNames.length + 3,
  OtherOptionsKept: outcomeNames.length + 4,
} as const;

export const sinkCounterNames: readonly string[] = [
  ...outcomeNames,
  "received",
  "segments",
  "ringFull",
  "notStripped",
  "otherOptionsKept",
];

export const sinkCounters = counters("sink_count", sinkCounterNames.length);
/** Traces on their way to user space: one MiB holds about 3,000. */
export const sinkRing = ringBuffer({ bytes: 1 << 20, name: "ioam_traces" });

const IPV6_BYTES = 40;
/** Where `payloadLength` stands in the IPv6 header. */
const PAYLOAD_LENGTH_AT = 4;

const LengthAndNext = header("LengthAndNext", "RFC 8200, section 3", {
  payloadLength: be16,
  nextHeader: u8,
  hopLimit: u8,
});
const Ports = header("ports", "RFC 9293, section 3.1", { source: be16, destination: be16 });

export const sink = (config: SinkConfig): Program<"tc"> => tc((ctx) => finish(ctx, config), { name: "ioam_sink" });

/** Completes, reports and takes off the packet's trace. */
export const finish = (ctx: TcContext, config: SinkConfig): number => {
  const { node, device } = config;
  const bytes = ctx.protocol === EtherType.Ipv6 ? hopByHopBytes(ctx, device.network, pullIn(ctx)) : 0;
  if (bytes === 0) return Tc.Next;
  if (bytes === CUT_SHORT) {
    count(sinkCounters, Outcome.Truncated);
    return Tc.Drop;
  }
  const start = device.network + IPV6_BYTES;
  const nowNs = wallClockNs(taiOffset.value);
  const segments = ctx.gsoSegments === 0 ? 1 : ctx.gsoSegments;
  let seen = false;
  let dropped = false;
  /** Bytes of the traces that end here. */
  let ours = 0;
  const padding = visitIoamOptions(ctx, start, bytes, (at) => {
    seen = true;
    const outcome = checkTraceOption(ctx, device.network, at, start + bytes);
    if (outcome !== Outcome.Ready) {
      count(sinkCounters, outcome);
      if (outcome < FIRST_DROPPED) return true;
      dropped = true;
      return false;
    }
    // Not ours to take off.
    const option = ctx.packet.at(IoamOption, at);
    if (option === null || !knowsNamespace(ctx, node, at)) {
      count(sinkCounters, Outcome.NamespaceUnknown);
      return true;
    }
    count(sinkCounters, report(ctx, config, at, start + bytes, segments, nowNs));
    count(sinkCounters, SinkCounter.Received);
    count(sinkCounters, SinkCounter.Segments, BigInt(segments));
    ours = (ours + 2 + option.length) & 0xfff;
    return true;
  });
  if (dropped) return Tc.Drop;
  if (!seen) count(sinkCounters, Outcome.NoOption);
  if (ours === 0) return Tc.Next;
  if (padding + ours === bytes) strip(ctx, config, start, bytes);
  else count(sinkCounters, SinkCounter.OtherOptionsKept);
  return Tc.Next;
};

const knowsNamespace = (ctx: TcContext, node: IoamNode, option: number): boolean => {
  const trace = ctx.packet.at(IoamTraceHeader, option + IoamOption.size);
  return trace !== null && knows(node, trace.namespaceId);
};

/**
 * Copies the trace and what identifies its packet into the ring, and adds the last entry there: the packet loses its trace,
 * and stays as it came until then, so that a checksum over all of it stays true. Returns the {@link Outcome}.
 */
const report = (
  ctx: TcContext,
  { node, device }: SinkConfig,
  at: number,
  end: number,
  segments: number,
  nowNs: bigint,
): number => {
  const ip = ctx.packet.at(Ipv6, device.network);
  const option = ctx.packet.at(IoamOption, at);
  const hopByHop = ctx.packet.at(HopByHop, device.network + IPV6_BYTES);
  if (ip === null || option === null || hopByHop === null) return Outcome.Truncated;
  // 10..254 already, as the rules said; the bounds say so to the verifier.
  const length = Math.min(option.length - 2, MAX_TRACE_BYTES);
  if (length < 1) return Outcome.Truncated;
  const entry = sinkRing.reserve(TraceRecord);
  if (entry === null) {
    count(sinkCounters, SinkCounter.RingFull);
    return addEntry(ctx, node, device, at, nowNs, nowhere, 0);
  }
  entry.timestampNs = nowNs;
  entry.source = ip.source;
  entry.destination = ip.destination;
  entry.packetLength = ctx.packet.length;
  entry.ifindex = ctx.ifindex;
  entry.protocol = hopByHop.nextHeader;
  entry.segments = segments;
  entry.traceLength = length;
  entry.sourcePort = 0;
  entry.destinationPort = 0;
  if (hopByHop.nextHeader === IpProtocol.Tcp || hopByHop.nextHeader === IpProtocol.Udp) {
    const ports = ctx.packet.at(Ports, end);
    if (ports !== null) {
      entry.sourcePort = ports.source;
      entry.destinationPort = ports.destination;
    }
  }
  let outcome: number = Outcome.Truncated;
  if (ctx.loadInto(entry, "trace", at + IoamOption.size, length)) {
    outcome = addEntry(ctx, node, device, at, nowNs, inRecord(entry), 0);
    entry.outcome = outcome;
    sinkRing.submit(entry);
  } else sinkRing.discard(entry);
  return outcome;
};

const nowhere: Place = () => true;

const inRecord =
  (entry: TypeOf<typeof TraceRecord>): Place =>
  (layout, at, use) => {
    // No more than 252 anyway, but a value of its own: what the verifier learns of it in the test would else follow `at`
    // from field to field, and each way through them would be walked.
    const to = at & 0x1ff;
    if (to > MAX_TRACE_BYTES - layout.size) return false;
    use(viewInto(entry, "trace", layout, to));
    return true;
  };

/** Takes the Hop-by-Hop header off. */
const strip = (ctx: TcContext, { device }: SinkConfig, start: number, bytes: number): void => {
  const ip = ctx.packet.at(Ipv6, device.network);
  const hopByHop = ctx.packet.at(HopByHop, start);
  // A length of 0 stands for one that does not fit in 16 bits.
  if (ip === null || hopByHop === null || ip.payloadLength < bytes) return count(sinkCounters, SinkCounter.NotStripped);
  const shorter = {
    payloadLength: (ip.payloadLength - bytes) & 0xffff,
    nextHeader: hopByHop.nextHeader,
    hopLimit: ip.hopLimit,
  };
  // A GSO packet's segments carry as much as before, behind a shorter header.
  const flags = RoomFlag.FixedGso | RoomFlag.NoChecksumReset;
  if (!ctx.adjustRoom(-bytes, Room.Network, flags)) return count(sinkCounters, SinkCounter.NotStripped);
  ctx.store(device.network + PAYLOAD_LENGTH_AT, LengthAndNext, shorter);
};

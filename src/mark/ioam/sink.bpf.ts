/** The end of the domain, at tc ingress: adds the last entry, hands the trace to user space, delivers the packet without it. */
import { Room, RoomFlag, Tc, type TcContext } from "../../kernel/context.ts";
import { ringBuffer } from "../../kernel/maps.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { IoamOption } from "../../wire/ioam/header.ts";
import { be16, header, u8 } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { HopByHop } from "../../wire/protocols/ipv6-extension.ts";
import { Ipv6 } from "../../wire/protocols/ipv6.ts";
import { count } from "./count.bpf.ts";
import { counters } from "./counters.ts";
import { wallClockNs } from "./entry.bpf.ts";
import { fillTrace } from "./fill.bpf.ts";
import type { IoamInterface, IoamNode } from "./node.ts";
import { CUT_SHORT, hopByHopBytes, visitIoamOptions } from "./option.bpf.ts";
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
  const bytes = ctx.protocol === EtherType.Ipv6 ? hopByHopBytes(ctx, device.network) : 0;
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
    const outcome = fillTrace(ctx, node, device, at, start + bytes, nowNs);
    count(sinkCounters, outcome);
    seen = true;
    if (outcome >= FIRST_DROPPED) {
      dropped = true;
      return false;
    }
    // Not ours to take off: no trace, or of a namespace this node does not belong to.
    if (outcome === Outcome.NotATrace || outcome === Outcome.NamespaceUnknown) return true;
    count(sinkCounters, SinkCounter.Received);
    count(sinkCounters, SinkCounter.Segments, BigInt(segments));
    ours = (ours + record(ctx, config, at, start + bytes, segments, outcome, nowNs)) & 0xfff;
    return true;
  });
  if (dropped) return Tc.Drop;
  if (!seen) count(sinkCounters, Outcome.NoOption);
  if (ours === 0) return Tc.Next;
  if (padding + ours === bytes) strip(ctx, config, start, bytes);
  else count(sinkCounters, SinkCounter.OtherOptionsKept);
  return Tc.Next;
};

/** Copies the trace and what identifies its packet into the ring. Returns the bytes of the option. */
const record = (
  ctx: TcContext,
  { device }: SinkConfig,
  at: number,
  end: number,
  segments: number,
  outcome: number,
  nowNs: bigint,
): number => {
  const ip = ctx.packet.at(Ipv6, device.network);
  const option = ctx.packet.at(IoamOption, at);
  const hopByHop = ctx.packet.at(HopByHop, device.network + IPV6_BYTES);
  if (ip === null || option === null || hopByHop === null) return 0;
  // 10..254 already, as the rules said; the bounds say so to the verifier.
  const length = Math.min(option.length - 2, MAX_TRACE_BYTES);
  if (length < 1) return 0;
  const entry = sinkRing.reserve(TraceRecord);
  if (entry === null) {
    count(sinkCounters, SinkCounter.RingFull);
    return length + IoamOption.size;
  }
  entry.timestampNs = nowNs;
  entry.source = ip.source;
  entry.destination = ip.destination;
  entry.packetLength = ctx.packet.length;
  entry.ifindex = ctx.ifindex;
  entry.protocol = hopByHop.nextHeader;
  entry.outcome = outcome;
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
  if (ctx.loadInto(entry, "trace", at + IoamOption.size, length)) sinkRing.submit(entry);
  else sinkRing.discard(entry);
  return length + IoamOption.size;
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

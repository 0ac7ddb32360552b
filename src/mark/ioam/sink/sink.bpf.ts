/** The end of the domain, at tc ingress: adds the last entry, hands the trace to user space, delivers the packet without it. */
import { Room, RoomFlag, Tc, type TcContext } from "../../../kernel/context.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { IoamE2eHeader } from "../../../wire/ioam/edge-to-edge.ts";
import { IoamOption } from "../../../wire/ioam/header.ts";
import { be16, header, u8 } from "../../../wire/layout.ts";
import { EtherType } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { count } from "../../feature/count.bpf.ts";
import { isDirectExport, takesExport } from "../export/option.bpf.ts";
import { arriveNumbered } from "./e2e-arrival.bpf.ts";
import { wallClockNs } from "../../feature/wall-clock.bpf.ts";
import { knows } from "../fill/fill.bpf.ts";
import type { IoamInterface, IoamNode } from "../node.ts";
import { checkTraceOption, CUT_SHORT, hopByHopBytes, pullIn, visitIoamOptions } from "../fill/option.bpf.ts";
import { FIRST_DROPPED, Outcome } from "../outcome.ts";
import { flowOfPacket, readFlow, report } from "./report.bpf.ts";
import { SinkCounter, sinkCounters } from "./counters.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { decapsulate, endsHere } from "./tunnel.bpf.ts";

export interface SinkConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
  /** Traces are handed over, and stay in their packets as they came. */
  readonly keep?: boolean;
  /** Sequence numbers of Edge-to-Edge options are counted. */
  readonly e2e?: boolean;
}

const IPV6_BYTES = 40;
/** Where `payloadLength` stands in the IPv6 header. */
const PAYLOAD_LENGTH_AT = 4;

const LengthAndNext = header("LengthAndNext", "RFC 8200, section 3", {
  payloadLength: be16,
  nextHeader: u8,
  hopLimit: u8,
});

const FlagByte = header("node length and flags", "RFC 9197, section 4.4.1", { value: u8 });
const FLAG_BYTE = 2;
const LOOPBACK = 2;
const ACTIVE = 1;

export const sink = (config: SinkConfig): Program<"tc"> => tc((ctx) => finish(ctx, config), { name: "ioam_sink" });

/** Completes, reports and takes off the packet's trace. */
export const finish = (ctx: TcContext, config: SinkConfig): number => {
  const { node, device } = config;
  const isIpv6 = ctx.protocol === EtherType.Ipv6;
  const bytes = isIpv6 ? hopByHopBytes(ctx, device.network, pullIn(ctx), { withInner: true }) : 0;
  if (bytes === 0) return Tc.Next;
  if (bytes === CUT_SHORT) {
    count(sinkCounters, Outcome.Truncated);
    return Tc.Drop;
  }
  const start = device.network + IPV6_BYTES;
  const end = start + bytes;
  const nowNs = wallClockNs(taiOffset.value);
  const flow = flowOfPacket.lookup(0);
  if (flow === null) return Tc.Next;
  readFlow(ctx, flow, device.network, end);
  if (config.e2e === true) arriveNumbered(ctx, node, flow, start, bytes);
  const segments = ctx.gsoSegments === 0 ? 1 : ctx.gsoSegments;
  let seen = false;
  let dropped = false;
  /** Bytes of the traces that end here. */
  let ours = 0;
  const padding = visitIoamOptions(ctx, start, bytes, (at) => {
    seen = true;
    const outcome = checkTraceOption(ctx, device.network, at, end);
    const isNumber = outcome === Outcome.EdgeToEdge;
    if (outcome !== Outcome.Ready && !isNumber) {
      const other = outcome === Outcome.NotATrace ? ctx.packet.at(IoamOption, at) : null;
      // What it asks for is another program's work, but it ends here, too.
      if (other !== null && isDirectExport(ctx, at) && takesExport(ctx, node, at, end))
        ours = (ours + 2 + other.length) & 0xfff;
      count(sinkCounters, outcome);
      if (outcome < FIRST_DROPPED) return true;
      dropped = true;
      return false;
    }
    // Not ours to take off.
    const option = ctx.packet.at(IoamOption, at);
    const isKnown = knowsNamespace(ctx, node, at);
    if (isNumber) {
      count(sinkCounters, Outcome.EdgeToEdge);
      if (config.e2e !== true || !isKnown) count(sinkCounters, SinkCounter.e2eNotCounted);
    } else if (!isKnown) count(sinkCounters, Outcome.NamespaceUnknown);
    if (option === null || !isKnown) return true;
    if (isNumber) {
      ours = (ours + 2 + option.length) & 0xfff;
      return true;
    }
    const optionBytes = 2 + option.length;
    count(sinkCounters, report(ctx, { node, device, segments, nowNs }, at));
    count(sinkCounters, SinkCounter.received);
    count(sinkCounters, SinkCounter.segments, BigInt(segments));
    countFlags(ctx, at);
    ours = (ours + optionBytes) & 0xfff;
    return true;
  });
  if (dropped) return Tc.Drop;
  if (!seen) count(sinkCounters, Outcome.NoOption);
  if (ours === 0) return Tc.Next;
  if (config.keep === true) count(sinkCounters, SinkCounter.kept);
  else if (padding + ours === bytes) return takeOff(ctx, device.network, bytes);
  else count(sinkCounters, SinkCounter.otherOptionsKept);
  return Tc.Next;
};

/** Both flags are kept and ignored; one test tells that a trace has none. */
const countFlags = (ctx: TcContext, option: number): void => {
  const flags = ctx.packet.at(FlagByte, option + IoamOption.size + FLAG_BYTE);
  if (flags === null || (flags.value & (LOOPBACK | ACTIVE)) === 0) return;
  if ((flags.value & LOOPBACK) !== 0) count(sinkCounters, SinkCounter.loopbackIgnored);
  if ((flags.value & ACTIVE) !== 0) count(sinkCounters, SinkCounter.activeIgnored);
};

const knowsNamespace = (ctx: TcContext, node: IoamNode, option: number): boolean => {
  // Traces start with it too.
  const data = ctx.packet.at(IoamE2eHeader, option + IoamOption.size);
  return data !== null && knows(node, data.namespaceId);
};

/** Takes the Hop-by-Hop header off, and the outer IPv6 header of a tunnel that ends here. Returns the verdict. */
const takeOff = (ctx: TcContext, network: number, bytes: number): number => {
  if (endsHere(ctx, network)) return decapsulate(ctx, network, network + IPV6_BYTES + bytes);
  if (!strip(ctx, network, bytes)) count(sinkCounters, SinkCounter.notStripped);
  return Tc.Next;
};

const strip = (ctx: TcContext, network: number, bytes: number): boolean => {
  const ip = ctx.packet.at(Ipv6, network);
  const hopByHop = ctx.packet.at(HopByHop, network + IPV6_BYTES);
  // A length of 0 stands for one that does not fit in 16 bits.
  if (ip === null || hopByHop === null || ip.payloadLength < bytes) return false;
  const shorter = {
    payloadLength: (ip.payloadLength - bytes) & 0xffff,
    nextHeader: hopByHop.nextHeader,
    hopLimit: ip.hopLimit,
  };
  // A GSO packet's segments carry as much as before, behind a shorter header.
  if (!ctx.adjustRoom(-bytes, Room.Network, RoomFlag.FixedGso | RoomFlag.NoChecksumReset)) return false;
  return ctx.store(network + PAYLOAD_LENGTH_AT, LengthAndNext, shorter);
};

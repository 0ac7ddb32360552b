/** The start of the domain, at tc egress: packets to a prefix get a Hop-by-Hop header with a trace and this node's entry in it. */
import { Room, RoomFlag, Tc, type TcContext } from "../../kernel/context.ts";
import { fetchAdd } from "../../kernel/atomics.ts";
import { arrayMap } from "../../kernel/maps.ts";
import { tc, type Program } from "../../kernel/program.ts";
import { hopByHopLength, nodeLengthOf, opaqueStateBit } from "../../wire/ioam/fields.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../wire/ioam/header.ts";
import { be16, be32, be64, header, u64 } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { HopByHop } from "../../wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType } from "../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../wire/protocols/ipv6.ts";
import { Tcp } from "../../wire/protocols/tcp.ts";
import { Udp } from "../../wire/protocols/udp.ts";
import { count } from "./count.bpf.ts";
import { counters } from "./counters.ts";
import { inPacket, microsecondsOf, secondsOf, wallClockNs, writeEntry, writeOpaqueState } from "./entry.bpf.ts";
import { taiOffset } from "./tai-offset.ts";
import { roomOf } from "./room.ts";
import { opaqueStateOf, type IoamInterface, type IoamNamespace, type IoamNode } from "./node.ts";

/** Packets to one prefix, and the trace they get. */
export interface EncapRule {
  /** Network address in two halves, and their masks. */
  readonly prefix: { readonly high: bigint; readonly low: bigint; readonly highMask: bigint; readonly lowMask: bigint };
  readonly traceType: number;
  readonly namespace: IoamNamespace;
  /** Bytes of data, a multiple of 4. */
  readonly size: number;
  /** `packets` of every `of` packets get a trace. */
  readonly frequency: { readonly packets: number; readonly of: number };
  /** Which of the device's rules this is: its place in the maps. */
  readonly slot: number;
}

export interface EncapConfig {
  readonly node: IoamNode;
  readonly device: IoamInterface;
  readonly rules: readonly EncapRule[];
}

/** What became of a packet to a rule's prefix. */
const EncapCounter = { Sent: 0, Segments: 1, NotSampled: 2, HopByHopPresent: 3, TooBig: 4, NoRoom: 5 } as const;
export const encapReasons: readonly string[] = [
  "sent",
  "segments",
  "notSampled",
  "hopByHopPresent",
  "tooBig",
  "noRoom",
];

/** Rules that one device can have. */
export const MAX_RULES = 64;

/** A rule's counters start at its slot times the number of reasons. */
export const encapCounters = counters("encap_count", MAX_RULES * encapReasons.length);
/** Per rule, the packets that its frequency chooses from. */
export const encapSamples = arrayMap(u64, { entries: MAX_RULES, name: "encap_samples" });

const IPV6_BYTES = 40;
/** Where the destination address starts. */
const DESTINATION_AT = 24;
/** A PadN of two bytes in all puts the option at a multiple of 4. */
const PADDING = 2;

const Halves = header("address", "RFC 8200, section 3", { high: be64, low: be64 });
const Pad = header("PadN", "RFC 8200, section 4.2", { start: be16 });
const PAD_START = Ipv6OptionType.PadN << 8;
const TailPad = header("PadN", "RFC 8200, section 4.2", { bytes: be32 });
const TAIL_PAD = (Ipv6OptionType.PadN << 24) | (2 << 16);

export const encap = (config: EncapConfig): Program<"tc"> =>
  tc(
    (ctx) => {
      encapsulate(ctx, config);
      return Tc.Next;
    },
    { name: "ioam_encap" },
  );

/** Gives the packet a trace when it goes to one of the prefixes. */
export const encapsulate = (ctx: TcContext, config: EncapConfig): void => {
  if (ctx.protocol !== EtherType.Ipv6) return;
  const destination = ctx.packet.at(Halves, config.device.network + DESTINATION_AT);
  if (destination === null) return;
  for (const rule of config.rules) {
    const { high, low, highMask, lowMask } = rule.prefix;
    if ((destination.high & highMask) === high && (destination.low & lowMask) === low) {
      countRule(rule, insert(ctx, config, rule), 1n);
      return;
    }
  }
};

const countRule = ({ slot }: EncapRule, reason: number, amount: bigint): void =>
  count(encapCounters, slot * encapReasons.length + reason, amount);

/** Whether it is this packet's turn: K of every N, counted over all CPUs. */
const chosen = ({ slot, frequency: { packets, of } }: EncapRule): boolean => {
  if (packets === of) return true;
  const sample = encapSamples.lookup(slot);
  return sample !== null && fetchAdd(sample, "value", 1n) % BigInt(of) < BigInt(packets);
};

/** Returns one of {@link EncapCounter}. */
const insert = (ctx: TcContext, config: EncapConfig, rule: EncapRule): number => {
  const { device } = config;
  if (!chosen(rule)) return EncapCounter.NotSampled;
  const before = ctx.packet.at(Ipv6, device.network);
  if (before === null) return EncapCounter.NoRoom;
  const { nextHeader, payloadLength, hopLimit } = before;
  if (nextHeader === IpProtocol.HopByHop) return EncapCounter.HopByHopPresent;
  const bytes = hopByHopLength(rule.size);
  // A GSO packet can be longer than any MTU, but not than its length field says.
  if (payloadLength + bytes > 0xffff) return EncapCounter.TooBig;
  const { gsoSize } = ctx;
  let segments = 1;
  let flags: number = RoomFlag.FixedGso;
  if (gsoSize === 0) {
    if (!ctx.fits(bytes)) return EncapCounter.TooBig;
  } else {
    // Datagrams that wait for no checksum from the device the kernel could not cut any more, once their headers moved.
    if (nextHeader === IpProtocol.Udp && !ctx.checksumPartial()) return EncapCounter.NoRoom;
    const headers = transportBytes(ctx, device.network + IPV6_BYTES, nextHeader);
    segments = ctx.gsoSegments;
    if (IPV6_BYTES + headers + gsoSize + bytes > ctx.mtu()) {
      // The kernel can shorten the segments of a stream by what is inserted; datagrams stay as long as they are.
      if (nextHeader === IpProtocol.Udp || gsoSize <= bytes) return EncapCounter.TooBig;
      flags = 0;
      const shorter = gsoSize - bytes;
      segments = Math.trunc((((payloadLength - headers) & 0xffff) + shorter - 1) / shorter);
    }
  }
  if (!ctx.adjustRoom(bytes, Room.Network, flags)) return EncapCounter.NoRoom;
  const start = device.network + IPV6_BYTES;
  const ip = ctx.packet.at(Ipv6, device.network);
  if (ip === null || ctx.packet.at(roomOf(bytes), start) === null) return EncapCounter.NoRoom;
  ip.nextHeader = IpProtocol.HopByHop;
  ip.payloadLength = payloadLength + bytes;
  writeHeaders(ctx, rule, start, bytes, nextHeader);
  writeOwnEntry(ctx, config, rule, start, hopLimit);
  countRule(rule, EncapCounter.Segments, BigInt(segments));
  return EncapCounter.Sent;
};

/** Bytes of the transport header; of those that a GSO packet cannot have, the most that TCP's can be. */
const transportBytes = (ctx: TcContext, at: number, protocol: number): number => {
  if (protocol === IpProtocol.Udp) return Udp.size;
  const tcp = protocol === IpProtocol.Tcp ? ctx.packet.at(Tcp, at) : null;
  return tcp === null ? 60 : tcp.dataOffset * 4;
};

/** Words of an entry of the rule's trace type, the opaque state snapshot included. */
const wordsOf = ({ traceType, namespace }: EncapRule): number =>
  nodeLengthOf(traceType) + ((traceType & opaqueStateBit) !== 0 ? opaqueStateOf(namespace.schema).words : 0);

const writeHeaders = (ctx: TcContext, rule: EncapRule, start: number, bytes: number, nextHeader: number): void => {
  const option = start + HopByHop.size + PADDING;
  const hopByHop = ctx.packet.at(HopByHop, start);
  const pad = ctx.packet.at(Pad, start + HopByHop.size);
  const ioam = ctx.packet.at(IoamOption, option);
  const trace = ctx.packet.at(IoamTraceHeader, option + IoamOption.size);
  if (hopByHop === null || pad === null || ioam === null || trace === null) return;
  hopByHop.nextHeader = nextHeader;
  hopByHop.headerExtLen = bytes / 8 - 1;
  pad.start = PAD_START;
  ioam.type = Ipv6OptionType.Ioam;
  ioam.length = 2 + IoamTraceHeader.size + rule.size;
  ioam.reserved = 0;
  ioam.ioamType = IoamType.PreallocatedTrace;
  const left = rule.size / 4 - wordsOf(rule);
  trace.namespaceId = rule.namespace.id;
  trace.nodeLength = nodeLengthOf(rule.traceType);
  trace.overflow = left < 0 ? 1 : 0;
  trace.loopback = 0;
  trace.active = 0;
  trace.reservedFlag = 0;
  trace.remainingLength = left < 0 ? rule.size / 4 : left;
  trace.traceType = rule.traceType;
  trace.reserved = 0;
  if ((16 + rule.size) % 8 === 0) return;
  const tail = ctx.packet.at(TailPad, start + bytes - TailPad.size);
  if (tail !== null) tail.bytes = TAIL_PAD;
};

const writeOwnEntry = (
  ctx: TcContext,
  { node, device }: EncapConfig,
  rule: EncapRule,
  start: number,
  hopLimit: number,
): void => {
  const { namespace, traceType, size } = rule;
  const left = size / 4 - wordsOf(rule);
  if (left < 0) return;
  const nowNs = wallClockNs(taiOffset.value);
  const at = start + HopByHop.size + PADDING + IoamOption.size + IoamTraceHeader.size + left * 4;
  const written = writeEntry(inPacket(ctx), at, traceType, {
    hopLimit,
    nodeId: node.id,
    egressId: device.id,
    timestampSeconds: secondsOf(nowNs),
    timestampFraction: microsecondsOf(nowNs),
    transitDelayNs: 0xffff_ffff,
    namespaceData: namespace.data,
    queueDepth: ctx.egressBacklog(),
    hopLimitWide: hopLimit,
    nodeIdWide: node.idWide,
    egressIdWide: device.idWide,
    namespaceDataWide: namespace.dataWide,
  });
  if (written && (traceType & opaqueStateBit) !== 0)
    writeOpaqueState(inPacket(ctx), at + nodeLengthOf(traceType) * 4, opaqueStateOf(namespace.schema));
};

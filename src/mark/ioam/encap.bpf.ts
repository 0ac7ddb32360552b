/** The start of the domain, at tc egress: packets to a prefix get a Hop-by-Hop header with a trace and this node's entry in it. */
import { Room, RoomFlag, Tc, type TcContext } from "../../kernel/context.ts";
import { fetchAdd } from "../../kernel/atomics.ts";
import { arrayMap } from "../../kernel/maps.ts";
import { tc, type Program } from "../../kernel/program.ts";
import type { HopByHopLayout } from "../../wire/ioam/hop-by-hop.ts";
import { be64, header, u64 } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { Ipv6 } from "../../wire/protocols/ipv6.ts";
import { Tcp } from "../../wire/protocols/tcp.ts";
import { Udp } from "../../wire/protocols/udp.ts";
import { count } from "./count.bpf.ts";
import { counters } from "./counters.ts";
import type { EncapConfig, EncapNode, EncapRule } from "./encap-rule.ts";
import { wallClockNs } from "./entry.bpf.ts";
import { insertedHeader, writeHopByHop, type InsertedOption } from "./inserted.bpf.ts";
import type { IoamInterface } from "./node.ts";
import { taiOffset } from "./tai-offset.ts";
import { roomOf } from "./room.ts";

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
const Halves = header("address", "RFC 8200, section 3", { high: be64, low: be64 });

export const encap = (config: EncapConfig): Program<"tc"> => {
  const prepared = prepareEncap(config);
  return tc(
    (ctx) => {
      encapsulate(ctx, prepared);
      return Tc.Next;
    },
    { name: "ioam_encap" },
  );
};

/** A configuration whose headers are laid out: what a program needs to know while it is compiled. */
export interface PreparedEncap extends EncapNode {
  readonly rules: readonly PreparedRule[];
}

interface PreparedRule extends EncapRule {
  readonly header: HopByHopLayout<InsertedOption>;
}

export const prepareEncap = ({ node, device, rules }: EncapConfig): PreparedEncap => ({
  node,
  device,
  rules: rules.map((rule) => ({ ...rule, header: insertedHeader({ node, device }, rule) })),
});

/** Gives the packet a trace when it goes to one of the prefixes. */
export const encapsulate = (ctx: TcContext, config: PreparedEncap): void => {
  if (ctx.protocol !== EtherType.Ipv6) return;
  const destination = ctx.packet.at(Halves, config.device.network + DESTINATION_AT);
  if (destination === null) return;
  for (const rule of config.rules) {
    const { high, low, highMask, lowMask } = rule.prefix;
    if ((destination.high & highMask) === high && (destination.low & lowMask) === low) {
      countRule(rule, insert(ctx, config.device, rule), 1n);
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
const insert = (ctx: TcContext, device: IoamInterface, rule: PreparedRule): number => {
  if (!chosen(rule)) return EncapCounter.NotSampled;
  const before = ctx.packet.at(Ipv6, device.network);
  if (before === null) return EncapCounter.NoRoom;
  const { nextHeader, payloadLength, hopLimit } = before;
  if (nextHeader === IpProtocol.HopByHop) return EncapCounter.HopByHopPresent;
  const { bytes } = rule.header;
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
  writeHopByHop(ctx, rule.header, start, nextHeader, { hopLimit, nowNs: wallClockNs(taiOffset.value) });
  countRule(rule, EncapCounter.Segments, BigInt(segments));
  return EncapCounter.Sent;
};

/** Bytes of the transport header; of those that a GSO packet cannot have, the most that TCP's can be. */
const transportBytes = (ctx: TcContext, at: number, protocol: number): number => {
  if (protocol === IpProtocol.Udp) return Udp.size;
  const tcp = protocol === IpProtocol.Tcp ? ctx.packet.at(Tcp, at) : null;
  return tcp === null ? 60 : tcp.dataOffset * 4;
};

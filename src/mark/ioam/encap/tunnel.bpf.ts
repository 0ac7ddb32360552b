/**
 * Mode encap: the packet, whole, behind an outer IPv6 header and the Hop-by-Hop header. The outer header is a copy of the
 * inner one but for its addresses and lengths, as the kernel's own encapsulation makes it. The packet then goes where the
 * route to the tunnel's destination leads, by whatever interface.
 */
import { Room, RoomFlag, Tc, type TcContext } from "../../../kernel/context.ts";
import { Fib } from "../../../kernel/fib.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { Ethernet } from "../../../wire/headers/ethernet.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { EncapCounter } from "./counters.ts";
import { growthOf } from "./growth.bpf.ts";
import { leftAlone, type Inserted, type InsertedHeader } from "./count-inserted.bpf.ts";
import type { EncapTunnel } from "./rule.ts";
import { wallClockNs } from "../../feature/wall-clock.bpf.ts";
import { writeHopByHop, type Egress } from "./inserted.bpf.ts";
import type { IoamInterface } from "../node.ts";
import { roomOf } from "./room.ts";
import { taiOffset } from "../../feature/tai-offset.ts";

const IPV6_BYTES = 40;

/** The loopback interface of every network namespace: a lookup from there is one for a packet of this host's own. */
const LOOPBACK = 1;

export const insertTunnel = (
  ctx: TcContext,
  device: IoamInterface,
  header: InsertedHeader,
  tunnel: EncapTunnel,
): Inserted => {
  const { network } = device;
  const inner = ctx.packet.at(Ipv6, network);
  if (inner === null) return leftAlone(EncapCounter.NoRoom);
  const { trafficClass, flowLabel, nextHeader, payloadLength, hopLimit } = inner;
  const { source, destination } = tunnel;
  const route = ctx.fibLookup({
    source,
    destination,
    ifindex: LOOPBACK,
    flowInfo: trafficClass * 0x10_0000 + flowLabel,
  });
  const isKnown = route.code === Fib.Success;
  let { ifindex, mtu } = tunnel;
  if (isKnown || route.code === Fib.NoNeigh) ifindex = route.ifindex;
  if (isKnown) mtu = route.mtu;
  if (route.code === Fib.FragNeeded) return leftAlone(EncapCounter.TooBig);
  // A host that does not forward may not ask: its packets go where the route led when the rule was made.
  if (!isKnown && route.code !== Fib.NoNeigh && route.code !== Fib.FwdDisabled) return leftAlone(EncapCounter.NoRoute);
  const bytes = IPV6_BYTES + header.bytes;
  const growth = growthOf(ctx, { network, nextHeader, payloadLength }, bytes, mtu);
  if (growth.counter !== EncapCounter.Sent) return leftAlone(growth.counter);
  // Refused for a packet in an outer header already: so no packet goes round between two tunnels.
  if (!ctx.adjustRoom(bytes, Room.Mac, growth.flags | RoomFlag.EncapL3Ipv6)) return leftAlone(EncapCounter.NoRoom);
  const outer = ctx.packet.at(Ipv6, network);
  if (outer === null || ctx.packet.at(roomOf(bytes), network) === null) return leftAlone(EncapCounter.NoRoom);
  outer.version = 6;
  outer.trafficClass = trafficClass;
  outer.flowLabel = flowLabel;
  outer.payloadLength = payloadLength + bytes;
  outer.nextHeader = IpProtocol.HopByHop;
  outer.hopLimit = hopLimit;
  outer.source = source;
  outer.destination = destination;
  writeHopByHop(ctx, header, network + IPV6_BYTES, IpProtocol.Ipv6, {
    hopLimit,
    nowNs: wallClockNs(taiOffset.value),
    egress: egressOf(ctx, device, tunnel, ifindex),
  });
  const { counter, segments } = { counter: EncapCounter.Sent, segments: growth.segments };
  if (!isKnown) return { counter, segments, verdict: ctx.redirectNeigh(ifindex) };
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet !== null) {
    ethernet.destination = route.destinationMac;
    ethernet.source = route.sourceMac;
  }
  return { counter, segments, verdict: ifindex === ctx.ifindex ? Tc.Next : ctx.redirect(ifindex) };
};

/** What this node knows of the interface that the packet leaves by: of another than the rule's, no queue. */
const egressOf = (ctx: TcContext, device: IoamInterface, tunnel: EncapTunnel, ifindex: number): Egress => {
  if (ifindex === ctx.ifindex) return { id: device.id, idWide: device.idWide, queueDepth: ctx.egressBacklog() };
  if (ifindex === tunnel.ifindex) return { id: tunnel.egress.id, idWide: tunnel.egress.idWide, queueDepth: UNKNOWN };
  return { id: NARROW_UNKNOWN, idWide: UNKNOWN, queueDepth: UNKNOWN };
};

const NARROW_UNKNOWN = 0xffff;
const UNKNOWN = 0xffff_ffff;

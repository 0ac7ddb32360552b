/** The end of a tunnel: the trace is in the Hop-by-Hop header of an outer IPv6 packet, and a whole IPv6 packet follows it. */
import { Room, RoomFlag, Tc, type TcContext } from "../../../kernel/context.ts";
import { hashMap } from "../../../kernel/maps.ts";
import { bits, header, ipv6Address, u8 } from "../../../wire/layout.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { count } from "../../feature/count.bpf.ts";
import { SinkCounter, sinkCounters } from "./counters.ts";

/** The node's own addresses: tunnels to these end here. */
export const localAddresses = hashMap(ipv6Address, u8, { entries: 16_384, noPrealloc: true, name: "ioam_addresses" });

const IPV6_BYTES = 40;
const IPV6_VERSION = 6;

const FirstWord = header("first word", "RFC 8200, section 3", {
  version: bits(4),
  dscp: bits(6),
  congestion: bits(2),
  flowLabel: bits(20),
});

/** The two bits of Explicit Congestion Notification (RFC 3168, section 5). */
const Congestion = { NotCapable: 0, Capable1: 1, Capable0: 2, Experienced: 3 } as const;

/** Whether the Hop-by-Hop header is in a tunnel that ends at this node. */
export const endsHere = (ctx: TcContext, network: number): boolean => {
  const hopByHop = ctx.packet.at(HopByHop, network + IPV6_BYTES);
  if (hopByHop === null || hopByHop.nextHeader !== IpProtocol.Ipv6) return false;
  const outer = ctx.packet.at(Ipv6, network);
  return outer !== null && localAddresses.lookup(outer.destination) !== null;
};

/**
 * Takes off the outer header and the Hop-by-Hop header that ends at `end`: the packet inside goes on as if it had come so.
 * Returns the verdict.
 */
export const decapsulate = (ctx: TcContext, network: number, end: number): number => {
  const outer = ctx.packet.at(FirstWord, network);
  const inner = ctx.packet.at(Ipv6, end);
  const first = ctx.packet.at(FirstWord, end);
  if (outer === null || inner === null || first === null || first.version !== IPV6_VERSION) {
    count(sinkCounters, SinkCounter.innerMalformed);
    return Tc.Next;
  }
  const { version, dscp, congestion, flowLabel } = first;
  const told = congestionAfter(outer.congestion, congestion);
  if (told < 0) {
    count(sinkCounters, SinkCounter.congestionDropped);
    return Tc.Drop;
  }
  const flags = RoomFlag.FixedGso | RoomFlag.NoChecksumReset;
  if (!ctx.adjustRoom(network - end, Room.Mac, flags)) {
    count(sinkCounters, SinkCounter.notStripped);
    return Tc.Next;
  }
  if (told !== congestion) ctx.store(network, FirstWord, { version, dscp, congestion: told, flowLabel });
  count(sinkCounters, SinkCounter.decapsulated);
  return Tc.Next;
};

/** What the inner header says of congestion afterwards (RFC 6040, section 4.2); -1 when the packet has to be dropped. */
const congestionAfter = (outer: number, inner: number): number => {
  if (outer === Congestion.Experienced) return inner === Congestion.NotCapable ? -1 : Congestion.Experienced;
  if (outer === Congestion.Capable1 && inner === Congestion.Capable0) return Congestion.Capable1;
  return inner;
};

/** Mode inline: the Hop-by-Hop header goes right behind the packet's own IPv6 header. */
import { Room, Tc, type TcContext } from "../../../kernel/context.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { EncapCounter } from "./counters.ts";
import { growthOf } from "./growth.bpf.ts";
import { leftAlone, type Inserted, type InsertedHeader } from "./count-inserted.bpf.ts";
import { wallClockNs } from "../../feature/wall-clock.bpf.ts";
import { writeHopByHop } from "./inserted.bpf.ts";
import type { IoamInterface } from "../node.ts";
import { roomOf } from "./room.ts";
import { taiOffset } from "../../feature/tai-offset.ts";

const IPV6_BYTES = 40;

/** A packet with a Hop-by-Hop header already stays as it is: there may be only one. */
export const insertInline = (ctx: TcContext, device: IoamInterface, header: InsertedHeader): Inserted => {
  const { network } = device;
  const before = ctx.packet.at(Ipv6, network);
  if (before === null) return leftAlone(EncapCounter.NoRoom);
  const { nextHeader, payloadLength, hopLimit } = before;
  if (nextHeader === IpProtocol.HopByHop) return leftAlone(EncapCounter.HopByHopPresent);
  const { bytes } = header;
  const growth = growthOf(ctx, { network, nextHeader, payloadLength }, bytes, ctx.mtu());
  if (growth.counter !== EncapCounter.Sent) return leftAlone(growth.counter);
  if (!ctx.adjustRoom(bytes, Room.Network, growth.flags)) return leftAlone(EncapCounter.NoRoom);
  const start = network + IPV6_BYTES;
  const ip = ctx.packet.at(Ipv6, network);
  if (ip === null || ctx.packet.at(roomOf(bytes), start) === null) return leftAlone(EncapCounter.NoRoom);
  ip.nextHeader = IpProtocol.HopByHop;
  ip.payloadLength = payloadLength + bytes;
  const egress = { id: device.id, idWide: device.idWide, queueDepth: ctx.egressBacklog() };
  writeHopByHop(ctx, header, start, nextHeader, { hopLimit, nowNs: wallClockNs(taiOffset.value), egress });
  return { counter: EncapCounter.Sent, segments: growth.segments, verdict: Tc.Next };
};

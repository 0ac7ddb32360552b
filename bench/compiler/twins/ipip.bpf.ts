/** Looks a flow up by its 5-tuple and sends its packets through an IPv4 tunnel. */
import { checksum, updateChecksum } from "../../../src/kernel/checksum.ts";
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { hashMap, perCpuArrayMap } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { mac } from "../../../src/wire/address.ts";
import { be16, ipv4Address, macAddress, struct, u64, u8 } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";
import { flowIn, Ports } from "./flow.bpf.ts";
import type { Twin } from "./twin.ts";

const Outcome = { Tunnelled: 0, NoFlow: 1, NotAFlow: 2, Malformed: 3, Expired: 4, NoRoom: 5 } as const;

const FlowKey = struct("flow_key", {
  source: ipv4Address,
  destination: ipv4Address,
  sourcePort: be16,
  destinationPort: be16,
  protocol: u8,
});
const Tunnel = struct("tunnel", {
  source: ipv4Address,
  destination: ipv4Address,
  sourceMac: macAddress,
  destinationMac: macAddress,
});
const Counter = struct("counter", { packets: u64, bytes: u64 });
const flows = hashMap(FlowKey, Tunnel, { entries: 65536, name: "flows" });
const counters = perCpuArrayMap(Counter, { entries: 6, name: "counters" });

/** The TTL is the high byte of its checksummed word. */
const ONE_HOP = 0x0100;

const encapsulate = (ctx: XdpContext): number =>
  flowIn(ctx, Ports, { malformed: Outcome.Malformed, notAFlow: Outcome.NotAFlow }, (ip, ports) => {
    const tunnel = flows.lookup({
      source: ip.source,
      destination: ip.destination,
      sourcePort: ports.source,
      destinationPort: ports.destination,
      protocol: ip.protocol,
    });
    if (tunnel === null) return Outcome.NoFlow;
    if (ip.ttl <= 1) return Outcome.Expired;
    ip.ttl -= 1;
    ip.checksum = updateChecksum(ip.checksum, ONE_HOP, 0);

    const { dscp, ecn, totalLength } = ip;
    if (!ctx.adjustHead(-Ipv4.size)) return Outcome.NoRoom;
    const ethernet = ctx.packet.at(Ethernet, 0);
    const outer = ctx.packet.at(Ipv4, Ethernet.size);
    if (ethernet === null || outer === null) return Outcome.NoRoom;
    ethernet.destination = tunnel.destinationMac;
    ethernet.source = tunnel.sourceMac;
    ethernet.etherType = EtherType.Ipv4;
    outer.version = 4;
    outer.headerLength = 5;
    outer.dscp = dscp;
    outer.ecn = ecn;
    outer.totalLength = totalLength + Ipv4.size;
    outer.identification = 0;
    outer.reservedFlag = 0;
    outer.dontFragment = 1;
    outer.moreFragments = 0;
    outer.fragmentOffset = 0;
    outer.ttl = 64;
    outer.protocol = IpProtocol.Ipv4;
    outer.checksum = 0;
    outer.source = tunnel.source;
    outer.destination = tunnel.destination;
    outer.checksum = checksum(outer);
    return Outcome.Tunnelled;
  });

/** Makes the sample packet again what it was before {@link encapsulate}. */
const undo = (ctx: XdpContext): void => {
  if (!ctx.adjustHead(Ipv4.size)) return;
  const ethernet = ctx.packet.at(Ethernet, 0);
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  if (ethernet === null || ip === null) return;
  ethernet.destination = mac("02:00:00:00:00:02");
  ethernet.source = mac("02:00:00:00:00:01");
  ethernet.etherType = EtherType.Ipv4;
  ip.ttl += 1;
  ip.checksum = updateChecksum(ip.checksum, 0, ONE_HOP);
};

const run = (ctx: XdpContext): number => {
  const bytes = BigInt(ctx.packet.length);
  const outcome = encapsulate(ctx);
  const counter = counters.lookup(outcome);
  if (counter !== null) {
    counter.packets += 1n;
    counter.bytes += bytes;
  }
  if (outcome === Outcome.Tunnelled) return Xdp.Tx;
  return outcome === Outcome.NoFlow || outcome === Outcome.NotAFlow ? Xdp.Pass : Xdp.Drop;
};

export const ipip: Twin = {
  program: xdp(run, { name: "ipip" }),
  repeat: xdp(
    (ctx) => {
      const verdict = run(ctx);
      if (verdict === Xdp.Tx) undo(ctx);
      return verdict;
    },
    { name: "ipip_repeat" },
  ),
  maps: { flows, counters },
};

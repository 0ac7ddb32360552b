/** IPv4 in IPv4 at XDP: opens room, moves the Ethernet header, writes and sums the outer header. */
import { Xdp } from "../../../src/kernel/context.ts";
import { xdp } from "../../../src/kernel/program.ts";
import type { Ipv4Address, MacAddress } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";
import { array, be16, header } from "../../../src/wire/layout.ts";

export interface Tunnel {
  readonly nextHop: MacAddress;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** Leaves the inner packet's DSCP and ECN out of the outer one. */
  readonly plain?: boolean;
}

const Words = header("words", "RFC 1071", { word: array(be16, 10) });
const HEADER_BYTES = 20;

/** Adds carries until none is left: two rounds do for ten words. */
const fold = (sum: number): number => {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
};

export const encapsulate = (tunnel: Tunnel) =>
  xdp(
    (ctx) => {
      const before = ctx.packet.at(Ethernet, 0);
      const inner = ctx.packet.at(Ipv4, 14);
      if (before === null || inner === null || before.etherType !== EtherType.Ipv4) return Xdp.Pass;
      if (inner.ttl <= 1) return Xdp.Drop;
      const { totalLength, dscp, ecn } = inner;
      const own = before.destination;
      if (!ctx.adjustHead(-HEADER_BYTES)) return Xdp.Aborted;
      const ethernet = ctx.packet.at(Ethernet, 0);
      const outer = ctx.packet.at(Ipv4, 14);
      const words = ctx.packet.at(Words, 14);
      if (ethernet === null || outer === null || words === null) return Xdp.Aborted;
      ethernet.destination = tunnel.nextHop;
      ethernet.source = own;
      ethernet.etherType = EtherType.Ipv4;
      outer.version = 4;
      outer.headerLength = 5;
      outer.dscp = tunnel.plain === true ? 0 : dscp;
      outer.ecn = tunnel.plain === true ? 0 : ecn;
      outer.totalLength = totalLength + HEADER_BYTES;
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
      let sum = 0;
      for (let at = 0; at < 10; at++) sum += words.word[at]!;
      outer.checksum = ~fold(sum);
      return Xdp.Tx;
    },
    { name: "encapsulate" },
  );

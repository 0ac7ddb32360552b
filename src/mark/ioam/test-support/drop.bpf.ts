/** A firewall as some are: drops IPv6 packets with a Hop-by-Hop header, or all. */
import { Tc } from "../../../kernel/context.ts";
import { tc, type Program } from "../../../kernel/program.ts";
import { EtherType, IpProtocol } from "../../../wire/numbers.ts";
import { Icmpv6, Icmpv6Type } from "../../../wire/headers/icmpv6.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";

const ETHERNET_BYTES = 14;

export const dropping = (what: "hop-by-hop" | "all"): Program<"tc"> =>
  tc(
    (ctx) => {
      const ip = ctx.protocol === EtherType.Ipv6 ? ctx.packet.at(Ipv6, ETHERNET_BYTES) : null;
      if (ip === null) return Tc.Next;
      if (ip.nextHeader === IpProtocol.HopByHop) return Tc.Drop;
      if (what === "hop-by-hop") return Tc.Next;
      // Neighbour discovery goes on, as it does behind firewalls.
      const icmp = ctx.packet.at(Icmpv6, ETHERNET_BYTES + Ipv6.size);
      return icmp !== null && icmp.type >= Icmpv6Type.RouterSolicitation ? Tc.Next : Tc.Drop;
    },
    { name: "drop" },
  );

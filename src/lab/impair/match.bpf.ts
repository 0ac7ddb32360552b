/** Which packets count. Headers are copied out: where a frame's bytes lie differs between drivers. */
import { isMark } from "../../kernel/marked-ipv4.bpf.ts";
import type { PacketContext } from "../../kernel/packet-context.ts";
import { be16, header, u8 } from "../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../wire/numbers.ts";
import { Ipv4 } from "../../wire/headers/ipv4.ts";
import { MarkedIpv4 } from "../../wire/protocols/ipv4-options.ts";
import { Ipv6 } from "../../wire/headers/ipv6.ts";
import type { Match } from "./rules.ts";

const TypeField = header("EtherType", "IEEE 802.3", { value: be16 });
const Ports = header("ports", "RFC 9293, section 3.1", { source: be16, destination: be16 });
const Icmp6 = header("ICMPv6 type", "RFC 4443, section 2.1", { type: u8 });
const FirstByte = header("IP version", "RFC 791, RFC 8200", { value: u8 });

const TAG_BYTES = 4;
/** Router solicitation to redirect (RFC 4861). */
const FIRST_DISCOVERY = 133;
const LAST_DISCOVERY = 137;

/** Where the IP header of a packet that matches starts; -1 for others. `link`: bytes before it, without a tag. */
export const matchingNetwork = (ctx: PacketContext, match: Match, link: number): number => {
  let network = link;
  let type = 0;
  if (link === 0) {
    const first = ctx.load(0, FirstByte);
    if (first !== null) type = first.value >> 4 === 4 ? EtherType.Ipv4 : first.value >> 4 === 6 ? EtherType.Ipv6 : 0;
  } else {
    const outer = ctx.load(link - 2, TypeField);
    if (outer !== null) type = outer.value;
    if (type === EtherType.Vlan || type === EtherType.ProviderVlan) {
      const inner = ctx.load(link + 2, TypeField);
      type = inner === null ? 0 : inner.value;
      network = link + TAG_BYTES;
    }
  }
  if (type === EtherType.Ipv4) return match.family !== "ipv6" && matchesIpv4(ctx, match, network) ? network : -1;
  if (type === EtherType.Ipv6)
    return match.family !== "ipv4" && !match.marked && matchesIpv6(ctx, match, network) ? network : -1;
  return -1;
};

const matchesIpv4 = (ctx: PacketContext, match: Match, network: number): boolean => {
  const ip = ctx.load(network, Ipv4);
  if (ip === null || ip.version !== 4) return false;
  if (match.protocol !== null && ip.protocol !== match.protocol) return false;
  if (match.port !== null) {
    const hasPorts = ip.protocol === IpProtocol.Tcp || ip.protocol === IpProtocol.Udp;
    if (!hasPorts || ip.fragmentOffset !== 0) return false;
    if (!hasPort(ctx, match.port, network + ip.headerLength * 4)) return false;
  }
  return !match.marked || isMark(ctx.load(network, MarkedIpv4));
};

const IPV6_BYTES = 40;

const matchesIpv6 = (ctx: PacketContext, match: Match, network: number): boolean => {
  const ip = ctx.load(network, Ipv6);
  if (ip === null || ip.version !== 6) return false;
  const at = network + IPV6_BYTES;
  if (ip.nextHeader === IpProtocol.Icmpv6) {
    const icmp = ctx.load(at, Icmp6);
    if (icmp !== null && icmp.type >= FIRST_DISCOVERY && icmp.type <= LAST_DISCOVERY) return false;
  }
  if (match.protocol !== null && ip.nextHeader !== match.protocol) return false;
  if (match.port === null) return true;
  const hasPorts = ip.nextHeader === IpProtocol.Tcp || ip.nextHeader === IpProtocol.Udp;
  return hasPorts && hasPort(ctx, match.port, at);
};

const hasPort = (ctx: PacketContext, port: number, at: number): boolean => {
  const ports = ctx.load(at, Ports);
  return ports !== null && (ports.source === port || ports.destination === port);
};

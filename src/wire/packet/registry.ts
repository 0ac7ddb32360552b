/**
 * The dispatch tables, made from the list of protocols. A new protocol is its file and one line in the list; its numbers
 * stand in its own file.
 */
import { dhcp } from "../protocols/dhcp.ts";
import { dns, dnsOverTcp, multicastDns } from "../protocols/dns.ts";
import { ftp } from "../protocols/ftp.ts";
import { http } from "../protocols/http.ts";
import { rtsp } from "../protocols/rtsp.ts";
import { sip } from "../protocols/sip.ts";
import { smtp } from "../protocols/smtp.ts";
import { tls } from "../protocols/tls.ts";
import { whois } from "../protocols/whois.ts";
import { geneve } from "../protocols/geneve.ts";
import { gue } from "../protocols/gue.ts";
import { vxlan } from "../protocols/vxlan.ts";
import { arp } from "../protocols/arp.ts";
import { gre } from "../protocols/gre.ts";
import { ieee80211, radiotap } from "../protocols/ieee80211.ts";
import { linuxCooked, linuxCooked2 } from "../protocols/linux-cooked.ts";
import { loopback, openBsdLoopback } from "../protocols/loopback.ts";
import { destinationOptions, hopByHop } from "../protocols/ipv6-extension.ts";
import { ethernet } from "../protocols/ethernet.ts";
import { fragment } from "../protocols/fragment.ts";
import { icmp } from "../protocols/icmp.ts";
import { icmpv6 } from "../protocols/icmpv6.ts";
import { ipv4 } from "../protocols/ipv4.ts";
import { ipv6 } from "../protocols/ipv6.ts";
import { payload, trailer } from "../protocols/payload.ts";
import { tcp } from "../protocols/tcp.ts";
import { udp } from "../protocols/udp.ts";
import { vlan } from "../protocols/vlan.ts";
import { igmp } from "../protocols/igmp.ts";
import { esp } from "../protocols/esp.ts";
import { ah } from "../protocols/ah.ts";
import { ospf } from "../protocols/ospf.ts";
import { pim } from "../protocols/pim.ts";
import { dccp } from "../protocols/dccp.ts";
import { eigrp } from "../protocols/eigrp.ts";
import { rsvp } from "../protocols/rsvp.ts";
import { vrrp } from "../protocols/vrrp.ts";
import { sctp } from "../protocols/sctp.ts";
import { mpls } from "../protocols/mpls.ts";
import { pppoeDiscovery, pppoe } from "../protocols/pppoe.ts";
import { ppp, pppControl } from "../protocols/ppp.ts";
import { chap, pap } from "../protocols/ppp-authentication.ts";
import { llc, snap } from "../protocols/llc.ts";
import { cdp } from "../protocols/cdp.ts";
import { stp } from "../protocols/stp.ts";
import { isis } from "../protocols/isis.ts";
import { lldp } from "../protocols/lldp.ts";
import { slowProtocol } from "../protocols/slow-protocols.ts";
import { eapol } from "../protocols/eapol.ts";
import { ntp } from "../protocols/ntp.ts";
import { bfd, bfdEcho, bfdLag, bfdMultihop } from "../protocols/bfd.ts";
import { radius } from "../protocols/radius.ts";
import { snmp } from "../protocols/snmp.ts";
import { isakmp, natTraversal } from "../protocols/isakmp.ts";
import { l2tp } from "../protocols/l2tp.ts";
import { tftp } from "../protocols/tftp.ts";
import { syslog } from "../protocols/syslog.ts";
import { dhcpv6 } from "../protocols/dhcpv6.ts";
import { hsrp } from "../protocols/hsrp.ts";
import { rip } from "../protocols/rip.ts";
import { bgp } from "../protocols/bgp.ts";
import type { KeySpace, LayerInputOf, LayerOf, Protocol } from "./protocol.ts";

export const protocols = [
  ethernet,
  vlan,
  linuxCooked,
  linuxCooked2,
  loopback,
  openBsdLoopback,
  radiotap,
  ieee80211,
  arp,
  ipv4,
  ipv6,
  hopByHop,
  destinationOptions,
  fragment,
  tcp,
  udp,
  gre,
  vxlan,
  geneve,
  gue,
  dns,
  dnsOverTcp,
  multicastDns,
  dhcp,
  http,
  rtsp,
  sip,
  smtp,
  ftp,
  whois,
  tls,
  igmp,
  esp,
  ah,
  ospf,
  pim,
  rsvp,
  eigrp,
  dccp,
  vrrp,
  sctp,
  mpls,
  pppoeDiscovery,
  pppoe,
  ppp,
  pppControl,
  pap,
  chap,
  llc,
  snap,
  stp,
  cdp,
  isis,
  lldp,
  slowProtocol,
  eapol,
  ntp,
  bfd,
  bfdEcho,
  bfdLag,
  bfdMultihop,
  radius,
  snmp,
  isakmp,
  natTraversal,
  l2tp,
  tftp,
  syslog,
  dhcpv6,
  hsrp,
  rip,
  bgp,
  icmp,
  icmpv6,
  payload,
  trailer,
] as const;

/** A decoded layer; `protocol` says which. */
export type Layer = LayerOf<(typeof protocols)[number]>;

/** A layer to encode: a decoded one, or one with only what matters. */
export type LayerInput = LayerInputOf<(typeof protocols)[number]>;

/** The protocol with this number, or undefined. */
export const protocolFor = (space: KeySpace, number: number): Protocol | undefined => tables[space].get(number);

/** The numbers of a space that belong to protocols. */
export const numbersIn = (space: KeySpace): Iterable<number> => tables[space].keys();

/** The protocol with this name, or undefined. */
export const protocolNamed = (name: string): Protocol | undefined => byName.get(name);

/** The number by which other headers announce a protocol in a space, or undefined. */
export const numberOf = (protocol: Protocol, space: KeySpace): number | undefined => numbersOf(protocol, space)[0];

export { payload, trailer };

function numbersOf(protocol: Protocol, space: KeySpace): readonly number[] {
  const numbers = {
    etherType: protocol.etherTypes,
    ipProtocol: protocol.ipProtocols,
    linkType: protocol.linkTypes,
    udpPort: protocol.udpPorts,
    tcpPort: protocol.tcpPorts,
    pppProtocol: protocol.pppProtocols,
    llcSap: protocol.llcSaps,
    ciscoProtocol: protocol.ciscoProtocols,
  };
  return numbers[space] ?? [];
}

const tableOf = (space: KeySpace): ReadonlyMap<number, Protocol> =>
  new Map(
    (protocols as readonly Protocol[]).flatMap((protocol) =>
      numbersOf(protocol, space).map((number) => [number, protocol]),
    ),
  );

const tables = {
  etherType: tableOf("etherType"),
  ipProtocol: tableOf("ipProtocol"),
  linkType: tableOf("linkType"),
  udpPort: tableOf("udpPort"),
  tcpPort: tableOf("tcpPort"),
  pppProtocol: tableOf("pppProtocol"),
  llcSap: tableOf("llcSap"),
  ciscoProtocol: tableOf("ciscoProtocol"),
};

const byName: ReadonlyMap<string, Protocol> = new Map(
  (protocols as readonly Protocol[]).map((protocol) => [protocol.name, protocol]),
);

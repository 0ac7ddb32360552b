import { encodePacket } from "../../../src/wire/packet/encode.ts";
import type { LayerInput } from "../../../src/wire/packet/registry.ts";
import type { Spec } from "../spec.ts";
import { arp, changed, Drop, ethernet, ip6, IP_AT, Pass, payload, tcp4, udp, udp6 } from "./packets.ts";

const TCP = 6;
const UDP = 17;
const NOT_IP = 256;
const MALFORMED = 257;

const tagged = (tags: number): Uint8Array => {
  const vlan: LayerInput = { protocol: "vlan", header: { id: 5 } };
  return encodePacket([ethernet, ...Array.from({ length: tags }, () => vlan), ip6, udp, payload(4)]);
};
const two = tagged(2);
const three = tagged(3);
/** Without the last byte of its IPv4 header. */
const short = tcp4.slice(0, IP_AT + 19);
const badLength = changed(tcp4, IP_AT, 0x44);

export const parseCount: Spec = {
  name: "parse-count",
  program: "parse_count",
  repeat: "parse_count",
  samples: [
    { name: "IPv4, TCP", packet: tcp4, verdict: Pass, counts: { [TCP]: [1, tcp4.length] } },
    { name: "IPv6, UDP", packet: udp6, verdict: Pass, counts: { [UDP]: [1, udp6.length] } },
    { name: "two tags", packet: two, verdict: Pass, counts: { [UDP]: [1, two.length] } },
    { name: "three tags", packet: three, verdict: Pass, counts: { [NOT_IP]: [1, three.length] } },
    { name: "ARP", packet: arp, verdict: Pass, counts: { [NOT_IP]: [1, arp.length] } },
    { name: "cut in IPv4", packet: short, verdict: Drop, counts: { [MALFORMED]: [1, short.length] } },
    { name: "cut in a tag", packet: two.slice(0, 17), verdict: Drop, counts: { [MALFORMED]: [1, 17] } },
    { name: "IHL 4", packet: badLength, verdict: Drop, counts: { [MALFORMED]: [1, badLength.length] } },
  ],
};

import { checksum } from "../../../src/wire/checksum.ts";
import type { Spec } from "../spec.ts";
import { arp, changed, CHECK_AT, Drop, IP_AT, L4_AT, Pass, tcp4, udp6 } from "./packets.ts";

const RIGHT = 0;
const WRONG = 1;
const NOT_IPV4 = 2;
const MALFORMED = 3;

/** With so many words of options and the right checksum. */
const withOptions = (words: number): Uint8Array => {
  const options = Uint8Array.from({ length: words * 4 }, (_, index) => index * 37 + 1);
  const packet = Uint8Array.from([...tcp4.subarray(0, L4_AT), ...options, ...tcp4.subarray(L4_AT)]);
  const bytes = changed(changed(packet, IP_AT, 0x45 + words), CHECK_AT, 0, 0);
  const sum = checksum(bytes, IP_AT, 20 + words * 4);
  return changed(bytes, CHECK_AT, sum >> 8, sum & 255);
};
const three = withOptions(3);
const ten = withOptions(10);
const wrong = changed(three, L4_AT + 11, three[L4_AT + 11]! ^ 1);

export const ipChecksum: Spec = {
  name: "ip-checksum",
  program: "ip_checksum_verify",
  repeat: "ip_checksum_verify",
  samples: [
    { name: "three words of options", packet: three, verdict: Pass, counts: { [RIGHT]: [1] } },
    { name: "none", packet: tcp4, verdict: Pass, counts: { [RIGHT]: [1] } },
    { name: "ten", packet: ten, verdict: Pass, counts: { [RIGHT]: [1] } },
    { name: "a wrong last byte", packet: wrong, verdict: Drop, counts: { [WRONG]: [1] } },
    { name: "a wrong checksum", packet: changed(tcp4, CHECK_AT, 0, 0), verdict: Drop, counts: { [WRONG]: [1] } },
    { name: "options cut", packet: ten.slice(0, IP_AT + 59), verdict: Drop, counts: { [MALFORMED]: [1] } },
    { name: "nothing but the header", packet: ten.slice(0, IP_AT + 60), verdict: Pass, counts: { [RIGHT]: [1] } },
    { name: "IHL 4", packet: changed(tcp4, IP_AT, 0x44), verdict: Drop, counts: { [MALFORMED]: [1] } },
    { name: "cut in IPv4", packet: tcp4.slice(0, IP_AT + 19), verdict: Drop, counts: { [MALFORMED]: [1] } },
    { name: "IPv6", packet: udp6, verdict: Pass, counts: { [NOT_IPV4]: [1] } },
    { name: "ARP", packet: arp, verdict: Pass, counts: { [NOT_IPV4]: [1] } },
  ],
};

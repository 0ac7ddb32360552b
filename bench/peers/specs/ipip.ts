import { addressBytes } from "../../../src/wire/address.ts";
import { checksum } from "../../../src/wire/checksum.ts";
import type { Contestant, Spec } from "../spec.ts";
import {
  arp,
  changed,
  CHECK_AT,
  DESTINATION,
  DESTINATION_PORT,
  Drop,
  FRAGMENT_AT,
  IP_AT,
  L4_AT,
  Pass,
  PROTOCOL_AT,
  SOURCE,
  SOURCE_PORT,
  tcp4,
  TTL_AT,
  Tx,
  udp6,
} from "./packets.ts";

const TUNNELLED = 0;
const NO_FLOW = 1;
const NOT_A_FLOW = 2;
const MALFORMED = 3;
const EXPIRED = 4;

const ports = [SOURCE_PORT >> 8, SOURCE_PORT & 255, DESTINATION_PORT >> 8, DESTINATION_PORT & 255];
const tunnel = {
  source: addressBytes("ipv4", "203.0.113.1"),
  destination: addressBytes("ipv4", "203.0.113.9"),
  sourceMac: [2, 0, 0, 0, 1, 1],
  destinationMac: [2, 0, 0, 0, 1, 2],
};

const prepare = (contestant: Contestant): void => {
  const flows = contestant.map("flows");
  flows.key.set([...addressBytes("ipv4", SOURCE), ...addressBytes("ipv4", DESTINATION), ...ports, 6, 0, 0, 0]);
  flows.value.set([...tunnel.source, ...tunnel.destination, ...tunnel.sourceMac, ...tunnel.destinationMac]);
  flows.update(0);
};

/** An IPv4 header's checksum made right. */
const sealed = (packet: Uint8Array, at = IP_AT): Uint8Array => {
  const bytes = changed(packet, at + 10, 0, 0);
  const sum = checksum(bytes, at, (bytes[at]! & 15) * 4);
  return changed(bytes, at + 10, sum >> 8, sum & 255);
};

/** The packet in its tunnel. */
const tunnelled = (packet: Uint8Array): Uint8Array => {
  const inner = sealed(changed(packet, TTL_AT, packet[TTL_AT]! - 1)).subarray(IP_AT);
  const length = inner.length + 20;
  const outer = [0x45, inner[1]!, length >> 8, length & 255, 0, 0, 0x40, 0, 64, 4, 0, 0];
  const macs = [...tunnel.destinationMac, ...tunnel.sourceMac];
  return sealed(Uint8Array.from([...macs, 8, 0, ...outer, ...tunnel.source, ...tunnel.destination, ...inner]));
};

const congested = sealed(changed(tcp4, IP_AT + 1, 0xb9));
/** One word of options: the header, and with it the ports, are 4 bytes longer. */
const withOptions = sealed(
  Uint8Array.from([...tcp4.subarray(0, L4_AT), 1, 1, 1, 0, ...tcp4.subarray(L4_AT)]).map((byte, at) =>
    at === IP_AT ? 0x46 : at === IP_AT + 3 ? byte + 4 : byte,
  ),
);
const lastHop = sealed(changed(tcp4, TTL_AT, 1));
const otherFlow = changed(tcp4, L4_AT, 1, 2);
const bytes = tcp4.length;

export const ipip: Spec = {
  name: "ipip",
  program: "ipip",
  repeat: "ipip_repeat",
  prepare,
  samples: [
    { name: "a flow", packet: tcp4, verdict: Tx, after: tunnelled(tcp4), counts: { [TUNNELLED]: [1, bytes] } },
    {
      name: "DSCP, ECN",
      packet: congested,
      verdict: Tx,
      after: tunnelled(congested),
      counts: { [TUNNELLED]: [1, bytes] },
    },
    {
      name: "options",
      packet: withOptions,
      verdict: Tx,
      after: tunnelled(withOptions),
      counts: { [TUNNELLED]: [1, bytes + 4] },
    },
    {
      name: "TTL 2",
      packet: sealed(changed(tcp4, TTL_AT, 2)),
      verdict: Tx,
      after: tunnelled(sealed(changed(tcp4, TTL_AT, 2))),
      counts: { [TUNNELLED]: [1, bytes] },
    },
    { name: "TTL 1", packet: lastHop, verdict: Drop, counts: { [EXPIRED]: [1, bytes] } },
    { name: "another flow", packet: otherFlow, verdict: Pass, counts: { [NO_FLOW]: [1, bytes] } },
    {
      name: "a first fragment",
      packet: changed(tcp4, FRAGMENT_AT, 0x20),
      verdict: Pass,
      counts: { [NOT_A_FLOW]: [1, bytes] },
    },
    {
      name: "a later fragment",
      packet: changed(tcp4, FRAGMENT_AT, 0, 3),
      verdict: Pass,
      counts: { [NOT_A_FLOW]: [1, bytes] },
    },
    { name: "ICMP", packet: changed(tcp4, PROTOCOL_AT, 1), verdict: Pass, counts: { [NOT_A_FLOW]: [1, bytes] } },
    { name: "IPv6", packet: udp6, verdict: Pass, counts: { [NOT_A_FLOW]: [1, udp6.length] } },
    { name: "ARP", packet: arp, verdict: Pass, counts: { [NOT_A_FLOW]: [1, arp.length] } },
    { name: "IHL 4", packet: changed(tcp4, IP_AT, 0x44), verdict: Drop, counts: { [MALFORMED]: [1, bytes] } },
    {
      name: "cut in the ports",
      packet: tcp4.slice(0, L4_AT + 3),
      verdict: Drop,
      counts: { [MALFORMED]: [1, L4_AT + 3] },
    },
    { name: "cut in IPv4", packet: tcp4.slice(0, CHECK_AT), verdict: Drop, counts: { [MALFORMED]: [1, CHECK_AT] } },
  ],
};

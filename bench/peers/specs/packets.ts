/** Parts that sample packets are put together from. */
import { Xdp } from "../../../src/kernel/context.ts";
import { ipv4, ipv6, mac } from "../../../src/wire/address.ts";
import type { LayerInput } from "../../../src/wire/packet/registry.ts";
import { encodePacket } from "../../../src/wire/packet/encode.ts";

export const { Drop, Pass, Tx } = Xdp;

/** The Ethernet header of `c/sample.h`. */
export const ethernet: LayerInput = {
  protocol: "ethernet",
  header: { destination: mac("02:00:00:00:00:02"), source: mac("02:00:00:00:00:01") },
};

export const SOURCE = ipv4("192.0.2.7");
export const DESTINATION = ipv4("198.51.100.10");
export const SOURCE6 = ipv6("2001:db8::7");
export const DESTINATION6 = ipv6("2001:db8:1::10");
export const SOURCE_PORT = 40001;
export const DESTINATION_PORT = 443;

export const ip4: LayerInput = { protocol: "ipv4", header: { source: SOURCE, destination: DESTINATION, ttl: 64 } };
export const ip6: LayerInput = {
  protocol: "ipv6",
  header: { source: SOURCE6, destination: DESTINATION6, hopLimit: 64 },
};
export const tcp: LayerInput = {
  protocol: "tcp",
  header: { sourcePort: SOURCE_PORT, destinationPort: DESTINATION_PORT, sequence: 1, ack: 2, window: 512 },
};
export const udp: LayerInput = {
  protocol: "udp",
  header: { sourcePort: SOURCE_PORT, destinationPort: DESTINATION_PORT },
};
export const payload = (bytes: number): LayerInput => ({
  protocol: "payload",
  bytes: Uint8Array.from({ length: bytes }, (_, index) => index),
});

/** 86 bytes: a small segment. */
export const tcp4 = encodePacket([ethernet, ip4, tcp, payload(32)]);
export const udp6 = encodePacket([ethernet, ip6, udp, payload(32)]);
export const arp = Uint8Array.from([...tcp4.subarray(0, 12), 0x08, 0x06, ...new Uint8Array(28)]);

/** `packet` with other bytes from `offset` on. */
export const changed = (packet: Uint8Array, offset: number, ...bytes: readonly number[]): Uint8Array => {
  const copy = Uint8Array.from(packet);
  copy.set(bytes, offset);
  return copy;
};

/** Offsets in frames over IPv4. */
export const IP_AT = 14;
export const FRAGMENT_AT = IP_AT + 6;
export const TTL_AT = IP_AT + 8;
export const PROTOCOL_AT = IP_AT + 9;
export const CHECK_AT = IP_AT + 10;
export const L4_AT = IP_AT + 20;

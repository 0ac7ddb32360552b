/** IPv4 packets with and without marks. */
import { ipv4, mac } from "../../../wire/address.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import type { LayerInput } from "../../../wire/packet/registry.ts";
import type { Ipv4Option } from "../../../wire/protocols/ipv4-options.ts";

export const MTU = 1500;
export const CPU = 3;

export const ethernet: LayerInput = {
  protocol: "ethernet",
  header: { source: mac("02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02") },
};
const addresses = { source: ipv4("10.0.0.2"), destination: ipv4("10.0.0.3") };
export const udp: LayerInput = { protocol: "udp", header: { sourcePort: 7, destinationPort: 9 } };
export const tcp: LayerInput = { protocol: "tcp", header: { sourcePort: 40_000, destinationPort: 80 } };
const echo: LayerInput = { protocol: "icmp", header: { type: 0 }, body: { identifier: 9, sequence: 1 } };
export const data = (length: number): LayerInput => ({
  protocol: "payload",
  bytes: new Uint8Array(length).fill(0x5a),
});
export const noOperations = (count: number): Ipv4Option[] =>
  Array.from({ length: count }, () => ({ kind: "single", type: 1 }) as const);

export type Ip = Extract<LayerInput, { protocol: "ipv4" }>;

/** An IPv4 packet; with CPU 3's mark of that number when `seq` is given. */
export const packet = (ip: Partial<Ip>, above: readonly LayerInput[], seq?: bigint): Uint8Array => {
  const mark: Ipv4Option[] = seq === undefined ? [] : [{ kind: "pval", reserved: 0, cpu: CPU, seq }];
  const own: Ip = {
    protocol: "ipv4",
    header: { ...addresses, identification: 7, ...ip.header },
    options: [...mark, ...(ip.options ?? [])],
  };
  return encodePacket([ethernet, own, ...above]);
};

export const plain = (): Uint8Array => packet({}, [udp, data(40)]);

/** Packets that can be marked. */
export const markable: readonly (readonly [name: string, ip: Partial<Ip>, above: readonly LayerInput[]])[] = [
  ["an echo reply", {}, [echo, data(56)]],
  ["UDP", {}, [udp, data(3)]],
  ["TCP", {}, [tcp, data(100)]],
  ["an empty UDP datagram", {}, [udp]],
  ["the longest that fits", {}, [udp, data(MTU - 20 - 8 - 12)]],
  ["a packet with options", { options: noOperations(4) }, [udp, data(8)]],
  ["options up to 48 bytes of header", { options: noOperations(28) }, [udp, data(8)]],
  ["a first fragment", { header: { moreFragments: 1 } }, [udp, data(24)]],
  ["a later fragment", { header: { fragmentOffset: 4, protocol: 17 } }, [data(24)]],
  ["all fields set", { header: { dscp: 46, ecn: 3, dontFragment: 1, ttl: 1, identification: 0xffff } }, [udp]],
];

/** The packet behind a VLAN tag. */
export const behindTags = (bytes: Uint8Array, ...tags: readonly (readonly [protocol: number, tci: number])[]) => {
  const words = tags.flatMap((tag) => tag).flatMap((word) => [word >> 8, word & 0xff]);
  return Uint8Array.from([...bytes.subarray(0, 12), ...words, ...bytes.subarray(12)]);
};

/** A capture of web-like traffic: TCP conversations of many clients, some UDP and pings, over IPv4 and IPv6. */
import { encodePacket, ipv4, ipv6, type LayerInput } from "../../src/wire/index.ts";

const FILE_HEADER = 24;
const PACKET_HEADER = 16;
const KINDS = 8;

/** A pcap file of `packets` packets from `clients` addresses of one /16. */
export const decodeCapture = (packets: number, clients: number): Uint8Array => {
  const samples = Array.from({ length: KINDS }, (_, kind) => sample(kind));
  const mean = samples.reduce((sum, { length }) => sum + length, 0) / KINDS;
  const bytes = new Uint8Array(FILE_HEADER + Math.ceil((packets + KINDS) * (PACKET_HEADER + mean)));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 0x40000, true);
  view.setUint32(20, 1, true);
  let at = FILE_HEADER;
  for (let index = 0; index < packets; index++) {
    const own = samples[index % KINDS]!;
    view.setUint32(at, 1_700_000_000 + Math.floor(index / 10_000), true);
    view.setUint32(at + 4, (index % 10_000) * 100, true);
    view.setUint32(at + 8, own.length, true);
    view.setUint32(at + 12, own.length, true);
    at += PACKET_HEADER;
    bytes.set(own, at);
    // A multiplier that is prime to every power of two, so that neighbours are far apart.
    const client = (Math.floor(index / KINDS) * 40503) % clients;
    const host = own[12] === 8 ? at + 14 + 14 : at + 14 + 22;
    view.setUint16(host, client);
    if (own[23] === 6 && own[12] === 8) view.setUint32(at + 14 + 24, Math.floor(index / clients) * 1000);
    at += own.length;
  }
  return bytes.subarray(0, at);
};

/** Of eight packets, five are TCP, two UDP, one a ping. The client is the source. */
const sample = (kind: number): Uint8Array => {
  const four: LayerInput = { protocol: "ipv4", header: { source: ipv4("10.1.0.0"), destination: ipv4("192.0.2.80") } };
  const six: LayerInput = {
    protocol: "ipv6",
    header: { source: ipv6("2001:db8::"), destination: ipv6("2001:db8:1::80") },
  };
  const timestamps = [{ kind: "single", type: 1 }, { kind: "single", type: 1 }, { kind: "timestamps", value: 77_000, echo: 66_000 }] as const; // prettier-ignore
  const tcp: LayerInput = {
    protocol: "tcp",
    header: { sourcePort: 40_000 + kind, destinationPort: 443, acknowledgment: 5000, ack: 1, window: 502 },
    options: [...timestamps],
  };
  const udp: LayerInput = { protocol: "udp", header: { sourcePort: 40_000, destinationPort: 4433 } };
  const data: LayerInput = { protocol: "payload", bytes: new Uint8Array(kind % 2 === 0 ? 0 : 200) };
  const ethernet: LayerInput = { protocol: "ethernet" };
  if (kind < 4) return encodePacket([ethernet, four, tcp, data]);
  if (kind === 4) return encodePacket([ethernet, six, tcp, data]);
  if (kind === 5) return encodePacket([ethernet, four, udp, data]);
  if (kind === 6) return encodePacket([ethernet, six, udp, data]);
  return encodePacket([
    ethernet,
    four,
    { protocol: "icmp", header: { type: 8 }, body: { identifier: 1, sequence: 2 } },
    data,
  ]);
};

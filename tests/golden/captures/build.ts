/** What the golden captures are made of. */
import { encodePacket, fromHex, ipv4, ipv6, mac, type LayerInput } from "../../../src/wire/index.ts";

export interface GoldenCapture {
  readonly name: string;
  /** Ethernet when left out. */
  readonly linkType?: number;
  readonly packets: readonly Uint8Array[];
  /** Of each packet, at most so many bytes are captured. */
  readonly snapLength?: number;
}

export const capture = (
  name: string,
  packets: readonly Uint8Array[],
  options: Omit<GoldenCapture, "name" | "packets"> = {},
): GoldenCapture => ({ name, packets, ...options });

/** Layers to bytes, whatever they start with. */
export const packet = (...layers: readonly LayerInput[]): Uint8Array => encodePacket(layers);

/** An Ethernet frame. */
export const frame = (...layers: readonly LayerInput[]): Uint8Array => encodePacket([ethernet, ...layers]);

export const ethernet: LayerInput = {
  protocol: "ethernet",
  header: { source: mac("2e:fe:7c:b0:c7:72"), destination: mac("2e:fe:7c:b0:c7:73") },
};
export const left = ipv4("10.0.0.2");
export const right = ipv4("10.0.0.3");
export const four: LayerInput = {
  protocol: "ipv4",
  header: { source: left, destination: right, dontFragment: 1, identification: 7 },
};
export const back: LayerInput = { protocol: "ipv4", header: { source: right, destination: left, ttl: 3 } };
export const athos = ipv6("2001:db8::1");
export const aramis = ipv6("2001:db8:0:1::2");
export const six: LayerInput = { protocol: "ipv6", header: { source: athos, destination: aramis } };
export const six2: LayerInput = { protocol: "ipv6", header: { source: aramis, destination: athos, hopLimit: 255 } };

export const payload = (length: number): LayerInput => ({
  protocol: "payload",
  bytes: Uint8Array.from({ length }, (_, index) => index + 60),
});
export const raw = (hex: string): LayerInput => ({ protocol: "payload", bytes: fromHex(hex) });
export const text = (words: string): LayerInput => ({ protocol: "payload", bytes: new TextEncoder().encode(words) });

export const udp = (sourcePort = 40001, destinationPort = 40002): LayerInput => ({
  protocol: "udp",
  header: { sourcePort, destinationPort },
});

/** A segment from 40000 to 5201; flags by their letters. */
export const tcp = (
  flags: string,
  sequence: number,
  acknowledgment: number,
  more: Partial<Extract<LayerInput, { protocol: "tcp" }>> = {},
): Extract<LayerInput, { protocol: "tcp" }> => ({
  protocol: "tcp",
  ...more,
  header: {
    sourcePort: 40000,
    destinationPort: 5201,
    sequence,
    acknowledgment,
    window: 502,
    syn: flags.includes("S") ? 1 : 0,
    ack: flags.includes("A") ? 1 : 0,
    fin: flags.includes("F") ? 1 : 0,
    psh: flags.includes("P") ? 1 : 0,
    rst: flags.includes("R") ? 1 : 0,
    urg: flags.includes("U") ? 1 : 0,
    ece: flags.includes("E") ? 1 : 0,
    cwr: flags.includes("C") ? 1 : 0,
    ...more.header,
  },
});
/** The other way. */
export const reply = (flags: string, sequence: number, acknowledgment: number): LayerInput =>
  tcp(flags, sequence, acknowledgment, { header: { sourcePort: 5201, destinationPort: 40000 } });

export const echo = (type: number, sequence: number): LayerInput => ({
  protocol: "icmp",
  header: { type },
  body: { identifier: 9, sequence },
});
export const echo6 = (type: number, sequence: number): LayerInput => ({
  protocol: "icmpv6",
  header: { type },
  body: { identifier: 9, sequence },
});

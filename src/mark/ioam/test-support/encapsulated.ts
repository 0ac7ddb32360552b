/** Packets as an encapsulating node should make them, by the wire's own encoder. */
import { ipv6, mac } from "../../../wire/address.ts";
import { nodeLengthOf, traceTypeBit } from "../../../wire/ioam/fields.ts";
import type { IoamHop } from "../../../wire/ioam/trace.ts";
import type { MacAddress, TypeOf } from "../../../wire/layout.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import type { LayerInput } from "../../../wire/packet/registry.ts";
import type { Ipv6 } from "../../../wire/headers/ipv6.ts";
import type { EncapRule, EncapTunnel } from "../encap/rule.ts";
import type { IoamNamespace } from "../node.ts";
import { complete } from "./complement.ts";
import { HOP_BY_HOP_AT } from "../conformance/frames.ts";
import { clock, device, MICROSECONDS, node, SECONDS } from "./nodes.ts";

const ethernet = {
  protocol: "ethernet",
  header: { source: mac("2e:fe:7c:b0:c7:72"), destination: mac("2e:fe:7c:b0:c7:73") },
} as const;
const ip = { source: ipv6("db01::1"), destination: ipv6("db02::2"), hopLimit: 64 } as const;
const tcp = [
  { protocol: "tcp", header: { sourcePort: 40001, destinationPort: 5201, sequence: 1, ack: 1, window: 502 } },
  { protocol: "payload", bytes: Uint8Array.from({ length: 33 }, (_, index) => index) },
] as const;
/** A packet as it comes to the encapsulating node's egress. */
export const plain = encodePacket([ethernet, { protocol: "ipv6", header: ip }, ...tcp]);

/** All that an encapsulating node knows of itself, by the wire's names. */
const ownHop = (namespace: IoamNamespace): IoamHop => ({
  nodeId: node.id,
  hopLimit: 64,
  ingressId: null,
  egressId: device.id,
  timestampNs: String((BigInt(SECONDS) * 1_000_000n + BigInt(MICROSECONDS)) * 1000n),
  timestampSeconds: SECONDS,
  timestampFraction: MICROSECONDS,
  transitDelayNs: null,
  namespaceData: `0x${namespace.data.toString(16).padStart(8, "0")}`,
  queueDepth: clock.egressBacklog,
  checksumComplement: null,
  nodeIdWide: String(node.idWide),
  ingressIdWide: null,
  egressIdWide: device.idWide,
  namespaceDataWide: `0x${namespace.dataWide.toString(16).padStart(16, "0")}`,
  bufferOccupancy: null,
  ...(namespace.schema !== null && {
    opaqueState: {
      schemaId: namespace.schema.id,
      length: namespace.schema.words.length,
      data: `0x${namespace.schema.words.map((word) => word.toString(16).padStart(8, "0")).join("")}`,
    },
  }),
});

/** The packet in mode inline, as the wire's own encoder makes it. */
export const inlinePacket = (rule: EncapRule): Uint8Array =>
  traced(rule, ownHop(rule.namespace), ethernet.header, ip, tcp);

interface Macs {
  readonly source: MacAddress;
  readonly destination: MacAddress;
}

export interface TunnelledPacket {
  /** What the node writes of the interface the packet leaves by, where it is not the rule's. */
  readonly egress?: Partial<IoamHop>;
  readonly macs?: Macs;
  /** Inner IPv6 header, where it is not {@link plain}'s. */
  readonly inner?: Readonly<Partial<TypeOf<typeof Ipv6>>>;
  /** What follows it. */
  readonly payload?: readonly LayerInput[];
}

/** The packet in mode encap. */
export const tunnelPacket = (rule: EncapRule, tunnel: EncapTunnel, options: TunnelledPacket = {}): Uint8Array => {
  const inner = { ...ip, ...options.inner };
  const { source, destination } = tunnel;
  const hop = { ...ownHop(rule.namespace), hopLimit: inner.hopLimit, ...options.egress };
  return traced(rule, hop, options.macs ?? ethernet.header, { ...inner, source, destination }, [
    { protocol: "ipv6", header: inner },
    ...(options.payload ?? tcp),
  ]);
};

const traced = (
  { traceType, namespace, size }: EncapRule,
  hop: IoamHop,
  macs: Macs,
  ipv6Header: Readonly<Partial<TypeOf<typeof Ipv6>>>,
  contents: readonly LayerInput[],
): Uint8Array => {
  const opaque = (traceType & traceTypeBit(22)) === 0 ? 0 : 1 + (namespace.schema?.words.length ?? 0);
  const words = nodeLengthOf(traceType) + opaque;
  const fits = words <= size / 4;
  const trace = {
    namespaceId: namespace.id,
    traceType,
    nodeLength: nodeLengthOf(traceType),
    size,
    flags: { overflow: !fits, loopback: false, active: false },
    hops: fits ? [hop] : [],
    remainingWords: size / 4 - (fits ? words : 0),
  };
  const packet = encodePacket([
    { protocol: "ethernet", header: macs },
    { protocol: "ipv6", header: ipv6Header },
    { protocol: "hop-by-hop", options: [{ kind: "ioam", ioamType: 0, reserved: 0, trace }] },
    ...contents,
  ]);
  if (fits) complete(packet.subarray(HOP_BY_HOP_AT + 16 + size - words * 4).subarray(0, words * 4), traceType);
  return packet;
};

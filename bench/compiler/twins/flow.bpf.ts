/** What several twins share: finding a flow in a packet, hashing it, counting what became of it. */
import type { XdpContext } from "../../../src/kernel/context.ts";
import type { PerCpuArrayMap } from "../../../src/kernel/maps.ts";
import { be16, header, u32, u64, type Layout, type TypeOf } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { Ipv4 } from "../../../src/wire/headers/ipv4.ts";

/** The ports of TCP and UDP, as numbers and as they lie in memory. */
export const Ports = header("ports", "RFC 9293, section 3.1", { source: be16, destination: be16 });
export const BothPorts = header("ports", "RFC 9293, section 3.1", { both: u32 });
/** The addresses of IPv4, as they lie in memory: the source is the low half. */
const Addresses = header("addresses", "RFC 791, section 3.1", { both: u64 });
const ADDRESSES_AT = 12;

/** What to answer for packets without a flow. */
export interface NoFlow {
  readonly malformed: number;
  readonly notAFlow: number;
}

/** Shows `use` the IPv4 header and the ports, if the packet is one of a flow. */
export const ipv4Flow = <P>(
  ctx: XdpContext,
  layout: Layout<P>,
  { malformed, notAFlow }: NoFlow,
  use: (ip: TypeOf<typeof Ipv4>, ports: P) => number,
): number => {
  const ip = ctx.packet.at(Ipv4, Ethernet.size);
  if (ip === null || ip.headerLength < 5) return malformed;
  if (ip.protocol !== IpProtocol.Tcp && ip.protocol !== IpProtocol.Udp) return notAFlow;
  if (ip.moreFragments !== 0 || ip.fragmentOffset !== 0) return notAFlow;
  const ports = ctx.packet.at(layout, Ethernet.size + ip.headerLength * 4);
  return ports === null ? malformed : use(ip, ports);
};

/** The same for a frame of any EtherType. */
export const flowIn = <P>(
  ctx: XdpContext,
  layout: Layout<P>,
  otherwise: NoFlow,
  use: (ip: TypeOf<typeof Ipv4>, ports: P) => number,
): number => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null) return otherwise.malformed;
  return ethernet.etherType === EtherType.Ipv4 ? ipv4Flow(ctx, layout, otherwise, use) : otherwise.notAFlow;
};

export const HASH_SEED = 0x243f6a8885a308d3n;
const HASH_MULTIPLIER = 0x9e3779b97f4a7c15n;

export const mix = (hash: bigint, value: bigint): bigint => {
  const product = BigInt.asUintN(64, (hash ^ value) * HASH_MULTIPLIER);
  return product ^ (product >> 32n);
};

export const mixPorts = (hash: bigint, ports: number, protocol: number): bigint =>
  mix(hash, BigInt(ports) | (BigInt(protocol) << 32n));

/** Shows `use` the hash of an IPv4 flow. */
export const withHash = (
  ctx: XdpContext,
  ip: TypeOf<typeof Ipv4>,
  ports: TypeOf<typeof BothPorts>,
  { malformed }: NoFlow,
  use: (hash: bigint) => number,
): number => {
  const addresses = ctx.packet.at(Addresses, Ethernet.size + ADDRESSES_AT);
  if (addresses === null) return malformed;
  return use(mixPorts(mix(HASH_SEED, addresses.both), ports.both, ip.protocol));
};

export const count = (counters: PerCpuArrayMap<{ value: bigint }>, outcome: number): void => {
  const counter = counters.lookup(outcome);
  if (counter !== null) counter.value += 1n;
};

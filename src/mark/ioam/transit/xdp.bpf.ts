/**
 * A node between the ends, at XDP: fills the trace in place and sends the frame out of the next interface, past the
 * kernel's stack. The way is the kernel's (`bpf_fib_lookup`), or that of a next-hop table while its keeper vouches for it. What
 * cannot be forwarded here goes on to the stack, filled.
 */
import { Xdp, type XdpContext } from "../../../kernel/context.ts";
import { taiNs } from "../../../kernel/helpers.ts";
import { xdp, type Program } from "../../../kernel/program.ts";
import { be16, be64, header, u8, type MacAddress, type TypeOf } from "../../../wire/layout.ts";
import { EtherType, IpProtocol } from "../../../wire/numbers.ts";
import { IoamOption } from "../../../wire/ioam/header.ts";
import { Ethernet } from "../../../wire/headers/ethernet.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { count } from "../../feature/count.bpf.ts";
import { isDirectExport } from "../export/option.bpf.ts";
import { fillTrace } from "../fill/fill.bpf.ts";
import { hopByHopBytes, OUT_OF_REACH, visitIoamOptions } from "../fill/option.bpf.ts";
import { fillUsual, NOT_USUAL } from "../fill/usual.bpf.ts";
import { FIRST_DROPPED, Outcome } from "../outcome.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { transitCounters, type TransitConfig } from "./transit.bpf.ts";
import {
  egressInterfaces,
  FILLED,
  hops,
  leaseFrom,
  leaseUntil,
  NEAR_MASK,
  nearEgress,
  nextHops,
  Takes,
  Way,
  wayCounters,
  type Hop,
} from "./xdp-maps.ts";

export interface XdpTransitConfig extends TransitConfig {
  /** The device's: frames to other stations are left alone. */
  readonly mac: MacAddress;
  /** Whether there is a next-hop table. */
  readonly table: boolean;
  /** Whether frames may lie in several buffers. */
  readonly frags: boolean;
  /** Whether the stack has to see packets that ask for reports (Direct Export). */
  readonly exports?: boolean;
}

const NETWORK = 14;
const IPV6_BYTES = 40;
/** The shortest Hop-by-Hop header. */
const HOP_BY_HOP_BYTES = 8;
const ALL_ONES_16 = 0xffff;
const ALL_ONES_32 = 0xffff_ffff;

/** The first 16 bits of an address, which say its kind; the first 64, which are 0 in ::1 and ::. */
const Kinds = header("addresses", "RFC 8200, section 3", {
  before: be64,
  sourceHigh: be64,
  sourceLow: be64,
  destinationKind: be16,
});
/** fe80::/10 and ff00::/8, with what lies between and routers do not forward either (fec0::/10). */
const FIRST_LOCAL = 0xfe80;
const FIRST_LOCAL_HIGH = 0xfe80_0000_0000_0000n;

const OneByte = header("byte", "", { value: u8 });

/** How long a neighbour may go without the stack having a packet for it. */
const CONFIRM_EVERY_NS = 1_000_000_000n;

export const transitXdp = (config: XdpTransitConfig): Program<"xdp"> =>
  xdp((ctx) => forwardTraced(ctx, config), { name: "ioam_xdp", frags: config.frags });

export const forwardTraced = (ctx: XdpContext, config: XdpTransitConfig): number => {
  const { node, device } = config;
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null || ethernet.etherType !== EtherType.Ipv6) return Xdp.Pass;
  const bytes = hopByHopBytes(ctx, NETWORK, null);
  // First by this number, which is a constant where there is no header to work on: then nobody else asks.
  if (bytes < HOP_BY_HOP_BYTES) {
    if (bytes === 0) return Xdp.Pass;
    const elsewhere = ethernet.destination !== config.mac;
    if (elsewhere || bytes === OUT_OF_REACH) {
      count(wayCounters, elsewhere ? Way.OtherStation : Way.OutOfReach);
      return Xdp.Pass;
    }
    count(transitCounters, Outcome.Truncated);
    return Xdp.Drop;
  }
  if (ethernet.destination !== config.mac) {
    count(wayCounters, Way.OtherStation);
    return Xdp.Pass;
  }
  const hop = hops.lookup(0);
  if (hop === null) return Xdp.Pass;
  const tai = taiNs();
  findWay(ctx, config, hop, tai);
  const start = NETWORK + IPV6_BYTES;
  const nowNs = BigInt.asUintN(64, tai - taiOffset.value);
  const arrivalTime = (): bigint => nowNs;
  if (fillUsual(ctx, node, device, bytes, arrivalTime, hop) !== NOT_USUAL) {
    return send(ctx, config, hop, true, FILLED);
  }
  // Flags, not the last outcome: the verifier walks the loop once for each value that they can have.
  let seen = false;
  let dropped = false;
  hop.options = 0;
  const padding = visitIoamOptions(ctx, start, bytes, (at) => {
    const outcome = fillTrace(ctx, node, device, at, start + bytes, arrivalTime, hop);
    count(transitCounters, outcome);
    seen = true;
    if (outcome >= FIRST_DROPPED) {
      dropped = true;
      return false;
    }
    const option = ctx.packet.at(IoamOption, at);
    // Not among the known options: the stack, which has a queue to tell of, forwards what asks for reports.
    if (config.exports === true && outcome === Outcome.NotATrace && isDirectExport(ctx, at)) return true;
    if (option !== null) hop.options = (hop.options + 2 + option.length) & 0xfff;
    return true;
  });
  if (dropped) return Xdp.Drop;
  if (!seen) count(transitCounters, Outcome.NoOption);
  return send(ctx, config, hop, padding + hop.options === bytes, 0);
};

/** Finds out where the packet goes, and notes it in `hop`. */
export const findWay = (ctx: XdpContext, config: XdpTransitConfig, hop: TypeOf<typeof Hop>, tai: bigint): void => {
  hop.id = ALL_ONES_16;
  hop.idWide = ALL_ONES_32;
  const ip = ctx.packet.at(Ipv6, NETWORK);
  const kinds = ctx.packet.at(Kinds, NETWORK);
  if (ip === null || kinds === null) {
    hop.way = Way.Malformed;
    return;
  }
  const length = IPV6_BYTES + ip.payloadLength;
  if (ip.version !== 6 || ip.payloadLength === 0 || NETWORK + length > ctx.packet.length) {
    hop.way = Way.Malformed;
    return;
  }
  if (ip.hopLimit <= 1) {
    hop.way = Way.HopLimit;
    return;
  }
  const { sourceHigh } = kinds;
  if (kinds.destinationKind >= FIRST_LOCAL || sourceHigh >= FIRST_LOCAL_HIGH || sourceHigh === 0n) {
    hop.way = Way.Address;
    return;
  }
  if (config.table && tai >= leaseFrom.value && tai < leaseUntil.value) {
    const next = nextHops.lookup({ prefixLength: 128, address: ip.destination });
    if (next !== null && next.ifindex !== 0) {
      hop.way = length > next.mtu ? Way.TooBig : Way.ByTable;
      hop.ifindex = next.ifindex;
      hop.takes = next.takes;
      hop.id = next.id;
      hop.idWide = next.idWide;
      hop.sourceMac = next.sourceMac;
      hop.destinationMac = next.destinationMac;
      return;
    }
  }
  const route = ctx.fibLookup({
    source: ip.source,
    destination: ip.destination,
    length,
    flowInfo: ip.trafficClass * 0x10_0000 + ip.flowLabel,
    protocol: IpProtocol.HopByHop,
  });
  const { code } = route;
  if (code !== 0) {
    hop.way = code > 0 && code < Way.LookupFailed - Way.Forwarded ? code + Way.Forwarded : Way.LookupFailed;
    return;
  }
  hop.ifindex = route.ifindex;
  hop.sourceMac = route.sourceMac;
  hop.destinationMac = route.destinationMac;
  const near = nearEgress.lookup(route.ifindex & NEAR_MASK);
  if (near !== null && near.ifindex === route.ifindex) {
    leaveBy(hop, near, tai);
    return;
  }
  const out = egressInterfaces.lookup({ ifindex: route.ifindex });
  if (out === null) hop.way = Way.NoRedirect;
  else leaveBy(hop, out, tai);
};

interface Out {
  readonly id: number;
  readonly idWide: number;
  readonly takes: number;
  confirmedAt: bigint;
}

const leaveBy = (hop: TypeOf<typeof Hop>, out: Out, tai: bigint): void => {
  hop.way = Way.Forwarded;
  hop.takes = out.takes;
  hop.id = out.id;
  hop.idWide = out.idWide;
  // The kernel holds a neighbour for good that nobody uses, and forwarding here does not count as use.
  if (BigInt.asUintN(64, tai - out.confirmedAt) < CONFIRM_EVERY_NS) return;
  out.confirmedAt = tai;
  hop.way = Way.Confirming;
};

/** Carries out what was found, and counts it: `counted` is 0, or {@link FILLED} for what is not counted as filled yet. */
export const send = (
  ctx: XdpContext,
  { frags }: XdpTransitConfig,
  hop: TypeOf<typeof Hop>,
  simple: boolean,
  counted: number,
): number => {
  let way = hop.way;
  if (way <= Way.Forwarded) {
    if (!simple) way = Way.OtherOptions;
    else if (hop.takes === Takes.Nothing) way = Way.NoRedirect;
    else if (frags && hop.takes === Takes.OneBuffer && hasFrags(ctx)) way = Way.NoRedirect;
  }
  count(wayCounters, way + counted);
  if (way > Way.Forwarded) return Xdp.Pass;
  const ethernet = ctx.packet.at(Ethernet, 0);
  const ip = ctx.packet.at(Ipv6, NETWORK);
  if (ethernet === null || ip === null) return Xdp.Drop;
  ethernet.destination = hop.destinationMac;
  ethernet.source = hop.sourceMac;
  ip.hopLimit = (ip.hopLimit - 1) & 0xff;
  return ctx.redirect(hop.ifindex);
};

const hasFrags = (ctx: XdpContext): boolean => {
  const { length } = ctx.packet;
  return length < 1 || length > 0xffff || ctx.packet.at(OneByte, length - 1) === null;
};

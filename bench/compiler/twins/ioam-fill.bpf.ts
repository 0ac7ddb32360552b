/**
 * A transit node of IOAM: adds its entry to the pre-allocated trace of an IPv6 packet (RFC 9197, RFC 9486), under the rules
 * of the Linux kernel.
 */
import { Xdp, type XdpContext } from "../../../src/kernel/context.ts";
import { taiNs } from "../../../src/kernel/helpers.ts";
import { perCpuArrayMap, variable } from "../../../src/kernel/maps.ts";
import { xdp } from "../../../src/kernel/program.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../src/wire/ioam/header.ts";
import { be16, be24, be32, be56, be64, header, u64, u8, type Layout } from "../../../src/wire/layout.ts";
import { EtherType, IpProtocol } from "../../../src/wire/numbers.ts";
import { Ethernet } from "../../../src/wire/headers/ethernet.ts";
import { HopByHop } from "../../../src/wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType, OptionHeader } from "../../../src/wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../src/wire/headers/ipv6.ts";
import { count } from "./flow.bpf.ts";
import type { Twin } from "./twin.ts";

const Outcome = {
  Filled: 0,
  NotIoam: 1,
  NotForUs: 2,
  OverflowSet: 3,
  NoRoom: 4,
  Misaligned: 5,
  Truncated: 6,
  WrongNodeLength: 7,
} as const;

/** This node. */
const NAMESPACE = 123;
const NODE_ID = 0x0a0b0c;
const NODE_ID_WIDE = 0x1a1b1c1d1e1f20n;
const INGRESS = 0x2122;
const INGRESS_WIDE = 0x31323334;
const NAMESPACE_DATA = 0xdeadbeef;
const NAMESPACE_DATA_WIDE = 0xdeadbeefcafedecan;
const UNAVAILABLE = 0xffff_ffff;
const UNAVAILABLE_16 = 0xffff;

const MAX_OPTIONS = 8;
/** Bit 0 of a trace type is the most significant of 24. */
const traceBit = (bit: number): number => 0x800000 >> bit;
const WIDE_BITS = traceBit(8) | traceBit(9) | traceBit(10);
const UNKNOWN_BITS = 0xfff;

/** The fields of an entry. */
const HopLimitNodeId = header("HopLimitNodeId", "RFC 9197, section 4.4.2.1", { hopLimit: u8, nodeId: be24 });
const Interfaces = header("Interfaces", "RFC 9197, section 4.4.2.2", { ingress: be16, egress: be16 });
const Word = header("Word", "RFC 9197, section 4.4.2", { value: be32 });
const HopLimitNodeIdWide = header("HopLimitNodeIdWide", "RFC 9197, section 4.4.2.9", { hopLimit: u8, nodeId: be56 });
const InterfacesWide = header("InterfacesWide", "RFC 9197, section 4.4.2.10", { ingress: be32, egress: be32 });
const WideWord = header("WideWord", "RFC 9197, section 4.4.2.11", { value: be64 });

/** What is there wherever the packet reaches. */
const Nothing = header("nothing", "", {});

const counters = perCpuArrayMap(u64, { entries: 8, name: "counters" });
/** ns that TAI is ahead of the wall clock; user space writes it. */
const taiOffset = variable(u64, 0n, { name: "tai_offset" });

const IP_AT = Ethernet.size;
const HOP_BY_HOP_AT = IP_AT + Ipv6.size;

/** Where the IOAM option among the first ones between two offsets is; 0 when there is none. */
const findOption = (ctx: XdpContext, start: number, end: number): number => {
  let at = start;
  for (let options = 0; options < MAX_OPTIONS; options++) {
    const option = ctx.packet.at(OptionHeader, at);
    if (at + OptionHeader.size > end || option === null) return 0;
    if (option.type === Ipv6OptionType.Ioam) return at;
    at += option.type === Ipv6OptionType.Pad1 ? 1 : OptionHeader.size + option.length;
  }
  return 0;
};

/** How many of 15 bits are set: four copies beside each other, of each every fourth bit, and all of these added up. */
const countBits = (value: number): number => {
  const everyFourth = (BigInt(value) * 0x2000_4000_8001n) & 0x111_1111_1111_1111n;
  return Number(BigInt.asUintN(64, everyFourth * 0x1111_1111_1111_1111n) >> 60n);
};

/** Words that a node writes for a trace type: one for each of its 12 bits, and for those of wide fields another. */
const nodeLength = (type: number): number => countBits((type >>> 12) | ((type & WIDE_BITS) >>> 1));

/** Writes this node's entry at `start`. False when the packet ends before it does. */
const writeEntry = (ctx: XdpContext, start: number, type: number, hopLimit: number): boolean => {
  const now = BigInt.asUintN(64, taiNs() - taiOffset.value);
  let at = start;
  const put = <T>(bit: number, layout: Layout<T>, write: (field: T) => void): boolean => {
    if ((type & traceBit(bit)) === 0) return true;
    const field = ctx.packet.at(layout, at);
    if (field === null) return false;
    write(field);
    at += layout.size;
    return true;
  };
  const word = (bit: number, value: number): boolean =>
    put(bit, Word, (field) => {
      field.value = value;
    });
  return (
    put(0, HopLimitNodeId, (field) => {
      field.hopLimit = hopLimit;
      field.nodeId = NODE_ID;
    }) &&
    put(1, Interfaces, (field) => {
      field.ingress = INGRESS;
      field.egress = UNAVAILABLE_16;
    }) &&
    word(2, Number(now / 1_000_000_000n)) &&
    word(3, Number((now % 1_000_000_000n) / 1000n)) &&
    word(4, UNAVAILABLE) &&
    word(5, NAMESPACE_DATA) &&
    word(6, UNAVAILABLE) &&
    word(7, UNAVAILABLE) &&
    put(8, HopLimitNodeIdWide, (field) => {
      field.hopLimit = hopLimit;
      field.nodeId = NODE_ID_WIDE;
    }) &&
    put(9, InterfacesWide, (field) => {
      field.ingress = INGRESS_WIDE;
      field.egress = UNAVAILABLE;
    }) &&
    put(10, WideWord, (field) => {
      field.value = NAMESPACE_DATA_WIDE;
    }) &&
    word(11, UNAVAILABLE)
  );
};

const fill = (ctx: XdpContext): number => {
  const ethernet = ctx.packet.at(Ethernet, 0);
  if (ethernet === null || ethernet.etherType !== EtherType.Ipv6) return Outcome.NotIoam;
  const ip = ctx.packet.at(Ipv6, IP_AT);
  if (ip === null || ip.nextHeader !== IpProtocol.HopByHop) return Outcome.NotIoam;
  const hopByHop = ctx.packet.at(HopByHop, HOP_BY_HOP_AT);
  if (hopByHop === null) return Outcome.Truncated;
  const end = HOP_BY_HOP_AT + (hopByHop.headerExtLen + 1) * 8;
  if (ctx.packet.at(Nothing, end) === null) return Outcome.Truncated;

  const at = findOption(ctx, HOP_BY_HOP_AT + HopByHop.size, end);
  if (at === 0) return Outcome.NotIoam;
  if (((at - IP_AT) & 3) !== 0) return Outcome.Misaligned;
  const option = ctx.packet.at(IoamOption, at);
  if (option === null || option.length < 2 || at + OptionHeader.size + option.length > end) return Outcome.Truncated;
  if (option.ioamType !== IoamType.PreallocatedTrace) return Outcome.NotForUs;

  const traceAt = at + IoamOption.size;
  const trace = ctx.packet.at(IoamTraceHeader, traceAt);
  if (trace === null || option.length < 2 + IoamTraceHeader.size) return Outcome.Truncated;
  const { traceType, remainingLength } = trace;
  if (option.length < 2 + IoamTraceHeader.size + remainingLength * 4) return Outcome.Truncated;
  if ((traceType & UNKNOWN_BITS) !== 0) return Outcome.NotForUs;
  const words = nodeLength(traceType);
  if (trace.nodeLength !== words) return Outcome.WrongNodeLength;
  if (trace.namespaceId !== NAMESPACE) return Outcome.NotForUs;
  if (trace.overflow !== 0) return Outcome.OverflowSet;
  if (remainingLength === 0 || remainingLength < words) {
    trace.overflow = 1;
    return Outcome.NoRoom;
  }

  // In 0..127 already; the mask says so to the verifier.
  const left = (remainingLength - words) & 127;
  trace.remainingLength = left;
  const hopLimit = (ip.hopLimit + 255) & 255;
  const written = writeEntry(ctx, traceAt + IoamTraceHeader.size + left * 4, traceType, hopLimit);
  return written ? Outcome.Filled : Outcome.Truncated;
};

/** Where the sample's trace is: behind Ethernet, IPv6, Hop-by-Hop, PadN and the option's own four bytes. */
const SAMPLE_TRACE_AT = HOP_BY_HOP_AT + HopByHop.size + 2 + IoamOption.size;
const SAMPLE_TRACE_WORDS = 21;

/** Makes the room of the sample's trace free again. */
const undo = (ctx: XdpContext): void => {
  const trace = ctx.packet.at(IoamTraceHeader, SAMPLE_TRACE_AT);
  if (trace !== null) trace.remainingLength = SAMPLE_TRACE_WORDS;
};

const run = (ctx: XdpContext): number => {
  const outcome = fill(ctx);
  count(counters, outcome);
  switch (outcome) {
    case Outcome.Misaligned:
    case Outcome.Truncated:
    case Outcome.WrongNodeLength:
      return Xdp.Drop;
    default:
      return Xdp.Pass;
  }
};

export const ioamFill: Twin = {
  program: xdp(run, { name: "ioam_fill" }),
  repeat: xdp(
    (ctx) => {
      const verdict = run(ctx);
      undo(ctx);
      return verdict;
    },
    { name: "ioam_fill_repeat" },
  ),
  maps: { counters },
  variables: { tai_offset: taiOffset },
};

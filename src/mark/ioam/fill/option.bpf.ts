/** Finding the trace in a packet, and the rules that come before a node may write (as the kernel applies them). */
import type { TcContext } from "../../../kernel/context.ts";
import type { PacketContext } from "../../../kernel/packet-context.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../../wire/ioam/header.ts";
import { header, u8 } from "../../../wire/layout.ts";
import { IpProtocol } from "../../../wire/numbers.ts";
import { HopByHop } from "../../../wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType, OptionHeader } from "../../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../../wire/headers/ipv6.ts";
import { entryWords } from "./entry.bpf.ts";
import { Outcome } from "../outcome.ts";

const OneByte = header("byte", "", { value: u8 });

/** Options up to an IOAM option, and from one to the next, that are looked at; paddings count. */
const MAX_OPTIONS = 16;
/** IOAM options in one header that are looked at. */
const MAX_IOAM_OPTIONS = 4;

/** The bit of an option's type that says whether nodes may change its data (RFC 8200, section 4.2). IOAM has both. */
const MAY_CHANGE = 0x20;

const IPV6_BYTES = 40;

/** What {@link hopByHopBytes} answers when a header ends too soon: no header is so long. */
export const CUT_SHORT = 1;

/** What it answers when there is no `pull` and the header's end lies in another buffer: nor is any header so long. */
export const OUT_OF_REACH = 2;

/** Makes the first bytes of a packet linear; false when it has not so many. */
export type Pull = (length: number) => boolean;

/** What tc has for it. XDP has nothing. */
export const pullIn =
  (ctx: TcContext): Pull =>
  (length) =>
    ctx.pull(length);

/** An IPv6 header and both ports of what follows it: what a packet in a tunnel shows of its flow. */
const FLOW_BYTES = 44;

/**
 * Bytes of the packet's Hop-by-Hop header, all of them linear (and, `withInner`, those behind it that say whose packet is in a tunnel, as far as they are there); 0 when it has none, {@link CUT_SHORT} when the packet, or
 * what the IPv6 header says of its length, ends before it does (the kernel drops those), {@link OUT_OF_REACH} when what
 * there is of it cannot be reached.
 */
export const hopByHopBytes = (
  ctx: PacketContext,
  network: number,
  pull: Pull | null,
  { withInner = false } = {},
): number => {
  const at = network + IPV6_BYTES;
  if (ctx.packet.at(Ipv6, network) === null && !pullTo(ctx, pull, at)) return 0;
  const ip = ctx.packet.at(Ipv6, network);
  if (ip === null || ip.nextHeader !== IpProtocol.HopByHop) return 0;
  const { payloadLength } = ip;
  if (ctx.packet.at(OneByte, at + 7) === null && !pullTo(ctx, pull, at + 8)) return endsBefore(ctx, pull, at + 8);
  const first = ctx.packet.at(HopByHop, at);
  if (first === null) return CUT_SHORT;
  const bytes = 8 + first.headerExtLen * 8;
  // 0 stands for a jumbogram.
  if (payloadLength !== 0 && payloadLength < bytes) return CUT_SHORT;
  const inner = withInner && first.nextHeader === IpProtocol.Ipv6 ? FLOW_BYTES : 0;
  const reached = inner === 0 ? at + bytes : Math.max(at + bytes, Math.min(at + bytes + inner, ctx.packet.length));
  if (ctx.packet.at(OneByte, reached - 1) === null && !pullTo(ctx, pull, reached))
    return endsBefore(ctx, pull, reached);
  return bytes;
};

/** False, too, when the packet has not so many bytes. */
const pullTo = (ctx: PacketContext, pull: Pull | null, length: number): boolean =>
  pull !== null && length <= ctx.packet.length && pull(length);

const endsBefore = (ctx: PacketContext, pull: Pull | null, length: number): number =>
  pull === null && length <= ctx.packet.length ? OUT_OF_REACH : CUT_SHORT;

/**
 * Shows `visit` the offset of each IOAM option in a Hop-by-Hop header of `bytes` bytes at `at`, until it returns false.
 * Returns how many bytes of the header are padding, its own two included.
 */
export const visitIoamOptions = (
  ctx: PacketContext,
  at: number,
  bytes: number,
  visit: (option: number) => boolean,
): number => {
  const end = at + bytes;
  let next = at + HopByHop.size;
  let padding = HopByHop.size;
  for (let visited = 0; visited < MAX_IOAM_OPTIONS && next + 2 <= end; visited++) {
    let found = 0;
    // A loop of its own: the verifier walks what follows it once for all of its rounds.
    for (let round = 0; round < MAX_OPTIONS && next + 2 <= end; round++) {
      const option = ctx.packet.at(OptionHeader, next);
      if (option === null) break;
      const { type, length } = option;
      // Without branches, because the verifier would walk both ways of each round: Pad1 is 0 and one byte long, PadN is 1.
      const whole = 1 + ((1 + length) & (0xfff * (1 - ((0x100 - type) >>> 8))));
      padding = (padding + whole * ((0x101 - type) >>> 8)) & 0xfff;
      const here = next;
      // Below 4096 already, since no Hop-by-Hop header is longer than 2048; the mask says so.
      next = (next + whole) & 0xfff;
      if ((type & ~MAY_CHANGE) === Ipv6OptionType.IoamUnchanged) {
        found = here;
        break;
      }
    }
    if (found === 0 || !visit(found)) break;
  }
  // One byte that is left is a Pad1.
  if (next + 1 === end) padding += 1;
  return padding;
};

/** The first rules: alignment, lengths, node length. Ready when the trace may be looked at further. */
export const checkTraceOption = (ctx: PacketContext, network: number, at: number, end: number): number => {
  const option = ctx.packet.at(IoamOption, at);
  // The kernel skips options of the other type, whatever is in them. A last node counts numbers in them, too.
  if (option !== null && option.type !== Ipv6OptionType.Ioam)
    return option.ioamType === IoamType.EdgeToEdge ? Outcome.EdgeToEdge : Outcome.NotATrace;
  if (((at - network) & 3) !== 0) return Outcome.Misaligned;
  if (option === null || option.length < 2) return Outcome.Truncated;
  if (at + 2 + option.length > end) return Outcome.Truncated;
  if (option.ioamType !== IoamType.PreallocatedTrace)
    return option.ioamType === IoamType.EdgeToEdge ? Outcome.EdgeToEdge : Outcome.NotATrace;
  if (option.length < 2 + IoamTraceHeader.size) return Outcome.Truncated;
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  if (trace === null) return Outcome.Truncated;
  if (option.length < 2 + IoamTraceHeader.size + trace.remainingLength * 4) return Outcome.Truncated;
  if (trace.nodeLength !== entryWords(trace.traceType)) return Outcome.WrongNodeLength;
  return Outcome.Ready;
};

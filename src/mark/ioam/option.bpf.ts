/** Finding the trace in a packet, and the rules that come before a node may write (as the kernel applies them). */
import type { TcContext } from "../../kernel/context.ts";
import { IoamOption, IoamTraceHeader, IoamType } from "../../wire/ioam/header.ts";
import { header, u8 } from "../../wire/layout.ts";
import { HopByHop } from "../../wire/protocols/ipv6-extension.ts";
import { Ipv6OptionType, OptionHeader } from "../../wire/protocols/ipv6-options.ts";
import { Ipv6 } from "../../wire/protocols/ipv6.ts";
import { entryWords } from "./entry.bpf.ts";
import { Outcome } from "./outcome.ts";

const OneByte = header("byte", "", { value: u8 });

/** Options that are looked at, paddings counted. A trace comes second, behind two bytes of padding. */
const MAX_OPTIONS = 8;

/** Bytes of the Hop-by-Hop header at `at`, all of them linear; 0 when the packet ends before it does. */
export const hopByHopBytes = (ctx: TcContext, at: number): number => {
  const first = ctx.packet.at(HopByHop, at);
  if (first === null) return 0;
  const bytes = 8 + first.headerExtLen * 8;
  if (ctx.packet.at(OneByte, at + bytes - 1) !== null) return bytes;
  if (at + bytes > ctx.packet.length) return 0;
  return ctx.pull(at + bytes) ? bytes : 0;
};

/**
 * Shows `visit` the offset of each IOAM option in a Hop-by-Hop header of `bytes` bytes at `at`, until it returns false.
 * Returns how many bytes of the header are padding, its own two included.
 */
export const visitIoamOptions = (
  ctx: TcContext,
  at: number,
  bytes: number,
  visit: (option: number) => boolean,
): number => {
  const end = at + bytes;
  let next = at + HopByHop.size;
  let padding = HopByHop.size;
  for (let round = 0; round < MAX_OPTIONS && next + 2 <= end; round++) {
    const option = ctx.packet.at(OptionHeader, next);
    if (option === null) break;
    const { type, length } = option;
    // Without branches, because the verifier would walk both ways of each round: Pad1 is 0 and one byte long, PadN is 1.
    const whole = 1 + ((1 + length) & (0xfff * (1 - ((0x100 - type) >>> 8))));
    padding = (padding + whole * ((0x101 - type) >>> 8)) & 0xfff;
    if (type === Ipv6OptionType.Ioam && !visit(next)) break;
    // Below 4096 already, since no Hop-by-Hop header is longer than 2048; the mask says so.
    next = (next + whole) & 0xfff;
  }
  // One byte that is left is a Pad1.
  if (next + 1 === end) padding += 1;
  return padding;
};

/** Whether the packet is IPv6 with a Hop-by-Hop header, at `network` bytes. */
export const hasHopByHop = (ctx: TcContext, network: number): boolean => {
  const ip = ctx.packet.at(Ipv6, network);
  return ip !== null && ip.nextHeader === 0;
};

/** The first rules: alignment, lengths, node length. Ready when the trace may be looked at further. */
export const checkTraceOption = (ctx: TcContext, network: number, at: number, end: number): number => {
  if (((at - network) & 3) !== 0) return Outcome.Misaligned;
  const option = ctx.packet.at(IoamOption, at);
  if (option === null || option.length < 2) return Outcome.Truncated;
  if (at + 2 + option.length > end) return Outcome.Truncated;
  if (option.ioamType !== IoamType.PreallocatedTrace) return Outcome.NotATrace;
  if (option.length < 2 + IoamTraceHeader.size) return Outcome.Truncated;
  const trace = ctx.packet.at(IoamTraceHeader, at + IoamOption.size);
  if (trace === null) return Outcome.Truncated;
  if (option.length < 2 + IoamTraceHeader.size + trace.remainingLength * 4) return Outcome.Truncated;
  if (trace.nodeLength !== entryWords(trace.traceType)) return Outcome.WrongNodeLength;
  return Outcome.Ready;
};

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

/** Options looked at before giving up: a trace comes first or second. */
const rounds = Array.from({ length: 8 }, (_, at) => at);

/** Bytes of the Hop-by-Hop header at `at`, all of them linear; 0 when the packet ends before it does. */
export const hopByHopBytes = (ctx: TcContext, at: number): number => {
  const first = ctx.packet.at(HopByHop, at);
  if (first === null) return 0;
  const bytes = 8 + first.headerExtLen * 8;
  if (ctx.packet.at(OneByte, at + bytes - 1) !== null) return bytes;
  if (at + bytes > ctx.packet.length) return 0;
  return ctx.pull(at + bytes) ? bytes : 0;
};

/** Offset of the IOAM trace option in a Hop-by-Hop header of `bytes` bytes at `at`; 0 when there is none. */
export const findTraceOption = (ctx: TcContext, at: number, bytes: number): number => {
  const end = at + bytes;
  let next = at + HopByHop.size;
  for (const _ of rounds) {
    if (next + 2 > end) return 0;
    const option = ctx.packet.at(OptionHeader, next);
    if (option === null) return 0;
    if (option.type === Ipv6OptionType.Ioam) return next;
    next += option.type === Ipv6OptionType.Pad1 ? 1 : 2 + option.length;
  }
  return 0;
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

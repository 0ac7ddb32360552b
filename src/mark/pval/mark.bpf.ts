/** The mark: an IPv4 option with CPU and number, right behind the base header of each packet. */
import { checksum, sumWords, updateChecksum } from "../../kernel/checksum.ts";
import { Room, RoomFlag, type TcContext } from "../../kernel/context.ts";
import { cpuId } from "../../kernel/helpers.ts";
import { header, u64, u8 } from "../../wire/layout.ts";
import { EtherType } from "../../wire/numbers.ts";
import { Ipv4 } from "../../wire/headers/ipv4.ts";
import { Ipv4OptionType } from "../../wire/protocols/ipv4-options.ts";
import { count } from "../feature/count.bpf.ts";
import { MARK_BYTES, markCounters, MarkOutcome, markSequences, MAX_CPUS } from "./mark-counters.ts";
import { EMPTY_SUM, hasEmptyRoom, WORDS_WITH_ROOM } from "./room-ahead.bpf.ts";
import { behindTag } from "./tag.bpf.ts";

/** Where marks are put in. */
export interface MarkConfig {
  /** Bytes before the IP header. */
  readonly network: number;
  /** Of the device that the packets leave by. */
  readonly mtu: number;
}

/** The whole option; `seq` is little-endian. */
export const Mark = header("mark", "RFC 791, section 3.1", {
  type: u8,
  length: u8,
  reserved: u8,
  cpu: u8,
  seq: u64,
});

export const MARK_WORDS = MARK_BYTES / 4;
const BASE_WORDS = 5;
const MOST_WORDS = 15;

/** Marks the packet if it can take it, and counts what became of it. */
export const markPacket = (ctx: TcContext, config: MarkConfig): void => {
  const segments = ctx.gsoSize === 0 || ctx.gsoSegments === 0 ? 1 : ctx.gsoSegments;
  const outcome = behindTag(ctx, { otherwise: MarkOutcome.NotIpv4, failed: MarkOutcome.NoRoom }, () =>
    mark(ctx, config),
  );
  count(markCounters, outcome, BigInt(segments));
};

/** One of {@link MarkOutcome}. */
const mark = (ctx: TcContext, { network, mtu }: MarkConfig): number => {
  if (ctx.protocol !== EtherType.Ipv4) return MarkOutcome.NotIpv4;
  if (ctx.packet.at(Ipv4, network) === null && !ctx.pull(network + Ipv4.size)) return MarkOutcome.Malformed;
  const before = ctx.packet.at(Ipv4, network);
  if (before === null) return MarkOutcome.Malformed;
  const { version, headerLength, totalLength, checksum: oldChecksum } = before;
  if (version !== 4 || headerLength < BASE_WORDS) return MarkOutcome.Malformed;
  if (headerLength > MOST_WORDS - MARK_WORDS) return MarkOutcome.HeaderFull;
  if (ctx.gsoSize !== 0) return MarkOutcome.NotSegmented;
  if (headerLength === WORDS_WITH_ROOM && hasEmptyRoom(ctx, network)) {
    return fill(ctx, network, headerLength, totalLength, sumWords(oldChecksum ^ 0xffff, EMPTY_SUM ^ 0xffff));
  }
  if (totalLength + MARK_BYTES > mtu) return MarkOutcome.TooBig;
  if (!ctx.adjustRoom(MARK_BYTES, Room.Network, RoomFlag.FixedGso)) return MarkOutcome.NoRoom;
  // The header's words still add up to what they did: a sum over the whole packet (CHECKSUM_COMPLETE) stays true.
  const longer = updateChecksum(oldChecksum, headerLength << 8, (headerLength + MARK_WORDS) << 8);
  const whole = updateChecksum(longer, totalLength, totalLength + MARK_BYTES);
  return fill(ctx, network, headerLength + MARK_WORDS, totalLength + MARK_BYTES, whole ^ 0xffff);
};

/** Writes the mark into the room for it. `sum`: of the header without the mark. */
const fill = (ctx: TcContext, network: number, headerLength: number, totalLength: number, sum: number): number => {
  const ip = ctx.packet.at(Ipv4, network);
  const option = ctx.packet.at(Mark, network + Ipv4.size);
  const sequence = markSequences.lookup(0);
  if (ip === null || option === null || sequence === null) return MarkOutcome.NoRoom;
  option.type = Ipv4OptionType.Pval;
  option.length = MARK_BYTES;
  option.reserved = 0;
  option.cpu = cpuId() & (MAX_CPUS - 1);
  option.seq = sequence.value;
  sequence.value += 1n;
  ip.headerLength = headerLength;
  ip.totalLength = totalLength;
  ip.checksum = checksum(sum, option);
  return MarkOutcome.Marked;
};

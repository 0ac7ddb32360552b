/** Takes marks off where packets arrive, so that applications and GRO never see them. */
import { checksum, updateChecksum } from "../../kernel/checksum.ts";
import { Room, RoomFlag, type TcContext } from "../../kernel/context.ts";
import { be16, bits, header, u8 } from "../../wire/layout.ts";
import { EtherType } from "../../wire/numbers.ts";
import { Ipv4 } from "../../wire/headers/ipv4.ts";
import { Ipv4OptionType } from "../../wire/protocols/ipv4-options.ts";
import { count } from "../feature/count.bpf.ts";
import { MARK_BYTES } from "./mark-counters.ts";
import { Mark, MARK_WORDS } from "./mark.bpf.ts";
import { behindTag } from "./tag.bpf.ts";
import { stripCounters, StripOutcome } from "./strip-counters.ts";

/** `network`: bytes before the IP header. */
export const stripPacket = (ctx: TcContext, network: number): void => {
  const otherwise = StripOutcome.NotMarked;
  count(
    stripCounters,
    behindTag(ctx, { otherwise, failed: StripOutcome.NotStripped }, () => strip(ctx, network)),
  );
};

const BASE_WORDS = 5;

/** The IPv4 header as far as it changes. */
const Front = header("front of the IPv4 header", "RFC 791, section 3.1", {
  version: bits(4),
  headerLength: bits(4),
  tos: u8,
  totalLength: be16,
  identification: be16,
  fragment: be16,
  ttl: u8,
  protocol: u8,
  checksum: be16,
});

const strip = (ctx: TcContext, network: number): number => {
  if (ctx.protocol !== EtherType.Ipv4) return StripOutcome.NotMarked;
  const end = network + Ipv4.size + MARK_BYTES;
  if (ctx.packet.at(Mark, network + Ipv4.size) === null && !ctx.pull(end)) return StripOutcome.NotMarked;
  const before = ctx.packet.at(Front, network);
  const mark = ctx.packet.at(Mark, network + Ipv4.size);
  if (before === null || mark === null) return StripOutcome.NotMarked;
  const { version, headerLength, totalLength } = before;
  const isMarked = mark.type === Ipv4OptionType.Pval && mark.length === MARK_BYTES;
  if (version !== 4 || headerLength < BASE_WORDS + MARK_WORDS || !isMarked) return StripOutcome.NotMarked;
  if (totalLength < headerLength * 4) return StripOutcome.NotStripped;
  const { tos, identification, fragment, ttl, protocol, checksum: oldChecksum } = before;
  // What is right with the mark is right without it, and what was wrong stays wrong.
  const without = updateChecksum(oldChecksum, checksum(mark) ^ 0xffff, 0);
  const shorter = updateChecksum(without, headerLength << 8, (headerLength - MARK_WORDS) << 8);
  const front = {
    version,
    headerLength: headerLength - MARK_WORDS,
    tos,
    totalLength: totalLength - MARK_BYTES,
    identification,
    fragment,
    ttl,
    protocol,
    checksum: updateChecksum(shorter, totalLength, totalLength - MARK_BYTES),
  };
  // A GSO packet's segments carry as much as before, behind a shorter header.
  const flags = RoomFlag.FixedGso | RoomFlag.NoChecksumReset;
  if (!ctx.adjustRoom(-MARK_BYTES, Room.Network, flags)) return StripOutcome.NotStripped;
  // `store` keeps a sum over the whole packet true (CHECKSUM_COMPLETE), which closing the room has taken the mark out of.
  return ctx.store(network, Front, front) ? StripOutcome.Stripped : StripOutcome.NotStripped;
};

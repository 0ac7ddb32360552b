/** Copies a packet into the ring, from which user space sends it again later. */
import type { TcContext } from "../../kernel/context.ts";
import { monotonicNs } from "../../kernel/helpers.ts";
import { ringBuffer } from "../../kernel/maps.ts";
import type { Layout } from "../../wire/layout.ts";
import { HeldLarge, HeldLargest, HeldMedium, HeldSmall, type HeldFrame } from "./records.ts";

/** 32 MiB: 100,000 small frames, or 20 ms of full-size ones at 10 Gbit/s. */
export const heldRing = ringBuffer({ bytes: 1 << 25, name: "impair_held" });

const SMALL = 256;
const MEDIUM = 2048;
const LARGE = 16_384;
const LARGEST = 66_000;

/** False when the ring is full or the frame longer than any may be: the packet is still the caller's. */
export const keep = (ctx: TcContext, index: bigint, harm: number, copies: number): boolean => {
  const { length } = ctx.packet;
  if (length < 1) return false;
  if (length <= SMALL) return keepIn(ctx, HeldSmall, length, index, harm, copies);
  if (length <= MEDIUM) return keepIn(ctx, HeldMedium, length, index, harm, copies);
  if (length <= LARGE) return keepIn(ctx, HeldLarge, length, index, harm, copies);
  if (length <= LARGEST) return keepIn(ctx, HeldLargest, length, index, harm, copies);
  return false;
};

const keepIn = (
  ctx: TcContext,
  layout: Layout<HeldFrame>,
  length: number,
  index: bigint,
  harm: number,
  copies: number,
): boolean => {
  const record = heldRing.reserve(layout);
  if (record === null) return false;
  record.index = index;
  record.arrivedNs = monotonicNs();
  record.length = length;
  const isTagged = ctx.vlanPresent !== 0;
  record.vlanProtocol = isTagged ? ctx.vlanProtocol & 0xffff : 0;
  record.vlanTci = isTagged ? ctx.vlanTci & 0xffff : 0;
  record.gsoSize = ctx.gsoSize & 0xffff;
  record.reserved = 0;
  record.reservedToo = 0;
  record.harm = harm;
  record.copies = copies;
  record.checksumPartial = ctx.checksumPartial() ? 1 : 0;
  if (!ctx.loadInto(record, "bytes", 0, length)) {
    heldRing.discard(record);
    return false;
  }
  heldRing.submit(record);
  return true;
};

/** What the kernel program tells user space. */
import { array, struct, u16, u32, u64, u8, type TypeOf } from "../../wire/layout.ts";

/** A packet was hit. */
export const HitRecord = struct("impair_hit", {
  index: u64,
  /** Of its mark. */
  seq: u64,
  harm: u8,
  isMarked: u8,
  cpu: u8,
});

const common = {
  index: u64,
  /** When it came, of the monotonic clock, ns. */
  arrivedNs: u64,
  /** Bytes of the frame. */
  length: u32,
  /** The tag that was taken off; EtherType 0: there was none. */
  vlanProtocol: u16,
  vlanTci: u16,
  gsoSize: u16,
  harm: u8,
  copies: u8,
  /** The transport checksum covers the pseudo header alone so far. */
  checksumPartial: u8,
  /** Keeps the record's end free of a hole, whose clearing would be a store out of an instruction's reach. */
  reserved: u8,
  reservedToo: u16,
} as const;

/** What a held frame's record starts with. */
export const HeldHead = struct("impair_held_head", common);

/** A frame that waits, in the smallest of these that it fits in. */
export const HeldSmall = struct("impair_held_256", { ...common, bytes: array(u8, 256) });
export const HeldMedium = struct("impair_held_2k", { ...common, bytes: array(u8, 2048) });
export const HeldLarge = struct("impair_held_16k", { ...common, bytes: array(u8, 16_384) });
export const HeldLargest = struct("impair_held_66k", { ...common, bytes: array(u8, 66_000) });

export type HeldFrame = TypeOf<typeof HeldSmall>;
/** So many have come behind a packet that is held back that it may go. */
export const DueRecord = struct("impair_due", { index: u64 });

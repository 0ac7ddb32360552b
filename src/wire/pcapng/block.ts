/** What pcapng files are made of (draft-ietf-opsawg-pcapng): blocks of a type and a length, with options at their end. */

/** Types of blocks. */
export const BlockType = {
  Section: 0x0a0d_0d0a,
  Interface: 1,
  /** Of old files: {@link BlockType.Packet} in another order. */
  ObsoletePacket: 2,
  SimplePacket: 3,
  Statistics: 5,
  Packet: 6,
} as const;

/** Tells the byte order of a section. */
export const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;

/** Codes of options, by the block they stand in; every block can have comments. */
export const OptionCode = {
  End: 0,
  Comment: 1,
  SectionHardware: 2,
  SectionOs: 3,
  SectionApplication: 4,
  InterfaceName: 2,
  InterfaceDescription: 3,
  /** u8: a power of ten, or of two when the high bit is set. */
  InterfaceTimeResolution: 9,
  /** i64: seconds to add to timestamps. */
  InterfaceTimeOffset: 14,
  /** u32: bits 0 and 1 are the direction, {@link PacketDirection}. */
  PacketFlags: 2,
  /** u64: packets lost between the one before and this one. */
  PacketDropCount: 4,
  /** u64: names the packet; here the CPU in the upper 8 bits and the mark's sequence number below. */
  PacketId: 5,
  StatisticsStart: 2,
  StatisticsReceived: 4,
  /** u64: lost by the interface for want of resources. */
  StatisticsDropped: 5,
  /** u64: lost by the operating system. */
  StatisticsOsDropped: 7,
} as const;

export const PacketDirection = { Unknown: 0, Inbound: 1, Outbound: 2 } as const;

/** Bytes up to a multiple of 4. */
export const padded = (length: number): number => (length + 3) & ~3;

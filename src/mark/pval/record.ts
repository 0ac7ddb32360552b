/** What a pval device hands to user space for each packet that it copies. */
import { array, struct, u16, u32, u64, u8 } from "../../wire/layout.ts";

/** Bytes of a packet that are copied when nothing else is asked for. */
export const DEFAULT_SNAP = 256;
/** The most that can be asked for. */
export const MAX_SNAP = 16_384;

/** Which way a packet went. */
export const Direction = { Receive: 0, Transmit: 1 } as const;
export const directionNames = ["rx", "tx"] as const;
export type DirectionName = (typeof directionNames)[number];

const copyHeader = {
  /** ns; wall clock, but for a NIC's own clock. */
  timeNs: u64,
  /** Bytes of the packet that were copied, from its MAC header on. */
  capturedLength: u32,
  /** Bytes of the whole packet. */
  packetLength: u32,
  /** That copied it. */
  cpu: u16,
  /** One of `Direction`. */
  direction: u8,
  /** One of `StampSource`. */
  stampSource: u8,
  /** A VLAN tag that goes beside the packet and belongs behind its MAC addresses: its EtherType, 0 without one, and its value. */
  vlanProtocol: u16,
  vlanTci: u16,
  /** Wire packets that this one, still whole, stands for; 1 unless GSO or GRO made it. */
  segments: u16,
  reserved: u16,
  /** Interface that it came in by, or leaves by. */
  ifindex: u32,
};

/**
 * What stands before the packet, in the machine's byte order. A record in the ring ends with the last byte that was copied: it
 * has `COPY_HEADER_BYTES + capturedLength` bytes.
 */
export const CopyHeader = struct("pval_copy", copyHeader);

/** Where the packet starts. */
export const COPY_HEADER_BYTES = CopyHeader.size;

/** A record with room for `snap` bytes of the packet: what a program fills before it goes into the ring. The same one each time. */
export const copyRecord = (snap: number): CopyRecord => {
  let record = records.get(snap);
  if (record === undefined) records.set(snap, (record = makeRecord(snap)));
  return record;
};

const makeRecord = (snap: number) => struct("pval_copy", { ...copyHeader, packet: array(u8, snap) });

type CopyRecord = ReturnType<typeof makeRecord>;

const records = new Map<number, CopyRecord>();

/** Name of the ring of a device, a direction and a CPU: `pval0-rx-cpu-0`. */
export const ringName = (device: string, direction: DirectionName, cpu: number): string =>
  `${device}-${direction}-cpu-${cpu}`;

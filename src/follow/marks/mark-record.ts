import { fieldOf } from "../../wire/codec.ts";
import { struct, u16, u32, u64, u8 } from "../../wire/layout.ts";
import type { MarkedPacket } from "./marked-packet.ts";

/** Where a packet was seen. */
export const End = { Sender: 0, Receiver: 1 } as const;

/** What the kernel program says of a marked packet. Addresses and ports are numbers, as big-endian fields read. */
export const MarkRecord = struct("mark_record", {
  /** Of the monotonic clock. */
  timeNs: u64,
  seq: u64,
  macLow: u32,
  source: u32,
  destination: u32,
  ports: u32,
  tcpSeq: u32,
  macHigh: u16,
  /** Of the IP packet. */
  length: u16,
  /** Flags and offset, as in the header. */
  fragment: u16,
  ipId: u16,
  tcpLength: u16,
  payloadBytes: u16,
  protocol: u8,
  cpu: u8,
  end: u8,
  isSyn: u8,
});

const at = (name: string): number => fieldOf(MarkRecord, name).bitOffset / 8;
const places = {
  timeNs: at("timeNs"),
  seq: at("seq"),
  macLow: at("macLow"),
  source: at("source"),
  destination: at("destination"),
  ports: at("ports"),
  tcpSeq: at("tcpSeq"),
  macHigh: at("macHigh"),
  length: at("length"),
  fragment: at("fragment"),
  ipId: at("ipId"),
  tcpLength: at("tcpLength"),
  payloadBytes: at("payloadBytes"),
  protocol: at("protocol"),
  cpu: at("cpu"),
  end: at("end"),
  isSyn: at("isSyn"),
} as const;

/** Fills the packet from a record in a ring; returns the record's time, ns. */
export const readRecord = (packet: MarkedPacket, view: DataView, offset: number): number => {
  packet.seq = numberAt(view, offset + places.seq);
  packet.cpu = view.getUint8(offset + places.cpu);
  packet.macHigh = view.getUint16(offset + places.macHigh, true);
  packet.macLow = view.getInt32(offset + places.macLow, true);
  packet.flow[0] = view.getInt32(offset + places.source, true);
  packet.flow[1] = view.getInt32(offset + places.destination, true);
  packet.flow[2] = view.getInt32(offset + places.ports, true);
  packet.flow[3] = view.getUint8(offset + places.protocol);
  packet.length = view.getUint16(offset + places.length, true);
  const fragment = view.getUint16(offset + places.fragment, true);
  packet.fragmentOffset = fragment & 0x1fff;
  packet.moreFragments = (fragment & 0x2000) !== 0;
  packet.payloadBytes = view.getUint16(offset + places.payloadBytes, true);
  packet.tcpSeq = view.getUint32(offset + places.tcpSeq, true);
  packet.tcpLength = view.getUint16(offset + places.tcpLength, true);
  packet.ipId = view.getUint16(offset + places.ipId, true);
  packet.isSyn = view.getUint8(offset + places.isSyn) !== 0;
  return numberAt(view, offset + places.timeNs);
};

/** One of {@link End}. */
export const endOf = (view: DataView, offset: number): number => view.getUint8(offset + places.end);

const numberAt = (view: DataView, offset: number): number =>
  view.getUint32(offset + 4, true) * 2 ** 32 + view.getUint32(offset, true);

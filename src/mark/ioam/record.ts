/** What a sink hands to user space for each packet with a trace. */
import { array, ipv6Address, struct, u16, u32, u64, u8 } from "../../wire/layout.ts";

/** The longest trace in an option: 8 bytes of header and 244 of data. */
export const MAX_TRACE_BYTES = 252;

export const TraceRecord = struct("trace_record", {
  /** Wall clock, ns. */
  timestampNs: u64,
  /** Of the Edge-to-Edge option beside the trace (RFC 9197, section 4.6), as far as `e2eType` says that it has one. */
  e2eSequence: u64,
  /** When the encapsulating node sent the packet, by its wall clock, ns. */
  e2eTimestampNs: u64,
  /** The flow's: of the packet inside when there is a tunnel. */
  source: ipv6Address,
  destination: ipv6Address,
  /** Of the packet's first IPv6 header: those of the tunnel, when there is one. */
  outerSource: ipv6Address,
  outerDestination: ipv6Address,
  /** Bytes of the packet, before the trace was taken off. */
  packetLength: u32,
  ifindex: u32,
  /** What follows the Hop-by-Hop header, or the tunnel's inner IPv6 header. */
  protocol: u8,
  outcome: u8,
  /** 1 when another IPv6 header follows the Hop-by-Hop header: the flow is what is inside. */
  isTunnelled: u8,
  /** Wire packets that this one, still whole, stands for; 1 unless GSO or GRO made it. */
  segments: u16,
  sourcePort: u16,
  destinationPort: u16,
  /** Bytes of `trace` that count. */
  traceLength: u16,
  /** The IOAM-E2E-Type; 0 without an Edge-to-Edge option. */
  e2eType: u16,
  trace: array(u8, MAX_TRACE_BYTES),
});

/** Where on its way through a node a packet was reported on. */
export const ExportStage = { Arrived: 0, Left: 1 } as const;

/**
 * What a node hands to user space for each packet with a Direct Export option (RFC 9326): when it comes in, and when it goes out,
 * where both devices export. What both know of one packet is one report.
 */
export const ExportRecord = struct("export_record", {
  /** When the packet came or left. Wall clock, ns. */
  timestampNs: u64,
  namespaceDataWide: u64,
  /** The flow's: of the packet inside when there is a tunnel. */
  source: ipv6Address,
  destination: ipv6Address,
  /** Of the packet's first IPv6 header: those of the tunnel, when there is one. */
  outerSource: ipv6Address,
  outerDestination: ipv6Address,
  /** Bytes of the packet. */
  packetLength: u32,
  /** The device that it came or left by. */
  ifindex: u32,
  /** 0 without one: `extensionFlags` says which there are. */
  flowId: u32,
  sequence: u32,
  /** The node's, whether the packet asks for them or not: the program takes them from here. */
  namespaceData: u32,
  /** Wire packets that this one, still whole, stands for; 1 unless GSO or GRO made it. */
  segments: u16,
  sourcePort: u16,
  destinationPort: u16,
  /** Bytes of `trace` that count. */
  traceLength: u16,
  extensionFlags: u8,
  /** What follows the Hop-by-Hop header, or the tunnel's inner IPv6 header. */
  protocol: u8,
  /** 1 when another IPv6 header follows the Hop-by-Hop header: the flow is what is inside. */
  isTunnelled: u8,
  /** As this node sends the packet on, or would; it falls by one from node to node. */
  hopLimit: u8,
  /** One of {@link ExportStage}. */
  stage: u8,
  /** A trace with one entry, this node's, as a pre-allocated one would hold it. */
  trace: array(u8, MAX_TRACE_BYTES),
});

/** What a sink hands to user space for each packet with a trace. */
import { array, ipv6Address, struct, u16, u32, u64, u8 } from "../../wire/layout.ts";

/** The longest trace in an option: 8 bytes of header and 244 of data. */
export const MAX_TRACE_BYTES = 252;

export const TraceRecord = struct("trace_record", {
  /** Wall clock, ns. */
  timestampNs: u64,
  source: ipv6Address,
  destination: ipv6Address,
  /** Bytes of the packet, before the trace was taken off. */
  packetLength: u32,
  ifindex: u32,
  /** What follows the Hop-by-Hop header. */
  protocol: u8,
  outcome: u8,
  /** Wire packets that this one, still whole, stands for; 1 unless GSO or GRO made it. */
  segments: u16,
  sourcePort: u16,
  destinationPort: u16,
  /** Bytes of `trace` that count. */
  traceLength: u16,
  trace: array(u8, MAX_TRACE_BYTES),
});

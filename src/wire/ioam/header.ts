/** The IPv6 option that carries IOAM data, and the header of a trace (RFC 9486, RFC 9197). */
import { be16, be24, bits, header, u8 } from "../layout.ts";

/** The option's own header, with the byte that says which IOAM data follows. `length` does not count type and length. */
export const IoamOption = header("IoamOption", "RFC 9486, section 3", {
  type: u8,
  length: u8,
  reserved: u8,
  ioamType: u8,
});

/** Values of `ioamType`. */
export const IoamType = {
  PreallocatedTrace: 0,
  IncrementalTrace: 1,
  ProofOfTransit: 2,
  EdgeToEdge: 3,
  DirectExport: 4,
} as const;

/** `nodeLength` and `remainingLength` count 4-byte words; `nodeLength` leaves the opaque state snapshot out. */
export const IoamTraceHeader = header("IoamTraceHeader", "RFC 9197, section 4.4.1", {
  namespaceId: be16,
  nodeLength: bits(5),
  overflow: bits(1),
  loopback: bits(1),
  active: bits(1),
  reservedFlag: bits(1),
  remainingLength: bits(7),
  traceType: be24,
  reserved: u8,
});

/** The header of TCP. */
import { be16, be32, bits, header } from "../layout.ts";

/** `dataOffset` counts 4-byte words, options included. */
export const Tcp = header("Tcp", "RFC 9293, section 3.1", {
  sourcePort: be16,
  destinationPort: be16,
  sequence: be32,
  acknowledgment: be32,
  dataOffset: bits(4),
  reserved: bits(4),
  cwr: bits(1),
  ece: bits(1),
  urg: bits(1),
  ack: bits(1),
  psh: bits(1),
  rst: bits(1),
  syn: bits(1),
  fin: bits(1),
  window: be16,
  checksum: be16,
  urgentPointer: be16,
});

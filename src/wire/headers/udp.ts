/** The header of UDP. */
import { be16, header } from "../layout.ts";

/** `length` counts these 8 bytes too; a checksum of 0 means none. */
export const Udp = header("Udp", "RFC 768", {
  sourcePort: be16,
  destinationPort: be16,
  length: be16,
  checksum: be16,
});

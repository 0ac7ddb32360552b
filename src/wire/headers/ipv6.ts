/** The header of IPv6. */
import { be16, bits, header, ipv6Address, u8 } from "../layout.ts";

/** The IPv6 header: 40 bytes. `payloadLength` counts what follows it. */
export const Ipv6 = header("Ipv6", "RFC 8200, section 3", {
  version: bits(4),
  trafficClass: bits(8),
  flowLabel: bits(20),
  payloadLength: be16,
  nextHeader: u8,
  hopLimit: u8,
  source: ipv6Address,
  destination: ipv6Address,
});

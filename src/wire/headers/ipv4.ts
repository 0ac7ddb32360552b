/** The header of IPv4. */
import { be16, bits, header, ipv4Address, u8 } from "../layout.ts";

/** `headerLength` counts 4-byte words, options included; `fragmentOffset` 8-byte units. */
export const Ipv4 = header("Ipv4", "RFC 791, section 3.1; RFC 2474, RFC 3168", {
  version: bits(4),
  headerLength: bits(4),
  dscp: bits(6),
  ecn: bits(2),
  totalLength: be16,
  identification: be16,
  reservedFlag: bits(1),
  dontFragment: bits(1),
  moreFragments: bits(1),
  fragmentOffset: bits(13),
  ttl: u8,
  protocol: u8,
  checksum: be16,
  source: ipv4Address,
  destination: ipv4Address,
});

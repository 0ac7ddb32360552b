/** The tag of a VLAN. */
import { be16, bits, header } from "../layout.ts";

/** What follows the EtherType 0x8100 or 0x88a8; `etherType` is that of the contents. */
export const VlanTag = header("VlanTag", "IEEE 802.1Q, section 9.6", {
  priority: bits(3),
  dropEligible: bits(1),
  id: bits(12),
  etherType: be16,
});

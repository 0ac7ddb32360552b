/** The header of Ethernet II. */
import { be16, header, macAddress } from "../layout.ts";

/** The Ethernet header: 14 bytes. Tags and the payload follow it. */
export const Ethernet = header("Ethernet", "IEEE 802.3, section 3.2", {
  destination: macAddress,
  source: macAddress,
  etherType: be16,
});

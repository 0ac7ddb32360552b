/** DHCPv6: which message it is, and with `-v` its options. */
import { be24, header, u8 } from "../layout.ts";
import { printDhcpv6 } from "./dhcpv6-text.ts";
import { messageProtocol } from "./message.ts";

/** Options follow. Relays' messages have hops and two addresses in place of the transaction. */
export const Dhcpv6 = header("Dhcpv6", "RFC 8415, section 8", { type: u8, transaction: be24 });

export const dhcpv6 = messageProtocol({
  name: "dhcpv6",
  abbreviation: "dhcp6",
  udpPorts: [547, 546],
  layout: Dhcpv6,
  defaults: { type: 1 },

  print(printer, message) {
    printDhcpv6(printer, message, message.offset, message.end);
    return true;
  },
});

/** DHCPv6: which message it is. */
import { be24, header, u8 } from "../layout.ts";
import { messageProtocol } from "./message.ts";

/** Options follow. Relays' messages have hops and two addresses in place of the transaction. */
export const Dhcpv6 = header("Dhcpv6", "RFC 8415, section 8", { type: u8, transaction: be24 });

export const dhcpv6 = messageProtocol({
  name: "dhcpv6",
  abbreviation: "dhcp6",
  udpPorts: [547, 546],
  layout: Dhcpv6,
  defaults: { type: 1 },

  print(printer, { bytes, offset, end }) {
    printer.text += "dhcp6";
    const type = bytes[offset]!;
    const isRelayed = type === RELAY_FORWARD || type === RELAY_REPLY;
    if (offset + (isRelayed ? RELAY_BYTES : Dhcpv6.size) > end) return false;
    printer.text += ` ${types[type] ?? `msgtype-${type}`}`;
    return true;
  },
});

const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
/** RFC 8415, section 9: type, hops, link's and peer's address. */
const RELAY_BYTES = 34;

const types: Readonly<Record<number, string>> = {
  1: "solicit",
  2: "advertise",
  3: "request",
  4: "confirm",
  5: "renew",
  6: "rebind",
  7: "reply",
  8: "release",
  9: "decline",
  10: "reconfigure",
  11: "inf-req",
  [RELAY_FORWARD]: "relay-fwd",
  [RELAY_REPLY]: "relay-reply",
};

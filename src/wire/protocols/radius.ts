/** RADIUS: who asks, and what was answered. */
import { array, be16, header, u8 } from "../layout.ts";
import { messageProtocol } from "./message.ts";
import { printRadiusAttributes } from "./radius-attributes.ts";

/** Attributes follow; `length` counts the whole message. */
export const Radius = header("Radius", "RFC 2865, section 3", {
  code: u8,
  identifier: u8,
  length: be16,
  authenticator: array(u8, 16),
});

export const radius = messageProtocol({
  name: "radius",
  abbreviation: "radius",
  udpPorts: [1812, 1813, 1645, 1646, 1700, 3799],
  layout: Radius,
  defaults: { code: 1, length: Radius.size },

  print(printer, message) {
    const { offset, wireEnd } = message;
    message.need(offset, Radius.size);
    const own = message.word(offset + 2);
    if (own < Radius.size) return false;
    const length = Math.min(own, wireEnd - offset);
    const code = message.byte(offset);
    const what = `${codes[code] ?? "Unknown Command"} (${code}), id: 0x${message.hex(offset + 1, 1)}`;
    if (printer.level === 0) {
      printer.text += `RADIUS, ${what} length: ${length}`;
      return true;
    }
    printer.text += `RADIUS, length: ${length}\n\t${what}, Authenticator: ${message.hex(offset + 4, 16)}`;
    printRadiusAttributes(printer, message, offset + Radius.size, offset + length);
    return true;
  },
});

/** RFC 2865, section 4; RFC 2866; RFC 5176. */
const codes: Readonly<Record<number, string>> = {
  1: "Access-Request",
  2: "Access-Accept",
  3: "Access-Reject",
  4: "Accounting-Request",
  5: "Accounting-Response",
  11: "Access-Challenge",
  12: "Status-Server",
  13: "Status-Client",
  40: "Disconnect-Request",
  41: "Disconnect-ACK",
  42: "Disconnect-NAK",
  43: "CoA-Request",
  44: "CoA-ACK",
  45: "CoA-NAK",
  255: "Reserved",
};

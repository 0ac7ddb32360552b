/** RADIUS: who asks, and what was answered. */
import { array, be16, header, u8 } from "../layout.ts";
import { hexOf, messageProtocol } from "./message.ts";

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

  print(printer, { bytes, offset, end }) {
    if (end - offset < Radius.size) return false;
    const length = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
    if (length < Radius.size) return false;
    const code = bytes[offset]!;
    const what = `${codes[code] ?? "Unknown Command"} (${code}), id: 0x${bytes[offset + 1]!.toString(16).padStart(2, "0")}`;
    if (printer.level === 0) printer.text += `RADIUS, ${what} length: ${length}`;
    else
      printer.text += `RADIUS, length: ${length}\n\t${what}, Authenticator: ${hexOf(bytes, offset + 4, offset + Radius.size)}`;
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
};

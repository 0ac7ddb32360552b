/** ARP for IPv4 over Ethernet. */
import { ipv4, mac } from "../address.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, header, ipv4Address, macAddress, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { malformed, truncated, type Protocol } from "../packet/protocol.ts";

/** With the sizes of Ethernet and IPv4 addresses. */
export const Arp = header("Arp", "RFC 826", {
  hardwareType: be16,
  protocolType: be16,
  hardwareLength: u8,
  protocolLength: u8,
  operation: be16,
  senderMac: macAddress,
  sender: ipv4Address,
  targetMac: macAddress,
  target: ipv4Address,
});

const nobody = mac("00:00:00:00:00:00");
const everybody = mac("ff:ff:ff:ff:ff:ff");

export const arp: Protocol<"arp", { header: TypeOf<typeof Arp> }> = {
  name: "arp",
  abbreviation: "arp",
  etherTypes: [EtherType.Arp],

  measure(bytes, offset, end) {
    if (end - offset < Arp.size) return truncated;
    return bytes[offset + 4] === 6 && bytes[offset + 5] === 4 ? Arp.size : malformed;
  },

  decode: (bytes, offset) => ({ header: readLayout(Arp, bytes, offset) }),

  encode: ({ header: given = {} }) =>
    encodeLayout(Arp, {
      hardwareType: 1,
      protocolType: EtherType.Ipv4,
      hardwareLength: 6,
      protocolLength: 4,
      operation: 1,
      senderMac: nobody,
      sender: ipv4("0.0.0.0"),
      targetMac: nobody,
      target: ipv4("0.0.0.0"),
      ...given,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const around = index === 0 ? printer.wireLength : spans[index - 1]!.wireEnd;
    const { offset } = spans[index]!;
    const { operation, senderMac, sender, targetMac, target } = readLayout(Arp, bytes, offset);
    if (printer.link !== true) printer.text += "ARP, ";
    if (printer.level > 0) printer.text += "Ethernet (len 6), IPv4 (len 4), ";
    const asked = targetMac === nobody || (targetMac === everybody && operation === 1) ? "" : ` (${targetMac})`;
    const said = ["", `Request who-has ${target}${asked} tell ${sender}`, `Reply ${sender} is-at ${senderMac}`][
      operation
    ];
    printer.text += `${said ?? `Unknown (${operation})`}, length ${around - offset}`;
    return true;
  },
};

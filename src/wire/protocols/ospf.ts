/** OSPF, versions 2 and 3: which packet it is. */
import { be16, header, ipv4Address, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { messageProtocol, wordAt, type Message } from "./message.ts";
import type { Printer } from "../packet/protocol.ts";

/** What both versions begin with; authentication (2) or an instance (3) follows. `length` counts the whole packet. */
export const Ospf = header("Ospf", "RFC 2328, section A.3.1; RFC 5340, section A.3.1", {
  version: u8,
  type: u8,
  length: be16,
  router: ipv4Address,
  area: ipv4Address,
  checksum: be16,
});

export const ospf = messageProtocol({
  name: "ospf",
  abbreviation: "ospf",
  ipProtocols: [IpProtocol.Ospf],
  layout: Ospf,
  defaults: { version: 2, type: 1 },

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    if (end - offset < Ospf.size) {
      printer.text += ` [|ospf${isOverIpv6(printer, message) ? 3 : 2}]`;
      return true;
    }
    const version = bytes[offset]!;
    const type = bytes[offset + 1]!;
    const unknown = isOverIpv6(printer, message) ? `unknown packet type (${type})` : `unknown LS-type ${type}`;
    printer.text += `OSPFv${version}, ${types[type] ?? unknown}, length ${wireEnd - offset}`;
    const length = wordAt(bytes, offset + 2);
    if (printer.level > 0 && version === 2 && length !== wireEnd - offset && types[type] !== undefined)
      printer.text += ` [len ${length}]`;
    return true;
  },
});

const isOverIpv6 = ({ packet }: Printer, { bytes, index }: Message): boolean => {
  const around = packet.spans[index - 1];
  return around?.protocol.network === true && bytes[around.offset]! >> 4 === 6;
};

const types: Readonly<Record<number, string>> = {
  1: "Hello",
  2: "Database Description",
  3: "LS-Request",
  4: "LS-Update",
  5: "LS-Ack",
};

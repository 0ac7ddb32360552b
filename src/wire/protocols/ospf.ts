/** OSPF, versions 2 and 3: which packet it is, and with `-v` what it says. */
import { be16, header, ipv4Address, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { isOverIpv6 } from "./ip-text.ts";
import { messageProtocol, printPart } from "./message.ts";
import { printOspf2 } from "./ospf2.ts";
import { printOspf3 } from "./ospf3.ts";

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
    const { offset, end, wireEnd } = message;
    const isOver6 = isOverIpv6(printer.packet, message.index);
    if (end - offset < Ospf.size) {
      printer.text += ` [|ospf${isOver6 ? 3 : 2}]`;
      return true;
    }
    const version = message.byte(offset);
    const type = message.byte(offset + 1);
    const unknown = isOver6 ? `unknown packet type (${type})` : `unknown LS-type ${type}`;
    const isVersion2 = version === 2 && !isOver6;
    if (isVersion2 && end - offset < OSPF2_AUTHENTICATION) {
      printer.text += " [|ospf2]";
      return true;
    }
    printPart(printer, isOver6 ? "ospf3" : "ospf2", () => {
      // A digest is behind the packet, not in it (RFC 2328, section D.3).
      const digest = isVersion2 && message.word(offset + 14) === DIGEST ? message.byte(offset + 19) : 0;
      printer.text += `OSPFv${version}, ${types[type] ?? unknown}, length ${wireEnd - offset - digest}`;
      if (printer.level > 0 && isVersion2 && types[type] !== undefined)
        printOspf2(printer, message, type, wireEnd - digest);
      if (printer.level > 0 && version === 3 && isOver6 && types[type] !== undefined)
        printOspf3(printer, message, type, wireEnd);
    });
    return true;
  },
});

/** Where the kind of authentication ends, and which kind has a digest. */
const OSPF2_AUTHENTICATION = 16;
const DIGEST = 2;

const types: Readonly<Record<number, string>> = {
  1: "Hello",
  2: "Database Description",
  3: "LS-Request",
  4: "LS-Update",
  5: "LS-Ack",
};

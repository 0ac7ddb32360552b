/** LLDP's fields of IEEE 802.3: speeds, power, and link aggregation. */
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import { hex4 } from "./ip-text.ts";
import type { LldpSubtypes } from "./lldp-organizations.ts";
import type { Message } from "./message.ts";

const INDENT = "\n\t    ";

export const printAggregation = (printer: Printer, message: Message, at: number): void => {
  const status = bitNames(message.byte(at), aggregation);
  printer.text += `${INDENT}aggregation status [${status}], aggregation port ID ${message.long(at + 1)}`;
};

export const ieee8023: LldpSubtypes = {
  1: {
    name: "MAC/PHY configuration/status",
    least: 5,
    print(printer, message, at) {
      const negotiation = message.byte(at);
      const abilities = message.word(at + 1);
      const mau = message.word(at + 3);
      printer.text += `${INDENT}autonegotiation [${bitNames(negotiation, negotiations)}] (0x${negotiation.toString(16).padStart(2, "0")})`;
      printer.text += `${INDENT}PMD autoneg capability [${bitNames(abilities, capabilities, "unknown")}] (0x${hex4(abilities)})`;
      printer.text += `${INDENT}MAU type ${maus[mau] ?? "unknown"} (0x${hex4(mau)})`;
    },
  },
  2: {
    name: "Power via MDI",
    least: 3,
    print(printer, message, at) {
      const support = bitNames(message.byte(at), supports);
      printer.text += `${INDENT}MDI power support [${support}], power pair ${pairs[message.byte(at + 1)] ?? "unknown"}, power class ${powerClass(message.byte(at + 2))}`;
    },
  },
  3: { name: "Link aggregation", least: 5, print: printAggregation },
  4: {
    name: "Max frame size",
    least: 2,
    print(printer, message, at) {
      printer.text += `${INDENT}MTU size ${message.word(at)}`;
    },
  },
};

const powerClass = (value: number): string => (value >= 1 && value <= 5 ? `class${value - 1}` : "unknown");
const aggregation = [[1, "supported"], [2, "enabled"]] as const; // prettier-ignore
const negotiations = [[1, "supported"], [2, "enabled"]] as const; // prettier-ignore
const supports = [[1, "PSE"], [2, "supported"], [4, "enabled"], [8, "can be controlled"]] as const; // prettier-ignore
const pairs: Readonly<Record<number, string>> = { 1: "signal", 2: "spare" };
const capabilities = [[0x4000, "10BASE-T hdx"], [0x2000, "10BASE-T fdx"], [0x1000, "100BASE-T4"], [0x0800, "100BASE-TX hdx"], [0x0400, "100BASE-TX fdx"], [0x0200, "100BASE-T2 hdx"], [0x0100, "100BASE-T2 fdx"], [0x0080, "Pause for fdx links"], [0x0040, "Asym PAUSE for fdx"], [0x0020, "Sym PAUSE for fdx"], [0x0010, "Asym and Sym PAUSE for fdx"], [0x0008, "1000BASE-{X LX SX CX} hdx"], [0x0004, "1000BASE-{X LX SX CX} fdx"], [0x0002, "1000BASE-T hdx"], [0x0001, "1000BASE-T fdx"]] as const; // prettier-ignore
/** RFC 4836's dot3MauType. */
const maus = ["Unknown", "AUI", "10BASE_5", "FOIRL", "10BASE2", "10BASET duplex mode unknown", "10BASEFP", "10BASEFB", "10BASEFL duplex mode unknown", "10BROAD36", "10BASET hdx", "10BASET fdx", "10BASEFL hdx", "10BASEFL fdx", "100BASET4", "100BASETX hdx", "100BASETX fdx", "100BASEFX hdx", "100BASEFX fdx", "100BASET2 hdx", "100BASET2 fdx", "1000BASEX hdx", "1000BASEX fdx", "1000BASELX hdx", "1000BASELX fdx", "1000BASESX hdx", "1000BASESX fdx", "1000BASECX hdx", "1000BASECX fdx", "1000BASET hdx", "1000BASET fdx", "10GBASEX", "10GBASELX4", "10GBASER", "10GBASEER", "10GBASELR", "10GBASESR", "10GBASEW", "10GBASEEW", "10GBASELW", "10GBASESW"] as const; // prettier-ignore

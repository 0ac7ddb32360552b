/** LLDP: who is at the other end of the cable. */
import { be16, header } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import { EtherType } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { afiAddress } from "./address-family.ts";
import { printLldpOrganization } from "./lldp-organizations.ts";
import { bitNames } from "./bit-names.ts";
import { messageProtocol, type Message } from "./message.ts";

/** Type and length, in 7 and 9 bits, of the first of the fields (TLVs) that make up a message. */
export const Lldp = header("Lldp", "IEEE 802.1AB, section 9.4", { typeAndLength: be16 });

const END = 0;
const CHASSIS = 1;
const PORT = 2;
const TIME_TO_LIVE = 3;
const PORT_DESCRIPTION = 4;
const SYSTEM_NAME = 5;
const SYSTEM_DESCRIPTION = 6;
const CAPABILITIES = 7;
const MANAGEMENT_ADDRESS = 8;
const ORGANIZATION = 127;

export const lldp = messageProtocol({
  name: "lldp",
  abbreviation: "lldp",
  etherTypes: [EtherType.Lldp],
  layout: Lldp,

  print(printer, message) {
    const { offset, wireEnd } = message;
    printer.text += `LLDP, length ${wireEnd - offset}`;
    for (let at = offset; at + 2 <= wireEnd;) {
      const type = message.word(at) >> 9;
      const length = message.word(at) & 0x1ff;
      at += 2;
      if (printer.level > 0) printer.text += `\n\t${names[type] ?? "Unknown"} TLV (${type}), length ${length}`;
      if (type === END || length === 0) return true;
      message.need(at, length);
      if (printer.level > 0) {
        if (length < (leastLengths[type] ?? 0)) return false;
        if (!printField(printer, message, type, at, length) || printer.level > 1)
          printer.text += hexDump(message.bytes, at, at + length, false, "\t  ");
      } else if (type === SYSTEM_NAME) {
        printer.text += ": ";
        message.printString(printer, at, length);
      }
      at += length;
    }
    return true;
  },
});

/** False where the field's bytes are to be shown. */
const printField = (printer: Printer, message: Message, type: number, at: number, length: number): boolean => {
  switch (type) {
    case CHASSIS:
    case PORT:
      return printIdentifier(printer, message, type === CHASSIS ? chassisKinds : portKinds, at, length);
    case TIME_TO_LIVE:
      printer.text += `: TTL ${message.word(at)}s`;
      return true;
    case SYSTEM_NAME:
    case PORT_DESCRIPTION:
      printer.text += ": ";
      message.printString(printer, at, length);
      return true;
    case SYSTEM_DESCRIPTION:
      printer.text += "\n\t  ";
      message.printString(printer, at, length);
      return true;
    case CAPABILITIES:
      printCapabilities(printer, "System  Capabilities", message.word(at));
      printCapabilities(printer, "Enabled Capabilities", message.word(at + 2));
      return true;
    case MANAGEMENT_ADDRESS:
      printManagementAddress(printer, message, at, length);
      return true;
    case ORGANIZATION:
      return printLldpOrganization(printer, message, at, length);
    default:
      return false;
  }
};

interface Kind {
  readonly name: string;
  readonly form: "text" | "mac" | "network";
}
const kind = (name: string, form: Kind["form"] = "text"): Kind => ({ name, form });

const printIdentifier = (
  printer: Printer,
  message: Message,
  kinds: Readonly<Record<number, Kind>>,
  at: number,
  length: number,
): boolean => {
  const subtype = message.byte(at);
  const known = kinds[subtype];
  printer.text += `\n\t  Subtype ${known?.name ?? "Unknown"} (${subtype}): `;
  if (known === undefined) return false;
  if (known.form === "text") message.printString(printer, at + 1, length - 1);
  else if (known.form === "network") printer.text += afiAddress(message, at + 1, length - 1);
  else {
    if (length < 7) message.stop();
    printer.text += message.address("mac", at + 1);
  }
  return true;
};

const printCapabilities = (printer: Printer, what: string, set: number): void => {
  printer.text += `\n\t  ${what} [${bitNames(set, capabilities)}] (0x${set.toString(16).padStart(4, "0")})`;
};

const printManagementAddress = (printer: Printer, message: Message, start: number, length: number): void => {
  const end = start + length;
  const addressLength = message.byte(start);
  if (1 + addressLength > length) message.stop();
  printer.text += `\n\t  Management Address length ${addressLength}, ${afiAddress(message, start + 1, addressLength)}`;
  const at = start + 1 + addressLength;
  if (at + 5 > end) message.stop();
  const numbering = message.byte(at);
  printer.text += `\n\t  ${numberings[numbering] ?? "Unknown"} Interface Numbering (${numbering}): ${message.long(at + 1)}`;
  if (at + 6 > end) return;
  const oidLength = message.byte(at + 5);
  if (oidLength === 0) return;
  if (at + 6 + oidLength > end) message.stop();
  printer.text += `\n\t  OID length ${oidLength}`;
  message.printString(printer, at + 6, oidLength);
};

/** IEEE 802.1AB, sections 8.5.2.2, 8.5.3.2 and 8.5.9.5. */
const chassisKinds: Readonly<Record<number, Kind>> = {
  1: kind("Chassis component"),
  2: kind("Interface alias"),
  3: kind("Port component"),
  4: kind("MAC address", "mac"),
  5: kind("Network address", "network"),
  6: kind("Interface name"),
  7: kind("Local"),
};
const portKinds: Readonly<Record<number, Kind>> = {
  1: kind("Interface alias"),
  2: kind("Port component"),
  3: kind("MAC address", "mac"),
  4: kind("Network Address", "network"),
  5: kind("Interface Name"),
  6: kind("Agent circuit ID"),
  7: kind("Local"),
};
const numberings: Readonly<Record<number, string>> = { 2: "Interface Index", 3: "System Port Number" };

const leastLengths: Readonly<Record<number, number>> = { [CHASSIS]: 2, [PORT]: 2, [TIME_TO_LIVE]: 2, [CAPABILITIES]: 4, [ORGANIZATION]: 3 }; // prettier-ignore
const names: Readonly<Record<number, string>> = {
  [END]: "End",
  [CHASSIS]: "Chassis ID",
  [PORT]: "Port ID",
  [TIME_TO_LIVE]: "Time to Live",
  [PORT_DESCRIPTION]: "Port Description",
  [SYSTEM_NAME]: "System Name",
  [SYSTEM_DESCRIPTION]: "System Description",
  [CAPABILITIES]: "System Capabilities",
  [MANAGEMENT_ADDRESS]: "Management Address",
  [ORGANIZATION]: "Organization specific",
};
const capabilities = [[1, "Other"], [2, "Repeater"], [4, "Bridge"], [8, "WLAN AP"], [16, "Router"], [32, "Telephone"], [64, "Docsis"], [128, "Station Only"]] as const; // prettier-ignore

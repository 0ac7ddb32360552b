/** LLDP's fields of IEEE 802.1: VLANs, congestion, and priorities on links. */
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import type { LldpSubtype, LldpSubtypes } from "./lldp-organizations.ts";
import { printAggregation } from "./lldp-8023.ts";
import type { Message } from "./message.ts";

const INDENT = "\n\t    ";

const portVlan: LldpSubtype = {
  name: "Port VLAN Id",
  least: 2,
  print(printer, message, at) {
    printer.text += `${INDENT}port vlan id (PVID): ${message.word(at)}`;
  },
};

const protocolVlan: LldpSubtype = {
  name: "Port and Protocol VLAN ID",
  least: 3,
  print(printer, message, at) {
    const flags = message.byte(at);
    printer.text += `${INDENT}port and protocol vlan id (PPVID): ${message.word(at + 1)}, flags [${bitNames(flags, supportFlags)}] (0x${hex2(flags)})`;
  },
};

const vlanName: LldpSubtype = {
  name: "VLAN name",
  least: 2,
  print(printer, message, at, length) {
    printer.text += `${INDENT}vlan id (VID): ${message.word(at)}`;
    if (length < 3) return;
    const size = message.byte(at + 2);
    if (3 + size > length) return;
    printer.text += `${INDENT}vlan name: `;
    message.printString(printer, at + 3, size);
  },
};

const protocolIdentity: LldpSubtype = {
  name: "Protocol Identity",
  least: 1,
  print(printer, message, at, length) {
    const size = message.byte(at);
    if (1 + size > length) return;
    printer.text += `${INDENT}protocol identity: `;
    message.printString(printer, at + 1, size);
  },
};

/** Eight values in a row, under a title. */
const printRow = (printer: Printer, title: string, values: readonly number[], width: number): void => {
  printer.text += `${INDENT} ${title}`;
  for (const value of values) printer.text += String(value).padEnd(width);
};
const classes = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** The bits of a byte, the first one last. */
const bitsOf = (byte: number): number[] => classes.map((bit) => (byte >> bit) & 1);

const congestion: LldpSubtype = {
  name: "Congestion Notification",
  least: 2,
  print(printer, message, at) {
    printer.text += `${INDENT}Pre-Priority CNPV Indicator`;
    printRow(printer, "Priority : ", classes, 3);
    printRow(printer, "Value    : ", bitsOf(message.byte(at)), 3);
    printer.text += `${INDENT}Pre-Priority Ready Indicator`;
    printRow(printer, "Priority : ", classes, 3);
    printRow(printer, "Value    : ", bitsOf(message.byte(at + 1)), 3);
  },
};

const printSelection = (printer: Printer, message: Message, at: number): void => {
  printer.text += `${INDENT}Priority Assignment Table`;
  printRow(printer, "Priority : ", classes, 4);
  const assignment = classes.map((priority) => (message.byte(at + (priority >> 1)) >> (priority % 2 === 0 ? 4 : 0)) & 15); // prettier-ignore
  printRow(printer, "Value    : ", assignment, 4);
  const row = (from: number): number[] => classes.map((number) => message.byte(at + from + number));
  printer.text += `${INDENT}TC Bandwidth Table`;
  printRow(printer, "TC%   : ", classes, 4);
  printRow(printer, "Value : ", row(4), 4);
  printer.text += `${INDENT}TSA Assignment Table`;
  printRow(printer, "Traffic Class: ", classes, 4);
  printRow(printer, "Value        : ", row(12), 4);
};

const selection: LldpSubtype = {
  name: "ETS Configuration",
  least: 21,
  print(printer, message, at) {
    const first = message.byte(at);
    printer.text += `${INDENT}Willing:${first >> 7}, CBS:${(first >> 6) & 1}, RES:${(first >> 3) & 7}, Max TCs:${first & 7}`;
    printSelection(printer, message, at + 1);
  },
};

const recommendation: LldpSubtype = {
  name: "ETS Recommendation",
  least: 21,
  print(printer, message, at) {
    printer.text += `${INDENT}RES: ${message.byte(at)}`;
    printSelection(printer, message, at + 1);
  },
};

const flowControl: LldpSubtype = {
  name: "Priority Flow Control Configuration",
  least: 2,
  print(printer, message, at) {
    const first = message.byte(at);
    printer.text += `${INDENT}Willing: ${first >> 7}, MBC: ${(first >> 6) & 1}, RES: ${(first >> 4) & 3}, PFC cap:${first & 15} `;
    printer.text += `${INDENT}PFC Enable`;
    printRow(printer, "Priority : ", classes, 3);
    printRow(printer, "Value    : ", bitsOf(message.byte(at + 1)), 3);
  },
};

const application: LldpSubtype = {
  name: "Application Priority",
  least: 1,
  print(printer, message, at, length) {
    printer.text += `${INDENT}RES: ${message.byte(at)}`;
    if (length < 4) return;
    printer.text += `${INDENT}Application Priority Table`;
    for (let entry = at + 1; entry + 3 <= at + length; entry += 3) {
      const first = message.byte(entry);
      printer.text += `${INDENT}  Priority: ${first >> 5}, RES: ${(first >> 3) & 3}, Sel: ${first & 7}, Protocol ID: ${message.word(entry + 1)}`;
    }
  },
};

const virtualBridging: LldpSubtype = {
  name: "EVB",
  least: 5,
  print(printer, message, at) {
    const bridge = message.byte(at);
    printer.text += `${INDENT}EVB Bridge Status`;
    printer.text += `${INDENT}  RES: ${bridge >> 3}, BGID: ${(bridge >> 2) & 1}, RRCAP: ${(bridge >> 1) & 1}, RRCTR: ${bridge & 1}`;
    const station = message.byte(at + 1);
    printer.text += `${INDENT}EVB Station Status`;
    printer.text += `${INDENT}  RES: ${station >> 4}, SGID: ${(station >> 3) & 1}, RRREQ: ${(station >> 2) & 1},RRSTAT: ${station & 3}`;
    const retries = message.byte(at + 2);
    const mode = message.byte(at + 3);
    printer.text += `${INDENT}R: ${retries >> 5}, RTE: ${retries & 31}, EVB Mode: ${modes[mode >> 6]!} [${mode >> 6}]`;
    const alive = message.byte(at + 4);
    printer.text += `${INDENT}ROL: ${(mode >> 5) & 1}, RWD: ${mode & 31}, RES: ${alive >> 6}, ROL: ${(alive >> 5) & 1}, RKA: ${alive & 31}`;
  },
};

const hex2 = (byte: number): string => byte.toString(16).padStart(2, "0");
const supportFlags = [[2, "supported"], [4, "enabled"]] as const; // prettier-ignore
const modes = ["Not Supported", "EVB Bridge", "EVB Station", "Reserved for future Standardization"] as const;

export const ieee8021: LldpSubtypes = {
  1: portVlan,
  2: protocolVlan,
  3: vlanName,
  4: protocolIdentity,
  7: { name: "Link aggregation", least: 5, print: printAggregation },
  8: congestion,
  9: selection,
  10: recommendation,
  11: flowControl,
  12: application,
  13: virtualBridging,
};

/** Spanning trees: STP, Rapid STP and Multiple STP. */
import { formatAddress } from "../address.ts";
import { be16, header, u8 } from "../layout.ts";
import type { Printer } from "../packet/protocol.ts";
import { hex4 } from "./ip-text.ts";
import { isWholeMultipleStp, printMultipleStp } from "./stp-multiple.ts";
import { longAt, messageProtocol, wordAt, type Message } from "./message.ts";

/** What all messages begin with. */
export const Bpdu = header("Bpdu", "IEEE 802.1D, section 9.3", { protocol: be16, version: u8, type: u8 });

const CONFIG = 0x00;
const RAPID = 0x02;
const TOPOLOGY_CHANGE = 0x80;
/** With flags, bridges, costs and times. */
const CONFIG_BYTES = 35;
const MULTIPLE = 3;

export const stp = messageProtocol({
  name: "stp",
  abbreviation: "stp",
  llcSaps: [0x42],
  layout: Bpdu,

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    if (end - offset < Bpdu.size) {
      if (end < wireEnd) return false;
      printer.text += " (invalid)";
      return true;
    }
    const [protocol, version, type] = [wordAt(bytes, offset), bytes[offset + 2]!, bytes[offset + 3]!] as const;
    if (protocol !== 0) {
      printer.text += `unknown STP version, length ${wireEnd - offset}`;
      return true;
    }
    const name = versions[version];
    printer.text += `STP ${name ?? `Unknown STP protocol (0x${hex2(version)})`}`;
    if (name === undefined) return true;
    printer.text += `, ${types[type] ?? `Unknown BPDU Type (0x${hex2(type)})`}`;
    if (type !== CONFIG && type !== RAPID) return true;
    return printTree(printer, message, version === MULTIPLE && type === RAPID);
  },
});

const printTree = (printer: Printer, message: Message, isMultiple: boolean): boolean => {
  const { bytes, offset, end, wireEnd } = message;
  if (wireEnd - offset < CONFIG_BYTES || (isMultiple && !isWholeMultipleStp(message))) {
    printer.text += " (invalid)";
    return true;
  }
  if (offset + 5 > end) return false;
  const flags = bytes[offset + 4]!;
  const set = flagNames.flatMap(([bit, flag]) => ((flags & bit) === 0 ? [] : [flag])).join(", ");
  printer.text += `, ${isMultiple ? "CIST " : ""}Flags [${set === "" ? "none" : set}]`;
  if (offset + CONFIG_BYTES > end) return false;
  if (!isMultiple) printer.text += `, bridge-id ${bridgeAt(bytes, offset + 17)}.${hex4(wordAt(bytes, offset + 25))}`;
  printer.text += `, length ${wireEnd - offset}`;
  if (printer.level === 0) return true;
  if (isMultiple) {
    printMultipleStp(printer, message, flagNames, roles);
    return true;
  }
  const [age, most, hello, delay] = [27, 29, 31, 33].map((at) => (wordAt(bytes, offset + at) / 256).toFixed(2)) as [string, string, string, string]; // prettier-ignore
  printer.text += `\n\tmessage-age ${age}s, max-age ${most}s, hello-time ${hello}s, forwarding-delay ${delay}s`;
  printer.text += `\n\troot-id ${bridgeAt(bytes, offset + 5)}, root-pathcost ${longAt(bytes, offset + 13)}`;
  if (bytes[offset + 3] === RAPID) printer.text += `, port-role ${roles[(flags >> 2) & 3]!}`;
  return true;
};

/** `8001.02:00:00:00:00:01`: priority and address. */
const bridgeAt = (bytes: Uint8Array, at: number): string =>
  `${hex4(wordAt(bytes, at))}.${formatAddress("mac", bytes, at + 2)}`;

const hex2 = (byte: number): string => byte.toString(16).padStart(2, "0");
const versions: Readonly<Record<number, string>> = { 0: "802.1d", 2: "802.1w", [MULTIPLE]: "802.1s", 4: "802.1aq" };
const types: Readonly<Record<number, string>> = {
  [CONFIG]: "Config",
  [RAPID]: "Rapid STP",
  [TOPOLOGY_CHANGE]: "Topology Change",
};
const flagNames = [[0x01, "Topology change"], [0x02, "Proposal"], [0x10, "Learn"], [0x20, "Forward"], [0x40, "Agreement"], [0x80, "Topology change ACK"]] as const; // prettier-ignore
const roles = ["Unknown", "Alternate", "Root", "Designated"] as const;

/** IS-IS: how routers find each other, and what the links and routes of an area are, straight on the link layer. */
import { header, u8 } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import { foreign, truncated, type Printer } from "../packet/protocol.ts";
import { printIsisFields } from "./isis-fields.ts";
import { hex4 } from "./ip-text.ts";
import { hasIsoChecksum, isoChecksum } from "./iso-checksum.ts";
import { messageProtocol, type Message } from "./message.ts";

/** What all packets begin with, behind the number of the network layer's protocol. An identifier's length of 0 is 6, and 0 areas are 3. */
export const Isis = header("Isis", "ISO 10589, section 9.5", {
  nlpid: u8,
  headerLength: u8,
  version: u8,
  idLength: u8,
  type: u8,
  packetVersion: u8,
  reserved: u8,
  mostAreas: u8,
});

const NLPID = 0x83;
const ID_BYTES = 6;
/** Where a state's checksum stands, and what it covers begins. */
const CHECKSUM_AT = 24;
const COVERED_AT = 12;

export const isis = messageProtocol({
  name: "isis",
  abbreviation: "isis",
  llcSaps: [0xfe],
  layout: Isis,
  defaults: { nlpid: NLPID, version: 1, packetVersion: 1 },

  measure(bytes, offset, end) {
    if (end > offset && bytes[offset] !== NLPID) return foreign;
    return end - offset < Isis.size ? truncated : end - offset;
  },

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    const prefix = printer.link === true ? "OSI NLPID IS-IS (0x83): " : "IS-IS";
    if (end - offset < Isis.size) {
      if (printer.link === true && end > offset) printer.text += prefix;
      return false;
    }
    const length = wireEnd - offset;
    const headerLength = message.byte(offset + 1);
    const complaint = complaintOf(message, length, headerLength);
    printer.text += prefix;
    if (complaint !== undefined) {
      printer.text += complaint + hexDump(bytes, offset, end, false);
      return true;
    }
    const type = message.byte(offset + 4) & 0x1f;
    const kind = kinds[type];
    const comma = printer.link === true ? "" : ", ";
    if (printer.level > 0) {
      const [own, areas] = [message.byte(offset + 3), message.byte(offset + 7)];
      printer.text += `${comma}length ${length}\n\t${kind?.name ?? `unknown, type ${message.byte(offset + 4)}`}, hlen: ${headerLength}, v: ${message.byte(offset + 2)}, pdu-v: ${message.byte(offset + 5)}, sys-id-len: ${own === 0 ? ID_BYTES : own} (${own}), max-area: ${areas === 0 ? 3 : areas} (${areas})`;
      if (printer.level > 1) printer.text += hexDump(bytes, offset, offset + Isis.size, false);
    } else printer.text += `${comma}${kind?.name ?? `unknown PDU-Type ${message.byte(offset + 4)}`}`;
    if (kind === undefined) {
      if (printer.level === 0) printer.text += `, length ${length}`;
      else printer.text += hexDump(bytes, offset + Isis.size, end, false, "\t  ") + hexDump(bytes, offset, end, false);
      return true;
    }
    if (headerLength !== kind.length) {
      printer.text += `, bogus fixed header length ${headerLength} should be ${kind.length}${hexDump(bytes, offset, end, false)}`;
      return true;
    }
    message.need(offset, kind.length);
    if (printer.level === 0) {
      printer.text += `${kind.brief(message, offset)}, length ${length}`;
      return true;
    }
    printDetails(printer, message, kind);
    return true;
  },
});

const printDetails = (printer: Printer, message: Message, kind: Kind): void => {
  const { offset, wireEnd } = message;
  printer.text += kind.full(message, offset);
  const packet = message.word(offset + kind.lengthAt);
  if (printer.level > 1)
    printer.text += hexDump(message.bytes, offset + Isis.size, offset + kind.length, false, "\t  ");
  if (packet < kind.length) {
    printer.text += ` [packet length ${packet} < ${kind.length}] (invalid)`;
    return;
  }
  printIsisFields(printer, message, offset + kind.length, Math.min(offset + packet, wireEnd));
};

/** What makes a packet one that cannot be read. */
const complaintOf = (message: Message, length: number, headerLength: number): string | undefined => {
  const { offset } = message;
  for (const at of [2, 5]) {
    const version = message.byte(offset + at);
    if (version !== 1) return `version ${version} packet not supported`;
  }
  const own = message.byte(offset + 3);
  if (own !== 0 && own !== ID_BYTES) return `system ID length of ${own} is not supported`;
  if (headerLength > length) return `fixed header length ${headerLength} > packet length ${length}`;
  return undefined;
};

/** `0000.0000.0001.00-00`: system, and what else the length holds. */
const isisIdentifier = (message: Message, at: number, length: number): string => {
  const hex = message.hex(at, length);
  let text = hex.slice(0, 12).replace(/^(.{4})(.{4})/, "$1.$2.");
  if (length > ID_BYTES) text += `.${hex.slice(12, 14)}`;
  return length > ID_BYTES + 1 ? `${text}-${hex.slice(14)}` : text;
};

interface Kind {
  readonly name: string;
  /** Of the header. */
  readonly length: number;
  /** Where the packet's length stands. */
  readonly lengthAt: number;
  brief(message: Message, at: number): string;
  full(message: Message, at: number): string;
}

const circuits: Readonly<Record<number, string>> = { 1: "Level 1 only", 2: "Level 2 only", 3: "Level 1, Level 2" };
const circuitText = (type: number): string =>
  circuits[type] ?? `unknown circuit type 0x${type.toString(16).padStart(2, "0")}`;

const lanHello = (name: string): Kind => ({
  name,
  length: 27,
  lengthAt: 17,
  brief: (message, at) =>
    `, src-id ${isisIdentifier(message, at + 9, 6)}, lan-id ${isisIdentifier(message, at + 20, 7)}, prio ${message.byte(at + 19)}`,
  full: (message, at) =>
    `\n\t  source-id: ${isisIdentifier(message, at + 9, 6)},  holding time: ${message.word(at + 15)}s, Flags: [${circuitText(message.byte(at + 8))}]` +
    `\n\t  lan-id:    ${isisIdentifier(message, at + 20, 7)}, Priority: ${message.byte(at + 19) & 0x7f}, PDU length: ${message.word(at + 17)}`,
});

const hello: Kind = {
  name: "p2p IIH",
  length: 20,
  lengthAt: 17,
  brief: (message, at) => `, src-id ${isisIdentifier(message, at + 9, 6)}`,
  full: (message, at) =>
    `\n\t  source-id: ${isisIdentifier(message, at + 9, 6)}, holding time: ${message.word(at + 15)}s, Flags: [${circuitText(message.byte(at + 8))}]` +
    `\n\t  circuit-id: 0x${message.hex(at + 19, 1)}, PDU length: ${message.word(at + 17)}`,
};

const linkState = (name: string): Kind => ({
  name,
  length: 27,
  lengthAt: 8,
  brief: (message, at) =>
    `, lsp-id ${isisIdentifier(message, at + 12, 8)}, seq 0x${message.hex(at + 20, 4)}, lifetime ${String(message.word(at + 10)).padStart(5)}s`,
  full: (message, at) =>
    `\n\t  lsp-id: ${isisIdentifier(message, at + 12, 8)}, seq: 0x${message.hex(at + 20, 4)}, lifetime: ${String(message.word(at + 10)).padStart(5)}s` +
    `\n\t  chksum: 0x${message.hex(at + 24, 2)}${checksumText(message)}, PDU length: ${message.word(at + 8)}, Flags: [ ${stateFlags(message.byte(at + 26))} ]`,
});

/** Over all but what changes on the way; nothing where not all of it is here. */
const checksumText = (message: Message): string => {
  const { bytes, offset, end } = message;
  const found = message.word(offset + CHECKSUM_AT);
  const last = offset + message.word(offset + 8);
  if (found === 0) return " (unverified)";
  if (last > end || last < offset + CHECKSUM_AT + 2) return "";
  if (hasIsoChecksum(bytes, offset + COVERED_AT, last)) return " (correct)";
  return ` (incorrect should be 0x${hex4(isoChecksum(bytes, offset + COVERED_AT, last, offset + CHECKSUM_AT))})`;
};

/** ISO 10589, section 9.8: overloaded; by which metrics other areas are reached; the level. */
const stateFlags = (flags: number): string => {
  const attached = ["error", "expense", "delay", "default"].filter((_name, bit) => (flags & (0x40 >> bit)) !== 0);
  const names = [
    ...((flags & 0x04) === 0 ? [] : ["Overload bit set"]),
    ...(attached.length === 0 ? [] : [`${attached.reverse().join(" ")} ATT bit set`]),
    ...((flags & 0x80) === 0 ? [] : ["P bit set"]),
  ];
  return [...names, levels[flags & 3]!].join(", ");
};
const levels: Readonly<Record<number, string>> = { 0: "Unused 0x0 (invalid)", 1: "L1 IS", 2: "Unused 0x2 (invalid)", 3: "L2 IS" }; // prettier-ignore

const complete = (name: string): Kind => ({
  name,
  length: 33,
  lengthAt: 8,
  brief: (message, at) => `, src-id ${isisIdentifier(message, at + 10, 7)}`,
  full: (message, at) =>
    `\n\t  source-id:    ${isisIdentifier(message, at + 10, 7)}, PDU length: ${message.word(at + 8)}` +
    `\n\t  start lsp-id: ${isisIdentifier(message, at + 17, 8)}\n\t  end lsp-id:   ${isisIdentifier(message, at + 25, 8)}`,
});

const partial = (name: string): Kind => ({
  name,
  length: 17,
  lengthAt: 8,
  brief: (message, at) => `, src-id ${isisIdentifier(message, at + 10, 7)}`,
  full: (message, at) =>
    `\n\t  source-id:    ${isisIdentifier(message, at + 10, 7)}, PDU length: ${message.word(at + 8)}`,
});

const kinds: Readonly<Record<number, Kind>> = {
  15: lanHello("L1 Lan IIH"),
  16: lanHello("L2 Lan IIH"),
  17: hello,
  18: linkState("L1 LSP"),
  20: linkState("L2 LSP"),
  24: complete("L1 CSNP"),
  25: complete("L2 CSNP"),
  26: partial("L1 PSNP"),
  27: partial("L2 PSNP"),
};

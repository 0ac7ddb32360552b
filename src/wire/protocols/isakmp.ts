/** ISAKMP: how IKE, versions 1 and 2, agrees on keys for IPsec; also behind NAT, where ESP shares its port. */
import { be32, be64, bits, header, u8 } from "../layout.ts";
import type { Printer } from "../packet/protocol.ts";
import { printEsp } from "./esp.ts";
import { exchangeNames, payloadName } from "./isakmp-names.ts";
import { printPayloads } from "./isakmp-payloads.ts";
import { messageProtocol, printPart, type Message } from "./message.ts";

/** Payloads follow; `length` counts the whole message. */
export const Isakmp = header("Isakmp", "RFC 2408, section 3.1; RFC 7296, section 3.1", {
  initiator: be64,
  responder: be64,
  nextPayload: u8,
  major: bits(4),
  minor: bits(4),
  exchange: u8,
  flags: u8,
  message: be32,
  length: be32,
});

/** Payloads are encrypted, in version 1. */
const ENCRYPTED = 0x01;
const COMMIT = 0x02;
/** Of version 2: who began, a version that could be higher, an answer. */
const INITIATOR = 0x08;
const VERSION = 0x10;
const RESPONSE = 0x20;

export const isakmp = messageProtocol({
  name: "isakmp",
  abbreviation: "isakmp",
  udpPorts: [500],
  layout: Isakmp,
  defaults: { major: 2, exchange: 34, flags: INITIATOR, length: Isakmp.size },

  print(printer, message) {
    printIsakmp(printer, message, message.offset);
    return true;
  },
});

/** RFC 3948, section 2: a byte that keeps the NAT's memory, four bytes that are 0 before IKE, or ESP. */
export const NatTraversal = header("NatTraversal", "RFC 3948, section 2", { first: u8 });

export const natTraversal = messageProtocol({
  name: "nat-traversal",
  abbreviation: "isakmp_rfc3948",
  udpPorts: [4500],
  layout: NatTraversal,
  defaults: { first: 0xff },

  print(printer, message) {
    const { offset, wireEnd } = message;
    if (wireEnd - offset === 1 && message.byte(offset) === 0xff) {
      printer.text += "isakmp-nat-keep-alive";
      return true;
    }
    message.need(offset, 4);
    if (message.long(offset) === 0) {
      printer.text += "NONESP-encap: ";
      printPart(printer, "isakmp", () => printIsakmp(printer, message, offset + 4));
    } else {
      printer.text += "UDP-encap: ";
      printPart(printer, "esp", () => printEsp(printer, message));
    }
    return true;
  },
});

const printIsakmp = (printer: Printer, message: Message, offset: number): void => {
  const { wireEnd } = message;
  message.need(offset, Isakmp.size);
  const version = message.byte(offset + 17);
  const [major, minor] = [version >> 4, version & 15];
  printer.text += "isakmp";
  if (printer.level > 0) printer.text += ` ${major}.${minor} msgid ${message.hex(offset + 20, 4)}`;
  if (printer.level > 1) printer.text += ` cookie ${message.hex(offset, 8)}->${message.hex(offset + 8, 8)}`;
  printer.text += ":";
  if (major === 1) printVersion1(printer, message, offset);
  else if (major === 2) printVersion2(printer, message, offset);
  if (printer.level === 0 || (major !== 1 && major !== 2)) return;
  const length = message.long(offset + 24);
  if (length !== wireEnd - offset) printer.text += ` (len mismatch: isakmp ${length}/ip ${wireEnd - offset})`;
};

const printExchange = (printer: Printer, message: Message, offset: number): void => {
  const exchange = message.byte(offset + 18);
  printer.text += ` ${exchangeNames[exchange] ?? `#${exchange}`}`;
};

const printVersion1 = (printer: Printer, message: Message, offset: number): void => {
  const isFirst = message.long(offset + 8) === 0 && message.long(offset + 12) === 0;
  printer.text += ` phase ${message.long(offset + 20) === 0 ? "1" : "2/others"} ${isFirst ? "I" : "?"}`;
  printExchange(printer, message, offset);
  const flags = message.byte(offset + 19);
  if (flags !== 0) printer.text += `[${(flags & ENCRYPTED) === 0 ? "" : "E"}${(flags & COMMIT) === 0 ? "" : "C"}]`;
  printContents(printer, message, offset, flags);
};

const printVersion2 = (printer: Printer, message: Message, offset: number): void => {
  printer.text += message.long(offset + 20) === 0 ? " parent_sa" : " child_sa ";
  printExchange(printer, message, offset);
  const flags = message.byte(offset + 19);
  if (flags !== 0)
    printer.text += `[${(flags & INITIATOR) === 0 ? "" : "I"}${(flags & VERSION) === 0 ? "" : "V"}${(flags & RESPONSE) === 0 ? "" : "R"}]`;
  printContents(printer, message, offset, flags);
};

const printContents = (printer: Printer, message: Message, offset: number, flags: number): void => {
  if (printer.level === 0) return;
  const first = message.byte(offset + 16);
  printer.text += ":";
  if ((flags & ENCRYPTED) === 0) printPayloads(printer, message, first, offset + Isakmp.size, message.wireEnd);
  else printer.text += ` [encrypted ${payloadName(first)}]`;
};

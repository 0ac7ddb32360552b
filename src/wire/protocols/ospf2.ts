/** OSPF, version 2, in full (RFC 2328, appendix A): who is heard, and what the links and routes of an area are. */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import type { Message } from "./message.ts";

const HELLO = 1;
const DESCRIPTION = 2;
const REQUEST = 3;
const UPDATE = 4;
const ACKNOWLEDGMENT = 5;
/** With authentication. */
const HEADER_BYTES = 24;
/** Of what is advertised (RFC 2328, section A.4.1). */
const ADVERTISEMENT_BYTES = 20;

/** The packet up to `packetEnd`, behind which there may be a digest. */
export const printOspf2 = (printer: Printer, message: Message, type: number, packetEnd: number): void => {
  const { offset } = message;
  const length = message.word(offset + 2);
  let end = packetEnd;
  if (length !== packetEnd - offset) {
    printer.text += ` [len ${length}]`;
    if (offset + length < end) end = offset + length;
  }
  printer.text += `\n\tRouter-ID ${message.address("ipv4", offset + 4)}`;
  const area = message.address("ipv4", offset + 8);
  printer.text += area === "0.0.0.0" ? ", Backbone Area" : `, Area ${area}`;
  message.need(offset + 16, 8);
  const authentication = message.word(offset + 14);
  printer.text += `, Authentication Type: ${authentications[authentication] ?? "unknown"} (${authentication})`;
  if (authentication === SIMPLE) {
    printer.text += "\n\tSimple text password: ";
    message.printString(printer, offset + 16, 8);
  } else if (authentication === MD5)
    printer.text += `\n\tKey-ID: ${message.byte(offset + 18)}, Auth-Length: ${message.byte(offset + 19)}, Crypto Sequence Number: 0x${message.hex(offset + 20, 4)}`;
  if (authentication < authentications.length) printers[type]?.(printer, message, offset + HEADER_BYTES, end);
};

type Print = (printer: Printer, message: Message, at: number, end: number) => void;

const printOptions = (printer: Printer, options: number): void => {
  printer.text += `\n\tOptions [${bitNames(options, optionNames)}]`;
};

const hello: Print = (printer, message, at, end) => {
  printOptions(printer, message.byte(at + 6));
  printer.text += `\n\t  Hello Timer ${message.word(at + 4)}s, Dead Timer ${message.long(at + 8)}s, Mask ${message.address("ipv4", at)}, Priority ${message.byte(at + 7)}`;
  const designated = message.address("ipv4", at + 12);
  if (designated !== NOBODY) printer.text += `\n\t  Designated Router ${designated}`;
  const backup = message.address("ipv4", at + 16);
  if (backup !== NOBODY) printer.text += `, Backup Designated Router ${backup}`;
  if (at + 20 >= end) return;
  printer.text += "\n\t  Neighbor List:";
  for (let place = at + 20; place + 4 <= end; place += 4) printer.text += `\n\t    ${message.address("ipv4", place)}`;
};
const NOBODY = "0.0.0.0";

const description: Print = (printer, message, at, end) => {
  printOptions(printer, message.byte(at + 2));
  const flags = bitNames(message.byte(at + 3), descriptionFlags);
  printer.text += `, DD Flags [${flags}], MTU: ${message.word(at)}`;
  printer.text += `, Sequence: 0x${message.hex(at + 4, 4)}`;
  printHeaders(printer, message, at + 8, end);
};

const printHeaders = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at < end; at += ADVERTISEMENT_BYTES) {
    if (at + ADVERTISEMENT_BYTES > end) message.stop();
    if (!printAdvertisement(printer, message, at)) return;
  }
};

const request: Print = (printer, message, start, end) => {
  for (let at = start; at < end; at += 12) {
    if (at + 12 > end) message.stop();
    printer.text += `\n\t  Advertising Router: ${message.address("ipv4", at + 8)}`;
    const type = message.long(at);
    printer.text += `, ${advertisements[type] ?? "unknown"} LSA (${type})`;
    printer.text += opaques.has(type)
      ? `, Opaque-Type: ${opaqueName(message.byte(at + 4))} LSA (${message.byte(at + 4)}), Opaque-ID: ${message.triple(at + 5)}`
      : `, LSA-ID: ${message.address("ipv4", at + 4)}`;
  }
};

const update: Print = (printer, message, start, end) => {
  const count = message.long(start);
  printer.text += `, ${count} LSA${count === 1 ? "" : "s"}`;
  let at = start + 4;
  for (let number = 1; number <= count; number++) {
    printer.text += `\n\t  LSA #${number}`;
    at = printAdvertised(printer, message, at, end);
  }
};

/** What is before the contents of an advertisement; false where its length leaves no room for that. */
const printAdvertisement = (printer: Printer, message: Message, at: number): boolean => {
  message.need(at, ADVERTISEMENT_BYTES);
  const length = message.word(at + 18);
  if (length < ADVERTISEMENT_BYTES) {
    printer.text += `\n\t    Bogus length ${length} < header (${ADVERTISEMENT_BYTES})`;
    return false;
  }
  printer.text += `\n\t  Advertising Router ${message.address("ipv4", at + 8)}, seq 0x${message.hex(at + 12, 4)}, age ${message.word(at)}s, length ${length - ADVERTISEMENT_BYTES}`;
  const type = message.byte(at + 3);
  printer.text += `\n\t    ${advertisements[type] ?? "unknown"} LSA (${type})`;
  printer.text += opaques.has(type)
    ? `, Opaque-Type ${opaqueName(message.byte(at + 4))} LSA (${message.byte(at + 4)}), Opaque-ID ${message.triple(at + 5)}`
    : `, LSA-ID: ${message.address("ipv4", at + 4)}`;
  printer.text += `\n\t    Options: [${bitNames(message.byte(at + 2), optionNames)}]`;
  return true;
};

/** Returns where it ends. */
const printAdvertised = (printer: Printer, message: Message, at: number, end: number): number => {
  if (!printAdvertisement(printer, message, at)) message.stop();
  const length = message.word(at + 18);
  const type = message.byte(at + 3);
  const [contents, contentsEnd] = [at + ADVERTISEMENT_BYTES, at + length] as const;
  if (contentsEnd > end) message.need(at, length);
  bodies[type]?.(printer, message, contents, contentsEnd);
  if (printer.level > 1) printer.text += hexDump(message.bytes, contents, contentsEnd, false, "\t    ");
  return contentsEnd;
};

const router: Print = (printer, message, at) => {
  printer.text += `\n\t    Router LSA Options: [${bitNames(message.byte(at), routerFlags)}]`;
  let place = at + 4;
  for (let links = message.word(at + 2); links > 0; links--) {
    const [id, data, type] = [message.address("ipv4", place), message.address("ipv4", place + 4), message.byte(place + 8)]; // prettier-ignore
    printer.text += linkText(type, id, data);
    printer.text += `\n\t\ttopology default (0), metric ${message.word(place + 10)}`;
    const topologies = message.byte(place + 9);
    for (let index = 0; index < topologies; index++) {
      const metric = place + 12 + index * 4;
      printer.text += `\n\t\ttopology ${topology(message.byte(metric))}, metric ${message.word(metric + 2)}`;
    }
    place += 12 + topologies * 4;
  }
};

const linkText = (type: number, id: string, data: string): string => {
  switch (type) {
    case 1:
      return `\n\t      Neighbor Router-ID: ${id}, Interface Address: ${data}`;
    case 2:
      return `\n\t      Neighbor Network-ID: ${id}, Interface Address: ${data}`;
    case 3:
      return `\n\t      Stub Network: ${id}, Mask: ${data}`;
    case 4:
      return `\n\t      Virtual Link: Neighbor Router-ID: ${id}, Interface Address: ${data}`;
    default:
      return `\n\t      Unknown Router Link Type (${type})`;
  }
};

const network: Print = (printer, message, at, end) => {
  printer.text += `\n\t    Mask ${message.address("ipv4", at)}\n\t    Connected Routers:`;
  for (let place = at + 4; place + 4 <= end; place += 4) printer.text += `\n\t      ${message.address("ipv4", place)}`;
};

const summary: Print = (printer, message, at, end) => {
  printer.text += `\n\t    Mask ${message.address("ipv4", at)}`;
  printMetrics(printer, message, at + 4, end);
};
const border: Print = (printer, message, at, end) => printMetrics(printer, message, at + 4, end);
const printMetrics = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at + 4 <= end; at += 4)
    printer.text += `\n\t\ttopology ${topology(message.byte(at) & 0x7f)} metric ${message.triple(at + 1)}`;
};

const external: Print = (printer, message, at, end) => {
  printer.text += `\n\t    Mask ${message.address("ipv4", at)}`;
  for (let place = at + 4; place + 12 <= end; place += 12) {
    const first = message.byte(place);
    printer.text += `\n\t\ttopology ${topology(first & 0x7f)}, type ${(first & 0x80) === 0 ? 1 : 2}, metric ${message.triple(place + 1)}`;
    const forward = message.address("ipv4", place + 4);
    if (forward !== NOBODY) printer.text += `, forward ${forward}`;
    if (message.long(place + 8) !== 0) printer.text += `, tag ${message.address("ipv4", place + 8)}`;
  }
};

const topology = (number: number): string => `${topologies[number] ?? "Unknown"} (${number})`;
const opaqueName = (type: number): string => opaqueTypes[type] ?? "unknown";

const printers: Readonly<Record<number, Print>> = {
  [HELLO]: hello,
  [DESCRIPTION]: description,
  [REQUEST]: request,
  [UPDATE]: update,
  [ACKNOWLEDGMENT]: printHeaders,
};
const bodies: Readonly<Record<number, Print>> = { 1: router, 2: network, 3: summary, 4: border, 5: external, 7: external }; // prettier-ignore
const SIMPLE = 1;
const MD5 = 2;
const authentications = ["none", "simple", "MD5"] as const;
const optionNames = [[1, "MultiTopology"], [2, "External"], [4, "Multicast"], [8, "NSSA"], [16, "LLS"], [32, "Demand Circuit"], [64, "Opaque"], [128, "Up/Down"]] as const; // prettier-ignore
const descriptionFlags = [[4, "Init"], [2, "More"], [1, "Master"], [8, "OOBResync"]] as const; // prettier-ignore
const routerFlags = [[1, "ABR"], [2, "ASBR"], [4, "Virtual"], [8, "W1"], [16, "W2"]] as const; // prettier-ignore
const advertisements: Readonly<Record<number, string>> = { 1: "Router", 2: "Network", 3: "Summary", 4: "ASBR Summary", 5: "External", 6: "Multicast Group", 7: "NSSA", 9: "Link Local Opaque", 10: "Area Local Opaque", 11: "Domain Wide Opaque" }; // prettier-ignore
const opaques: ReadonlySet<number> = new Set([9, 10, 11]);
const opaqueTypes: Readonly<Record<number, string>> = { 1: "Traffic Engineering", 3: "Graceful restart", 4: "Router Information" }; // prettier-ignore
const topologies: Readonly<Record<number, string>> = { 0: "default", 1: "multicast", 2: "management" };

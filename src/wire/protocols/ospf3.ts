/** OSPF, version 3, in full (RFC 5340, appendix A): who is heard; with `-vv` what the links and routes of an area are. */
import { formatAddress } from "../address.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import type { Message } from "./message.ts";

const HEADER_BYTES = 16;
/** Of what is advertised (RFC 5340, section A.4.2). */
const ADVERTISEMENT_BYTES = 20;

/** `packetEnd`: where it ends on the wire. */
export const printOspf3 = (printer: Printer, message: Message, type: number, packetEnd: number): void => {
  const { offset } = message;
  const length = message.word(offset + 2);
  if (length !== packetEnd - offset) {
    printer.text += ` [len ${length}]`;
    return;
  }
  printer.text += `\n\tRouter-ID ${message.address("ipv4", offset + 4)}`;
  const area = message.address("ipv4", offset + 8);
  printer.text += area === NOBODY ? ", Backbone Area" : `, Area ${area}`;
  const instance = message.byte(offset + 14);
  if (instance !== 0) printer.text += `, Instance ${instance}`;
  printers[type]?.(printer, message, offset + HEADER_BYTES, packetEnd);
};

type Print = (printer: Printer, message: Message, at: number, end: number) => void;

const NOBODY = "0.0.0.0";
const optionText = (message: Message, at: number): string => bitNames(message.triple(at), optionNames);

const hello: Print = (printer, message, at, end) => {
  printer.text += `\n\tOptions [${optionText(message, at + 5)}]`;
  message.need(at, 20);
  printer.text += `\n\t  Hello Timer ${message.word(at + 8)}s, Dead Timer ${message.word(at + 10)}s, Interface-ID ${message.address("ipv4", at)}, Priority ${message.byte(at + 4)}`;
  const designated = message.address("ipv4", at + 12);
  if (designated !== NOBODY) printer.text += `\n\t  Designated Router ${designated}`;
  const backup = message.address("ipv4", at + 16);
  if (backup !== NOBODY) printer.text += `, Backup Designated Router ${backup}`;
  if (printer.level < 2) return;
  printer.text += "\n\t  Neighbor List:";
  for (let place = at + 20; place < end; place += 4) printer.text += `\n\t    ${message.address("ipv4", place)}`;
};

const description: Print = (printer, message, at, end) => {
  printer.text += `\n\tOptions [${optionText(message, at + 1)}]`;
  printer.text += `, DD Flags [${bitNames(message.byte(at + 7), descriptionFlags)}], MTU ${message.word(at + 4)}, DD-Sequence 0x${message.hex(at + 8, 4)}`;
  if (printer.level > 1) printHeaders(printer, message, at + 12, end);
};

const printHeaders: Print = (printer, message, start, end) => {
  for (let at = start; at < end; at += ADVERTISEMENT_BYTES) printAdvertisement(printer, message, at);
};

const acknowledgement: Print = (printer, message, at, end) => {
  if (printer.level > 1) printHeaders(printer, message, at, end);
};

const request: Print = (printer, message, start, end) => {
  if (printer.level < 2) return;
  for (let at = start; at < end; at += 12) {
    printer.text += `\n\t  Advertising Router ${message.address("ipv4", at + 8)}`;
    printKind(printer, message, at + 2);
  }
};

const update: Print = (printer, message, start, end) => {
  if (printer.level < 2) return;
  let at = start + 4;
  for (let count = message.long(start); count > 0 && at < end; count--) {
    printAdvertisement(printer, message, at);
    const length = message.word(at + 18);
    if (length < ADVERTISEMENT_BYTES) message.stop();
    const print = bodies[message.word(at + 2)];
    const [contents, contentsEnd] = [at + ADVERTISEMENT_BYTES, at + length] as const;
    if (print !== undefined) print(printer, message, contents, contentsEnd);
    else {
      message.need(at, length);
      printer.text += hexDump(message.bytes, contents, contentsEnd, false, "\t      ");
    }
    at += length;
  }
};

const printAdvertisement = (printer: Printer, message: Message, at: number): void => {
  message.need(at, ADVERTISEMENT_BYTES);
  printer.text += `\n\t  Advertising Router ${message.address("ipv4", at + 8)}, seq 0x${message.hex(at + 12, 4)}, age ${message.word(at)}s, length ${message.word(at + 18) - ADVERTISEMENT_BYTES}`;
  printKind(printer, message, at + 2);
};

/** Type, and the identifier behind it (RFC 5340, section A.4.2.1). */
const printKind = (printer: Printer, message: Message, at: number): void => {
  const type = message.word(at);
  const [scope, kind] = [type & 0x6000, type & 0x1fff] as const;
  printer.text += `\n\t    ${kinds[kind] ?? "Unknown"} LSA (${kind}), ${scopes[scope >> 13]} Scope${type > 0x7fff ? ", transitive" : ""}, LSA-ID ${message.address("ipv4", at + 2)}`;
};

const router: Print = (printer, message, at, end) => {
  printer.text += `\n\t      Options [${optionText(message, at + 1)}], RLA-Flags [${bitNames(message.byte(at), routerFlags)}]`;
  for (let place = at + 4; place < end; place += 16) {
    message.need(place, 16);
    const type = message.byte(place);
    const link = links[type];
    if (link === undefined) {
      printer.text += `\n\t      Unknown Router Links Type 0x${message.hex(place, 1)}`;
      return;
    }
    printer.text += `\n\t      ${link} ${message.address("ipv4", place + 12)}`;
    printer.text += `\n\t      Neighbor Interface-ID ${message.address("ipv4", place + 8)}, Interface ${message.address("ipv4", place + 4)}, metric ${message.word(place + 2)}`;
  }
};
const links: Readonly<Record<number, string>> = { 1: "Neighbor Router-ID", 2: "Neighbor Network-ID", 4: "Virtual Link: Neighbor Router-ID" }; // prettier-ignore

const network: Print = (printer, message, at, end) => {
  printer.text += `\n\t      Options [${optionText(message, at + 1)}]\n\t      Connected Routers:`;
  for (let place = at + 4; place < end; place += 4) printer.text += `\n\t\t${message.address("ipv4", place)}`;
};

/** `2001:db8::/64, metric 10`; returns where it ends. The metric is what stands behind the options. */
const printPrefix = (printer: Printer, message: Message, at: number): number => {
  const bits = message.byte(at);
  if (bits > 128) {
    printer.text += ` bogus prefixlen /${bits}`;
    message.stop();
  }
  const bytes = Math.ceil(bits / 32) * 4;
  message.need(at + 4, bytes);
  const prefix = new Uint8Array(16);
  prefix.set(message.bytes.subarray(at + 4, at + 4 + bytes));
  printer.text += `\n\t\t${formatAddress("ipv6", prefix, 0)}/${bits}`;
  const options = message.byte(at + 1);
  if (options !== 0) printer.text += `, Options [${bitNames(options, prefixOptions)}]`;
  printer.text += `, metric ${message.word(at + 2)}`;
  return at + 4 + bytes;
};

const interArea: Print = (printer, message, start, end) => {
  printer.text += `, metric ${message.triple(start + 1)}`;
  for (let at = start + 4; at < end;) at = printPrefix(printer, message, at);
};

const external: Print = (printer, message, start, end) => {
  const flags = message.byte(start);
  printer.text += `\n\t     Flags [${bitNames(flags, externalFlags)}] metric ${message.triple(start + 1)}`;
  const referenced = message.word(start + 6);
  let at = printPrefix(printer, message, start + 4);
  if ((flags & FORWARDING) !== 0) {
    printer.text += ` forward ${message.address("ipv6", at)}`;
    at += 16;
  }
  if ((flags & TAG) !== 0) {
    printer.text += ` tag ${message.address("ipv4", at)}`;
    at += 4;
  }
  if (referenced !== 0 && at + 4 <= end) printer.text += ` RefLSID: ${message.address("ipv4", at)}`;
};
const TAG = 1;
const FORWARDING = 2;

const link: Print = (printer, message, at) => {
  printer.text += `\n\t      Options [${optionText(message, at + 1)}]`;
  const prefixes = message.long(at + 20);
  printer.text += `\n\t      Priority ${message.byte(at)}, Link-local address ${message.address("ipv6", at + 4)}, Prefixes ${prefixes}:`;
  let place = at + 24;
  for (let count = prefixes; count > 0; count--) place = printPrefix(printer, message, place);
};

const intraArea: Print = (printer, message, at) => {
  message.need(at, 12);
  printKind(printer, message, at + 2);
  const prefixes = message.word(at);
  printer.text += `\n\t      Prefixes ${prefixes}:`;
  let place = at + 12;
  for (let count = prefixes; count > 0; count--) place = printPrefix(printer, message, place);
};

const printers: Readonly<Record<number, Print>> = { 1: hello, 2: description, 3: request, 4: update, 5: acknowledgement }; // prettier-ignore
const bodies: Readonly<Record<number, Print>> = { 0x2001: router, 0x2002: network, 0x2003: interArea, 0x4005: external, 0x0008: link, 0x2009: intraArea }; // prettier-ignore
const optionNames = [[0x0001, "V6"], [0x0002, "External"], [0x0004, "Deprecated"], [0x0008, "NSSA"], [0x0010, "Router"], [0x0020, "Demand Circuit"], [0x0100, "AFs Support"], [0x0200, "LLS"], [0x0400, "Authentication Trailer"]] as const; // prettier-ignore
const descriptionFlags = [[4, "Init"], [2, "More"], [1, "Master"], [16, "IPv6 MTU"]] as const; // prettier-ignore
const routerFlags = [[1, "ABR"], [2, "External"], [4, "Virtual-Link Endpoint"], [8, "Deprecated"], [16, "NSSA Translator"]] as const; // prettier-ignore
const externalFlags = [[FORWARDING, "Forwarding"], [TAG, "Tag"]] as const; // prettier-ignore
const prefixOptions = [[1, "No Unicast"], [2, "Local address"], [4, "Deprecated"], [8, "Propagate"], [16, "Down"]] as const; // prettier-ignore
const scopes = ["Link Local", "Area Local", "Domain Wide", "Unknown"] as const;
const kinds: Readonly<Record<number, string>> = { 1: "Router", 2: "Network", 3: "Inter-Area Prefix", 4: "Inter-Area Router", 5: "External", 6: "Deprecated", 7: "NSSA", 8: "Link", 9: "Intra-Area Prefix", 10: "Intra-Area TE", 11: "Grace" }; // prettier-ignore

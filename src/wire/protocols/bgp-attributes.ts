/** BGP's updates: routes that go, and routes that come with the attributes of their path (RFC 4271, section 4.3). */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { extendedCommunityText } from "./bgp-communities.ts";
import { DISTINGUISHER_BYTES, distinguisherText, familyName, kindName, printRoutes, routeForm, type RouteForm } from "./bgp-routes.ts"; // prettier-ignore
import type { Message } from "./message.ts";

const unicast: RouteForm = { family: "ipv4", hasLabel: false, isVpn: false };

export const printPaths = (printer: Printer, message: Message, start: number): void => {
  const withdrawn = message.word(start);
  let at = start + 2;
  if (withdrawn > 0) {
    message.need(at, withdrawn);
    printer.text += "\n\t  Withdrawn routes:";
    printRoutes(printer, message, at, at + withdrawn, unicast, "\n\t    ");
  }
  at += withdrawn;
  const attributes = message.word(at);
  at += 2;
  message.need(at, attributes);
  if (!printAttributes(printer, message, at, at + attributes)) return;
  at += attributes;
  if (at < message.end) {
    printer.text += "\n\t  Updated routes:";
    printRoutes(printer, message, at, message.end, unicast, "\n\t    ");
  } else if (attributes === 0) printer.text += `\n\t  ${END_OF_ROUTES}`;
};

/** RFC 4724, section 2. */
const END_OF_ROUTES = "End-of-Rib Marker (empty NLRI)";

/** False where they are not as long as they say to be. */
const printAttributes = (printer: Printer, message: Message, start: number, end: number): boolean => {
  for (let at = start; at < end;) {
    const [flags, type] = [message.byte(at), message.byte(at + 1)];
    const isLong = (flags & 0x10) !== 0;
    const length = isLong ? message.word(at + 2) : message.byte(at + 2);
    at += isLong ? 4 : 3;
    const attribute = attributes[type];
    printer.text += `\n\t  ${attribute?.name ?? "Unknown Attribute"} (${type}), length: ${length}`;
    if (flags !== 0) printer.text += `, Flags [${flagText(flags)}]: `;
    if (at + length > end) {
      printer.text += " [path attrs too short]";
      return false;
    }
    message.need(at, length);
    printAttribute(printer, message, attribute, type, at, length);
    if (printer.level > 1 && (type !== LARGE_COMMUNITY || length % 12 !== 0))
      printer.text += hexDump(message.bytes, at, at + length, false, "\t    ");
    at += length;
  }
  return true;
};

const printAttribute = (
  printer: Printer,
  message: Message,
  attribute: Attribute | undefined,
  type: number,
  at: number,
  length: number,
): void => {
  if (attribute?.lengths?.(length) === false) printer.text += "invalid len";
  else if (attribute?.print !== undefined) attribute.print(printer, message, at, length);
  else {
    printer.text += `\n\t    no Attribute ${type} decoder`;
    if (printer.level < 2) printer.text += hexDump(message.bytes, at, at + length, false, "\t    ");
  }
};

/** RFC 8092. */
const LARGE_COMMUNITY = 32;

/** Optional, transitive, partial, with a long length. */
const flagText = (flags: number): string => {
  const letters = [..."OTPE"].filter((_letter, bit) => (flags & (0x80 >> bit)) !== 0).join("");
  return (flags & 0x0f) === 0 ? letters : `${letters}+${(flags & 0x0f).toString(16)}`;
};

interface Attribute {
  readonly name: string;
  readonly lengths?: (length: number) => boolean;
  print?(printer: Printer, message: Message, at: number, length: number): void;
}

const lengthOf =
  (...lengths: readonly number[]) =>
  (length: number): boolean =>
    lengths.includes(length);
const timesOf =
  (size: number) =>
  (length: number): boolean =>
    length % size === 0;

const number = (name: string): Attribute => ({
  name,
  lengths: lengthOf(4),
  print(printer, message, at) {
    printer.text += message.long(at);
  },
});
const address = (name: string): Attribute => ({
  name,
  lengths: lengthOf(4),
  print(printer, message, at) {
    printer.text += message.address("ipv4", at);
  },
});

const path = (name: string): Attribute => ({
  name,
  print(printer, message, start, length) {
    if (length === 0) printer.text += "empty";
    const size = numberSize(message, start, start + length);
    for (let at = start; at < start + length;) {
      const [open, close] = segments[message.byte(at)] ?? ["?", "?"];
      printer.text += open;
      const count = message.byte(at + 1);
      at += 2;
      for (let index = 0; index < count; index++, at += size)
        printer.text += `${size === 2 ? message.word(at) : message.long(at)} `;
      printer.text += close;
    }
  },
});
/** RFC 4271, section 4.3; RFC 5065, section 3: sets, sequences, and both of confederations. */
const segments: Readonly<Record<number, readonly [string, string]>> = { 1: ["{ ", "}"], 2: ["", ""], 3: ["( ", ")"], 4: ["({ ", "})"] }; // prettier-ignore

/** Whether AS numbers have 2 bytes or 4 was said when the session opened: 2 it is where segments of that fit. */
const numberSize = (message: Message, start: number, end: number): 2 | 4 => {
  let at = start;
  while (at + 2 <= end) {
    const [type, count] = [message.byte(at), message.byte(at + 1)];
    if (segments[type] === undefined || count === 0) return 4;
    at += 2 + count * 2;
  }
  return at === end ? 2 : 4;
};

const aggregator = (name: string, ...lengths: readonly number[]): Attribute => ({
  name,
  lengths: lengthOf(...lengths),
  print(printer, message, at, length) {
    const as = length === 6 ? message.word(at) : message.long(at);
    printer.text += ` AS #${as}, origin ${message.address("ipv4", at + length - 4)}`;
  },
});

/** RFC 4760: a family's routes, and where to send what goes there. */
const reach: Attribute["print"] = (printer, message, start, length) => {
  const end = start + length;
  const form = printFamily(printer, message, start, length);
  if (form === undefined) return;
  const hopEnd = start + 4 + message.byte(start + 3);
  printer.text += "\n\t    nexthop: ";
  printHops(printer, message, start + 4, hopEnd, form);
  printer.text += `, nh-length: ${hopEnd - start - 4}`;
  const points = message.byte(hopEnd);
  let at = hopEnd + 1;
  if (points === 0) printer.text += ", no SNPA";
  else printer.text += `\n\t    ${points} SNPA`;
  for (let point = 0; point < points; point++) {
    printer.text += `\n\t      ${message.byte(at)} bytes`;
    at += 1 + message.byte(at);
  }
  printRoutes(printer, message, at, end, form, "\n\t      ");
};

const printHops = (printer: Printer, message: Message, start: number, end: number, form: RouteForm): void => {
  const before = form.isVpn ? DISTINGUISHER_BYTES : 0;
  // IPv4 may go by way of IPv6 (RFC 8950).
  const family = (end - start) % (16 + before) === 0 && end > start ? "ipv6" : form.family;
  const size = before + (family === "ipv4" ? 4 : 16);
  for (let at = start; at < end; at += size) {
    if (at > start) printer.text += ", ";
    if (at + size > end) {
      printer.text += "invalid len";
      return;
    }
    if (form.isVpn) printer.text += `RD: ${distinguisherText(message, at)}, `;
    printer.text += message.address(family, at + before);
  }
};

const unreach: Attribute["print"] = (printer, message, start, length) => {
  const form = printFamily(printer, message, start, length);
  if (form !== undefined && length === FAMILY_BYTES) printer.text += `\n\t      ${END_OF_ROUTES}`;
  else if (form !== undefined) printRoutes(printer, message, start + FAMILY_BYTES, start + length, form, "\n\t      ");
};
const FAMILY_BYTES = 3;

/** Says which routes they are; undefined where nothing here reads them, whose bytes are shown. */
const printFamily = (printer: Printer, message: Message, at: number, length: number): RouteForm | undefined => {
  if (length < FAMILY_BYTES) message.stop();
  const [family, kind] = [message.word(at), message.byte(at + 2)];
  printer.text += `\n\t    AFI: ${familyName(family) ?? "Unknown AFI"} (${family}), ${kind > 128 ? "vendor specific " : ""}SAFI: ${kindName(kind) ?? "Unknown SAFI"} (${kind})`;
  const form = routeForm(family, kind);
  if (form !== undefined) return form;
  printer.text += `\n\t    no AFI ${family} / SAFI ${kind} decoder`;
  if (printer.level < 2) printer.text += hexDump(message.bytes, at, at + length, false, "\t    ");
  return undefined;
};

const wellKnown: Readonly<Record<number, string>> = { 0xffffff01: "NO_EXPORT", 0xffffff02: "NO_ADVERTISE", 0xffffff03: "NO_EXPORT_SUBCONFED" }; // prettier-ignore
const origins = ["IGP", "EGP", "Incomplete"] as const;

const attributes: Readonly<Record<number, Attribute>> = {
  1: {
    name: "Origin",
    lengths: lengthOf(1),
    print(printer, message, at) {
      printer.text += origins[message.byte(at)] ?? "Unknown Origin Typecode";
    },
  },
  2: path("AS Path"),
  3: address("Next Hop"),
  4: number("Multi Exit Discriminator"),
  5: number("Local Preference"),
  6: { name: "Atomic Aggregate", lengths: lengthOf(0), print: () => undefined },
  7: aggregator("Aggregator", 6, 8),
  8: {
    name: "Community",
    lengths: timesOf(4),
    print(printer, message, start, length) {
      for (let at = start; at < start + length; at += 4) {
        const name = wellKnown[message.long(at)];
        if (name !== undefined) printer.text += ` ${name}`;
        else printer.text += `${message.word(at)}:${message.word(at + 2)}${at + 4 < start + length ? ", " : ""}`;
      }
    },
  },
  9: address("Originator ID"),
  10: {
    name: "Cluster List",
    lengths: timesOf(4),
    print(printer, message, start, length) {
      for (let at = start; at < start + length; at += 4)
        printer.text += `${at > start ? ", " : ""}${message.address("ipv4", at)}`;
    },
  },
  11: { name: "DPA" },
  12: { name: "Advertisers" },
  13: { name: "RCID Path / Cluster ID" },
  14: { name: "Multi-Protocol Reach NLRI", print: reach },
  15: { name: "Multi-Protocol Unreach NLRI", print: unreach },
  16: {
    name: "Extended Community",
    lengths: timesOf(8),
    print(printer, message, start, length) {
      for (let at = start; at < start + length; at += 8)
        printer.text += `\n\t    ${extendedCommunityText(message, at)}`;
    },
  },
  17: path("AS4 Path"),
  18: aggregator("Aggregator4", 8),
  22: { name: "PMSI Tunnel" },
  23: { name: "Tunnel Encapsulation" },
  26: {
    name: "Accumulated IGP Metric",
    print(printer, message, start, length) {
      for (let at = start; at < start + length;) {
        const [type, size] = [message.byte(at), message.word(at + 1)];
        printer.text += `\n\t    ${type === 1 ? "AIGP" : "Unknown"} TLV (${type}), length ${size}`;
        if (size < 3) message.stop();
        if (type === 1 && size === 11) printer.text += `, metric ${message.wide(at + 3)}`;
        at += size;
      }
    },
  },
  [LARGE_COMMUNITY]: {
    name: "Large Community",
    lengths: (length) => length > 0 && length % 12 === 0,
    print(printer, message, start, length) {
      for (let at = start; at < start + length; at += 12)
        printer.text += `${at > start ? ", " : "\n\t    "}${message.long(at)}:${message.long(at + 4)}:${message.long(at + 8)}`;
    },
  },
  128: { name: "Attribute Set" },
};

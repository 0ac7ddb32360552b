/** The objects of RSVP (RFC 2205, appendix A; RFC 3209): of sessions, of labels and the paths they go. */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { etherTypeName } from "./ether-type-name.ts";
import { bitNames } from "./bit-names.ts";
import { printIntegratedServices } from "./rsvp-services.ts";
import type { Message } from "./message.ts";

const HEADER_BYTES = 4;

/** `indent` is that of the message around them. */
export const printRsvpObjects = (
  printer: Printer,
  message: Message,
  start: number,
  end: number,
  indent: string,
): void => {
  for (let at = start; at < end;) {
    message.need(at, HEADER_BYTES);
    const [length, type, form] = [message.word(at), message.byte(at + 2), message.byte(at + 3)];
    if (length % 4 !== 0 || length < HEADER_BYTES) {
      printer.text += `${indent}  ERROR: object header size ${length} ${length % 4 === 0 ? `< ${HEADER_BYTES}` : "not a multiple of 4"}`;
      return;
    }
    const object = objects[type];
    const name = object?.forms[form];
    printer.text += `${indent}  ${object?.name ?? "Unknown"} Object (${type}) Flags: [${whenUnknown(type)}], Class-Type: ${name?.name ?? "Unknown"} (${form}), length: ${length}`;
    const contents = at + HEADER_BYTES;
    message.need(contents, length - HEADER_BYTES);
    if (name !== undefined && length - HEADER_BYTES < name.least) {
      printer.text += `${indent}  ERROR: object is too short`;
      return;
    }
    name?.print(printer, message, contents, at + length, `${indent}    `);
    if (name === undefined || printer.level > 1)
      printer.text += hexDump(message.bytes, contents, at + length, false, "\t    ");
    at += length;
  }
};

/** RFC 2205, section 3.10: by the first bits of a class. */
const whenUnknown = (type: number): string =>
  type < 0x80 ? "reject if unknown" : type < 0xc0 ? "ignore silently if unknown" : "ignore and forward if unknown";

type Print = (printer: Printer, message: Message, at: number, end: number, indent: string) => void;
interface Form {
  readonly name: string;
  readonly least: number;
  readonly print: Print;
}
interface ObjectKind {
  readonly name: string;
  /** By their number (C-Type). */
  readonly forms: Readonly<Record<number, Form>>;
}

/** Lines of text, each indented. */
const lines =
  (text: (message: Message, at: number, end: number) => readonly string[]): Print =>
  (printer, message, at, end, indent) => {
    for (const line of text(message, at, end)) printer.text += indent + line;
  };
const form = (
  name: string,
  least: number,
  text: (message: Message, at: number, end: number) => readonly string[],
): Form => ({ name, least, print: lines(text) });
const byte = (message: Message, at: number): string => `0x${message.hex(at, 1)}`;

const destination =
  (family: "ipv4" | "ipv6", size: number) =>
  (message: Message, at: number): readonly string[] => [
    `IPv${family === "ipv4" ? 4 : 6} DestAddress: ${message.address(family, at)}, Protocol ID: ${byte(message, at + size)}`,
    `Flags: [${byte(message, at + size + 1)}], DestPort ${message.word(at + size + 2)}`,
  ];
const session: ObjectKind = {
  name: "Session",
  forms: {
    1: form("IPv4", 8, destination("ipv4", 4)),
    2: form("IPv6", 20, destination("ipv6", 16)),
    7: form("Tunnel IPv4", 12, (message, at) => [
      `IPv4 Tunnel EndPoint: ${message.address("ipv4", at)}, Tunnel ID: 0x${message.hex(at + 6, 2)}, Extended Tunnel ID: ${message.address("ipv4", at + 8)}`,
    ]),
  },
};

const interfaceOf =
  (family: "ipv4" | "ipv6", size: number) =>
  (message: Message, at: number): readonly string[] => [
    `Previous/Next Interface: ${message.address(family, at)}, Logical Interface Handle: 0x${message.hex(at + size, 4)}`,
  ];

const sourceOf =
  (family: "ipv4" | "ipv6", size: number) =>
  (message: Message, at: number): readonly string[] => [
    `Source Address: ${message.address(family, at)}, Source Port: ${message.word(at + size + 2)}`,
  ];
const source = (name: string, tunnel: string): ObjectKind => ({
  name,
  forms: {
    1: form("IPv4", 8, sourceOf("ipv4", 4)),
    2: form("IPv6", 20, sourceOf("ipv6", 16)),
    7: form("Tunnel IPv4", 8, (message, at) => [
      `${tunnel}: ${message.address("ipv4", at)}, LSP-ID: 0x${message.hex(at + 6, 2)}`,
    ]),
  },
});

/** RFC 3209, section 4.3.3: hops of a path; a label is noted beside them. */
const hops: Print = (printer, message, start, end, indent) => {
  for (let at = start; at < end;) {
    const first = message.byte(at);
    const [type, length] = [first & 0x7f, message.byte(at + 1)];
    printer.text += `${indent}Subobject Type: ${hopNames[type] ?? `Unknown ${type}`}, length ${length}`;
    if (length === 0) {
      printer.text += `${indent}ERROR: zero length ERO subtype`;
      return;
    }
    if (type === 1 && length === 8)
      printer.text += `, ${first > 0x7f ? "Loose" : "Strict"}, ${message.address("ipv4", at + 2)}/${message.byte(at + 6)}, Flags: [${bitNames(message.byte(at + 7), hopFlags)}]`;
    else if (type === 3 && length === 8) {
      const flags = message.byte(at + 2);
      printer.text += `, Flags: [${bitNames(flags, labelFlags)}] (${flags === 0 ? "0" : `0x${flags.toString(16)}`}), Class-Type: ${labelForms[message.byte(at + 3)] ?? "Unknown"} (${message.byte(at + 3)}), ${message.long(at + 4)}`;
    }
    at += length;
  }
};
const hopNames: Readonly<Record<number, string>> = { 1: "IPv4 prefix", 2: "IPv6 prefix", 3: "Label", 32: "Autonomous system number", 64: "MPLS label switched path termination" }; // prettier-ignore
const hopFlags = [[1, "Local protection available"], [2, "Local protection in use"]] as const; // prettier-ignore
const labelFlags = [[1, "Global"]] as const; // prettier-ignore
const labelForms: Readonly<Record<number, string>> = { 1: "IPv4" };

const attribute: Print = (printer, message, at, _end, indent) => {
  const length = message.byte(at + 3);
  printer.text += `${indent}Session Name: `;
  message.printText(printer, at + 4, length);
  const flags = message.byte(at + 2);
  printer.text += `${indent}Setup Priority: ${message.byte(at)}, Holding Priority: ${message.byte(at + 1)}, Flags: [${bitNames(flags, attributeFlags)}] (${flags === 0 ? "0" : `0x${flags.toString(16)}`})`;
};
const attributeFlags = [[1, "Local Protection"], [2, "Label Recording"], [4, "SE Style"], [8, "Bandwidth protection"], [16, "Node protection"]] as const; // prettier-ignore

const failure = (message: Message, at: number): readonly string[] => {
  const [code, value] = [message.byte(at + 5), message.word(at + 6)];
  const known = failures[code];
  const why =
    known?.values === undefined
      ? `Unknown Error Value (${value})`
      : `Error Value: ${known.values[value] ?? "unknown"} (${value})`;
  return [
    `Error Node Address: ${message.address("ipv4", at)}, Flags: [${byte(message, at + 4)}]`,
    `Error Code: ${known?.name ?? "unknown"} (${code}), ${why}`,
  ];
};
const failures: Readonly<Record<number, { readonly name: string; readonly values?: readonly (string | undefined)[] }>> = {
  24: { name: "Routing Problem", values: [undefined, "Bad EXPLICIT_ROUTE object", "Bad strict node", "Bad loose node", "Bad initial subobject", "No route available toward destination", "Unacceptable label value", "RRO indicated routing loops", "non-RSVP-capable router in the path", "MPLS label allocation failure", "Unsupported L3PID"] },
  25: { name: "Notify Error" },
}; // prettier-ignore

const identifiers = (message: Message, at: number, end: number): readonly string[] => {
  const all = [`Flags [${byte(message, at)}], epoch: ${message.triple(at + 1)}`];
  for (let place = at + 4; place + 4 <= end; place += 4)
    all.push(`  Message-ID 0x${message.hex(place, 4)} (${message.long(place)})`);
  return all;
};
const instances = (name: string): Form =>
  form(name, 8, (message, at) => [
    `Source Instance: 0x${message.hex(at, 4)}, Destination Instance: 0x${message.hex(at + 4, 4)}`,
  ]);
const labels = (name: string): Form["print"] =>
  lines((message, start, end) => {
    const all = [];
    for (let at = start; at + 4 <= end; at += 4) all.push(`${name}: ${message.long(at)}`);
    return all;
  });
const services = (name: string): ObjectKind => ({
  name,
  forms: { 2: { name: "IntServ", least: 4, print: printIntegratedServices } },
});
const path = (name: string): ObjectKind => ({ name, forms: { 1: { name: "IPv4", least: 0, print: hops } } });

const objects: Readonly<Record<number, ObjectKind>> = {
  1: session,
  3: { name: "RSVP Hop", forms: { 1: form("IPv4", 8, interfaceOf("ipv4", 4)), 2: form("IPv6", 20, interfaceOf("ipv6", 16)) } }, // prettier-ignore
  5: { name: "Time Values", forms: { 1: form("1", 4, (message, at) => [`Refresh Period: ${message.long(at)}ms`]) } },
  6: { name: "Error Spec", forms: { 1: form("IPv4", 8, failure) } },
  7: { name: "Scope", forms: {} },
  8: {
    name: "Style",
    forms: {
      1: form("1", 4, (message, at) => [
        `Reservation Style: ${styles[message.triple(at + 1)] ?? "Unknown"}, Flags: [${byte(message, at)}]`,
      ]),
    },
  },
  9: services("Flowspec"),
  10: source("FilterSpec", "Source Address"),
  11: source("Sender Template", "IPv4 Tunnel Sender Address"),
  12: services("Sender TSpec"),
  13: services("Adspec"),
  15: { name: "Confirm", forms: { 1: form("IPv4", 4, (message, at) => [`IPv4 Receiver Address: ${message.address("ipv4", at)}`]) } }, // prettier-ignore
  16: { name: "Label", forms: { 1: { name: "Label", least: 4, print: labels("Label") }, 2: form("Generalized Label", 4, (message, at) => [`Generalized Label: ${message.long(at)}`]) } }, // prettier-ignore
  19: {
    name: "Label Request",
    forms: {
      1: form("without label range", 4, (message, at) => {
        const type = message.word(at + 2);
        return [`L3 Protocol ID: ${etherTypeName(type) ?? `Unknown Protocol (0x${message.hex(at + 2, 2)})`}`];
      }),
    },
  },
  20: path("ERO"),
  21: path("RRO"),
  22: { name: "Hello", forms: { 1: instances("Hello Request"), 2: instances("Hello Ack") } },
  23: { name: "Message ID", forms: { 1: form("1", 8, identifiers) } },
  24: { name: "Message ID Ack", forms: { 1: form("Message id ack", 8, identifiers) } },
  25: { name: "Message ID List", forms: { 1: form("1", 8, identifiers) } },
  131: { name: "Restart Capability", forms: { 1: form("IPv4", 8, (message, at) => [`Restart  Time: ${message.long(at)}ms, Recovery Time: ${message.long(at + 4)}ms`]) } }, // prettier-ignore
  207: { name: "Session Attribute", forms: { 7: { name: "Tunnel IPv4", least: 4, print: attribute } } },
};
/** RFC 2205, section A.7. */
const styles: Readonly<Record<number, string>> = { 0x0a: "Fixed Filter", 0x11: "Wildcard Filter", 0x12: "Shared Explicit" }; // prettier-ignore

/** The fields (TLVs) of IS-IS: https://www.iana.org/assignments/isis-tlv-codepoints */
import { formatAddress } from "../address.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import { printLinkFields, printPrefixFields } from "./isis-sub-fields.ts";
import type { Message } from "./message.ts";

type Print = (printer: Printer, message: Message, at: number, end: number) => void;

export const printIsisFields = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at < end;) {
    if (at + 2 > end) message.stop();
    const [type, length] = [message.byte(at), message.byte(at + 1)];
    const field = fields[type];
    if (type === 0) return;
    printer.text += `\n\t    ${field?.name ?? "unknown"} TLV #${type}, length: ${length}`;
    at += 2;
    if (at + length > end) message.stop();
    const isKnown = field !== undefined && field.print !== "dump";
    if (isKnown) field.print?.(printer, message, at, at + length);
    else message.need(at, length);
    const last = Math.min(at + length, message.end);
    if (printer.level > 1) printer.text += hexDump(message.bytes, at, last, false, "\t      ");
    else if (!isKnown) printer.text += hexDump(message.bytes, at, last, false, "\t\t");
    at += length;
  }
};

interface Field {
  readonly name: string;
  /** Nothing is printed without. */
  readonly print?: Print | "dump";
}

/** Values of a size one behind the other. */
const each =
  (size: number, text: (message: Message, at: number) => string): Print =>
  (printer, message, start, end) => {
    for (let at = start; at + size <= end; at += size) printer.text += `\n\t      ${text(message, at)}`;
  };

/** `0000.0000.0002.00` */
const node = (message: Message, at: number): string => {
  const hex = message.hex(at, 7);
  return `${hex.slice(0, 4)}.${hex.slice(4, 8)}.${hex.slice(8, 12)}.${hex.slice(12)}`;
};
const system = (message: Message, at: number): string => node4(message.hex(at, 6));
const node4 = (hex: string): string => `${hex.slice(0, 4)}.${hex.slice(4, 8)}.${hex.slice(8)}`;

const areas: Print = (printer, message, start, end) => {
  for (let at = start; at < end;) {
    const length = message.byte(at);
    at++;
    if (at + length > end) return;
    // An area is a byte, then pairs.
    const hex = message.hex(at, length);
    printer.text += `\n\t      Area address (length: ${length}): ${hex.slice(0, 2)}${hex.slice(2).replace(/.{4}|.{2}$/g, ".$&")}`;
    at += length;
  }
};

/** RFC 5305, section 3: neighbours with wide metrics; returns where one ends. */
const printNeighbour = (printer: Printer, message: Message, at: number, end: number): number => {
  if (at + 11 > end) message.stop();
  const length = message.byte(at + 10);
  printer.text += `\n\t      IS Neighbor: ${node(message, at)}, Metric: ${message.triple(at + 7)}, ${length === 0 ? "no " : ""}sub-TLVs present`;
  if (length > 0) {
    printer.text += ` (${length})`;
    printLinkFields(printer, message, at + 11, at + 11 + length, end);
  }
  return at + 11 + length;
};
const neighbours: Print = (printer, message, start, end) => {
  for (let at = start; at < end;) at = printNeighbour(printer, message, at, end);
};

/** RFC 5305, section 4; RFC 5308, section 2. Returns where it ends. */
const printPrefix = (
  printer: Printer,
  message: Message,
  start: number,
  end: number,
  family: "ipv4" | "ipv6",
): number => {
  const isIpv6 = family === "ipv6";
  if (start + (isIpv6 ? 6 : 5) > end) message.stop();
  const metric = message.long(start);
  const flags = message.byte(start + 4);
  const bits = isIpv6 ? message.byte(start + 5) : flags & 0x3f;
  let at = start + (isIpv6 ? 6 : 5);
  if (bits > (isIpv6 ? 128 : 32)) {
    printer.text += `\n\t      IPv${isIpv6 ? "6" : "4"} prefix: bad bit length ${bits}`;
    message.stop();
  }
  const bytes = Math.ceil(bits / 8);
  if (at + bytes > end) message.stop();
  message.need(at, bytes);
  const prefix = new Uint8Array(isIpv6 ? 16 : 4);
  prefix.set(message.bytes.subarray(at, at + bytes));
  const address = formatAddress(family, prefix, 0);
  printer.text += `\n\t      IPv${isIpv6 ? "6" : "4"} prefix: ${isIpv6 ? address : address.padStart(15)}/${bits}`;
  printer.text += `, Distribution: ${(flags & 0x80) === 0 ? "up" : "down"}, Metric: ${metric}`;
  if (isIpv6) printer.text += (flags & 0x40) === 0 ? ", Internal" : ", External";
  at += bytes;
  if ((flags & (isIpv6 ? 0x20 : 0x40)) === 0) return at;
  if (at + 1 > end) message.stop();
  const length = message.byte(at);
  printer.text += `, sub-TLVs present (${length})`;
  printPrefixFields(printer, message, at + 1, at + 1 + length, end);
  return at + 1 + length;
};
const prefixes =
  (family: "ipv4" | "ipv6"): Print =>
  (printer, message, start, end) => {
    for (let at = start; at < end;) at = printPrefix(printer, message, at, end, family);
  };

/** RFC 5120: which topology a field is of. */
const printTopology = (printer: Printer, message: Message, at: number, end: number): void => {
  if (at + 2 > end) message.stop();
  const word = message.word(at);
  const number = word & 0x0fff;
  printer.text += `\n\t      ${topologies[number] ?? (number < 3996 ? "Reserved for IETF Consensus" : "Development, Experimental or Proprietary")} Topology (0x${number.toString(16).padStart(3, "0")}), Flags: [${bitNames(word, topologyFlags)}]`;
};
const topologies: Readonly<Record<number, string>> = { 0: "IPv4 unicast", 1: "In-Band Management", 2: "IPv6 unicast", 3: "Multicast" }; // prettier-ignore
const topologyFlags = [[0x8000, "Overload bit set"], [0x4000, "ATT bit set"]] as const; // prettier-ignore
const ofTopology =
  (print: Print): Print =>
  (printer, message, at, end) => {
    printTopology(printer, message, at, end);
    print(printer, message, at + 2, end);
  };

/** Metrics of 6 bits (ISO 10589, section 9.8; RFC 1195, section 5.3): the default, and others where a bit is 0. */
const oldNeighbours: Print = (printer, message, start, end) => {
  const isVirtual = message.byte(start);
  printer.text += `\n\t      ${virtuals[isVirtual] ?? `bogus virtual flag 0x${message.hex(start, 1)}`}`;
  for (let at = start + 1; at < end; at += 11) {
    if (at + 11 > end) message.stop();
    printer.text += `\n\t      IS Neighbor: ${node(message, at + 4)}, Default Metric: ${message.byte(at) & 0x3f}, ${(message.byte(at) & 0x40) === 0 ? "Internal" : "External"}`;
    otherMetrics.forEach((name, index) => {
      const metric = message.byte(at + 1 + index);
      if ((metric & 0x80) === 0) printer.text += `\n\t\t${name} Metric: ${metric & 0x3f}`;
    });
  }
};
const virtuals = ["IsNotVirtual", "IsVirtual"] as const;
const otherMetrics = ["Delay", "Expense", "Error"] as const;

const oldPrefixes: Print = (printer, message, start, end) => {
  for (let at = start; at < end; at += 12) {
    if (at + 12 > end) message.stop();
    const mask = message.long(at + 8);
    const bits = Math.clz32(~mask);
    const isPrefix = bits === 32 || mask << bits === 0;
    const address = message.address("ipv4", at + 4);
    const first = message.byte(at);
    printer.text += `\n\t      IPv4 prefix: ${isPrefix ? `${address.padStart(15)}/${bits}` : `${address} mask ${message.address("ipv4", at + 8)}`}`;
    printer.text += `, Distribution: ${(message.byte(at) & 0x80) === 0 ? "up" : "down"}, Metric: ${first & 0x3f}, ${(first & 0x40) === 0 ? "Internal" : "External"}`;
    otherMetrics.forEach((name, index) => {
      const metric = message.byte(at + 1 + index);
      if ((metric & 0x80) === 0)
        printer.text += `\n\t        ${name} Metric: ${metric & 0x3f}, ${(metric & 0x40) === 0 ? "Internal" : "External"}`;
    });
  }
};

/** RFC 5304, RFC 5310. */
const authentication: Print = (printer, message, at, end) => {
  if (at >= end) return;
  const kind = message.byte(at);
  printer.text += `\n\t      ${authentications[kind] ?? "unknown"} password: `;
  if (kind === SIMPLE) message.printText(printer, at + 1, end - at - 1);
  else if (kind === MD5)
    printer.text += `${message.hex(at + 1, end - at - 1)}${end - at - 1 === 16 ? "" : ", (invalid subTLV) "} (unchecked)`;
  else if (kind === GENERIC) {
    if (at + 3 > end) message.stop();
    printer.text = `${printer.text.slice(0, -"password: ".length)}key-id: ${message.word(at + 1)}, password: ${message.hex(at + 3, end - at - 3)}`;
  } else printer.text += hexDump(message.bytes, at + 1, end, false, "\t\t  ");
};
const SIMPLE = 1;
const GENERIC = 3;
const MD5 = 54;
const authentications: Readonly<Record<number, string>> = { [SIMPLE]: "simple text", [GENERIC]: "Generic Crypto", [MD5]: "HMAC-MD5", 255: "Routing Domain private" }; // prettier-ignore

/** RFC 5303: how far the handshake of a point-to-point link has come. */
const adjacency: Print = (printer, message, at, end) => {
  if (at >= end) return;
  const state = message.byte(at);
  printer.text += `\n\t      Adjacency State: ${states[state] ?? "unknown"} (${state})`;
  if (end - at >= 5) printer.text += `\n\t      Extended Local circuit-ID: 0x${message.hex(at + 1, 4)}`;
  if (end - at >= 11) printer.text += `\n\t      Neighbor System-ID: ${system(message, at + 5)}`;
  if (end - at >= 15) printer.text += `\n\t      Neighbor Extended Local circuit-ID: 0x${message.hex(at + 11, 4)}`;
};
const states = ["Up", "Initializing", "Down"] as const;

/** RFC 5306. */
const restart: Print = (printer, message, at, end) => {
  if (at >= end) return;
  printer.text += `\n\t      Flags [${bitNames(message.byte(at), restartFlags)}]`;
  if (end - at >= 3) printer.text += `, Remaining holding time ${message.word(at + 1)}s`;
  if (end - at >= 9) printer.text += `, for ${system(message, at + 3)}`;
};
const restartFlags = [[1, "Restart Request"], [2, "Restart Acknowledgement"], [4, "Suppress adjacency advertisement"]] as const; // prettier-ignore

const protocols: Print = (printer, message, start, end) => {
  printer.text += "\n\t      NLPID(s): ";
  for (let at = start; at < end; at++) {
    const protocol = message.byte(at);
    printer.text += `${at > start ? ", " : ""}${nlpids[protocol] ?? "unknown"} (0x${message.hex(at, 1)})`;
  }
};
const nlpids: Readonly<Record<number, string>> = { 0x00: "NULLNS", 0x08: "Q.933", 0x80: "SNAP", 0x81: "CLNP", 0x82: "ES-IS", 0x83: "IS-IS", 0x8e: "IPv6", 0xcc: "IPv4", 0xcf: "PPP" }; // prettier-ignore

const name: Print = (printer, message, at, end) => {
  printer.text += "\n\t      Hostname: ";
  message.printText(printer, at, end - at);
};

/** RFC 7981; what is in it is not looked into. */
const capability: Print = (printer, message, at, end) => {
  if (end - at < 5) {
    printer.text += ` [object length ${end - at} < 5] (invalid)`;
    return;
  }
  printer.text += `\n\t      Router-ID ${message.address("ipv4", at)}, Flags [${bitNames(message.byte(at + 4), capabilityFlags)}]`;
  for (let place = at + 5; place + 2 <= end;) {
    const [type, length] = [message.byte(place), message.byte(place + 1)];
    printer.text += `\n\t\tunknown subTLV #${type}, length: ${length}`;
    if (place + 2 + length > end) message.stop();
    printer.text += hexDump(message.bytes, place + 2, place + 2 + length, false, "\t\t");
    place += 2 + length;
  }
};
const capabilityFlags = [[1, "S bit"], [2, "D bit"]] as const; // prettier-ignore

const ipv4Each = each(4, (message, at) => `IPv4 interface address: ${message.address("ipv4", at)}`);
const fields: Readonly<Record<number, Field>> = {
  1: { name: "Area address(es)", print: areas },
  2: { name: "IS Reachability", print: oldNeighbours },
  3: { name: "ES Neighbor(s)" },
  6: { name: "IS Neighbor(s)", print: each(6, (message, at) => `SNPA: ${system(message, at)}`) },
  7: { name: "Instance Identifier" },
  8: { name: "Padding" },
  9: {
    name: "LSP entries",
    print: each(16, (message, at) => {
      const hex = message.hex(at + 2, 8);
      return `lsp-id: ${node4(hex.slice(0, 12))}.${hex.slice(12, 14)}-${hex.slice(14)}, seq: 0x${message.hex(at + 10, 4)}, lifetime: ${String(message.word(at)).padStart(5)}s, chksum: 0x${message.hex(at + 14, 2)}`;
    }),
  },
  10: { name: "Authentication", print: authentication },
  14: { name: "LSP Buffersize", print: each(2, (message, at) => `LSP Buffersize: ${message.word(at)}`) },
  22: { name: "Extended IS Reachability", print: neighbours },
  42: { name: "DECnet Phase IV", print: "dump" },
  128: { name: "IPv4 Internal Reachability", print: oldPrefixes },
  129: { name: "Protocols supported", print: protocols },
  130: { name: "IPv4 External Reachability", print: oldPrefixes },
  132: { name: "IPv4 Interface address(es)", print: ipv4Each },
  133: { name: "IPv4 authentication (deprecated)", print: "dump" },
  134: { name: "Traffic Engineering Router ID", print: each(4, (message, at) => `Traffic Engineering Router ID: ${message.address("ipv4", at)}`) }, // prettier-ignore
  135: { name: "Extended IPv4 Reachability", print: prefixes("ipv4") },
  137: { name: "Hostname", print: name },
  211: { name: "Restart Signaling", print: restart },
  222: { name: "Multi Topology IS Reachability", print: ofTopology(neighbours) },
  229: {
    name: "Multi Topology",
    print(printer, message, start, end) {
      for (let at = start; at < end; at += 2) printTopology(printer, message, at, end);
    },
  },
  232: { name: "IPv6 Interface address(es)", print: each(16, (message, at) => `IPv6 interface address: ${message.address("ipv6", at)}`) }, // prettier-ignore
  235: { name: "Multi-Topology IPv4 Reachability", print: ofTopology(prefixes("ipv4")) },
  236: { name: "IPv6 reachability", print: prefixes("ipv6") },
  237: { name: "Multi-Topology IP6 Reachability", print: ofTopology(prefixes("ipv6")) },
  240: { name: "Point-to-point Adjacency State", print: adjacency },
  242: { name: "IS-IS Router Capability", print: capability },
  250: { name: "Vendor Private" },
};

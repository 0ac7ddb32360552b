/** CDP: what LLDP is to others, by Cisco's devices. */
import { be16, header, u8 } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import { messageProtocol, type Message } from "./message.ts";

/** Fields follow: type and length in 16 bits each, the length counting both. */
export const Cdp = header("Cdp", "Cisco Discovery Protocol, as it is seen", { version: u8, ttl: u8, checksum: be16 });

const FIELD_BYTES = 4;
const DEVICE = 1;
/** What is numbered above it is shown as bytes. */
const LAST_KNOWN = 0x17;

export const cdp = messageProtocol({
  name: "cdp",
  abbreviation: "cdp",
  ciscoProtocols: [0x2000],
  layout: Cdp,
  defaults: { version: 2, ttl: 180 },

  print(printer, message) {
    const { offset, wireEnd } = message;
    if (wireEnd - offset < Cdp.size) {
      printer.text += ` (packet length ${wireEnd - offset} < ${Cdp.size}) (invalid)`;
      return true;
    }
    printer.text += `CDPv${message.byte(offset)}, ttl: ${message.byte(offset + 1)}s`;
    if (printer.level > 0)
      printer.text += `, checksum: 0x${message.hex(offset + 2, 2)} (unverified), length ${wireEnd - offset}`;
    printFields(printer, message);
    if (printer.level === 0) printer.text += `, length ${wireEnd - offset}`;
    return true;
  },
});

const printFields = (printer: Printer, message: Message): void => {
  const { offset, wireEnd } = message;
  for (let at = offset + Cdp.size; at < wireEnd;) {
    const left = wireEnd - at;
    if (left < FIELD_BYTES) {
      printer.text += ` (remaining packet length ${left} < ${FIELD_BYTES})`;
      message.insist(false);
    }
    const [type, length] = [message.word(at), message.word(at + 2)];
    const field = fields[type];
    const name = field?.name ?? "unknown field type";
    if (length < FIELD_BYTES) {
      printer.text +=
        printer.level > 0
          ? `\n\t${name} (0x${type.toString(16).padStart(2, "0")}), TLV length: ${length} byte${length === 1 ? "" : "s"} (too short)`
          : `, ${name} TLV length ${length} too short`;
      message.insist(false);
    }
    if (length > left) {
      printer.text += ` (TLV length ${length} > ${left})`;
      message.insist(false);
    }
    const [contents, size] = [at + FIELD_BYTES, length - FIELD_BYTES] as const;
    if (printer.level > 0) {
      printer.text += `\n\t${name} (0x${type.toString(16).padStart(2, "0")}), value length: ${size} byte${size === 1 ? "" : "s"}: `;
      if (field?.lengths !== undefined && !field.lengths.includes(size))
        printMalformed(printer, message, contents, size);
      else if (field !== undefined) field.print?.(printer, message, contents, size);
      else if (type > LAST_KNOWN) printBytes(printer, message, contents, size);
    } else if (type === DEVICE) {
      printer.text += ", Device-ID ";
      printQuoted(printer, message, contents, size);
    }
    message.need(at, length);
    at += length;
  }
};

const printMalformed = (printer: Printer, message: Message, at: number, length: number): void => {
  printer.text += " (malformed TLV)";
  printBytes(printer, message, at, length);
};

const printBytes = (printer: Printer, message: Message, at: number, length: number): void => {
  message.need(at, length);
  printer.text += hexDump(message.bytes, at, at + length, false, "\t  ");
};

interface Field {
  readonly name: string;
  /** Those that it may have; any without. */
  readonly lengths?: readonly number[];
  print?(printer: Printer, message: Message, at: number, length: number): void;
}

const printQuoted = (printer: Printer, message: Message, at: number, length: number): void => {
  printer.text += "'";
  message.printText(printer, at, length);
  printer.text += "'";
};

/** Lines, each with a tab before it. */
const printVersion = (printer: Printer, message: Message, at: number, length: number): void => {
  printer.text += "\n\t  ";
  for (let place = at; place < at + length; place++) {
    if (message.byte(place) === LINE_FEED) printer.text += "\n\t  ";
    else message.printText(printer, place, 1);
  }
};
const LINE_FEED = 0x0a;

/** A count, and of each its protocol's type and number, and itself. */
const printAddresses = (printer: Printer, message: Message, start: number, length: number): void => {
  const end = start + length;
  const short = (what: string): void => {
    printer.text += ` (not enough space for ${what})`;
  };
  if (length < 4) return short("num");
  let at = start + 4;
  for (let left = message.long(start); left > 0; left--) {
    if (at + 2 > end) return short("PT+PL");
    const [kind, size] = [message.byte(at), message.byte(at + 1)];
    if (at + 2 + size + 2 > end) return short("P+AL");
    const protocol = message.hex(at + 2, size);
    const own = message.word(at + 2 + size);
    const address = at + 4 + size;
    if (kind === 1 && protocol === "cc" && own === 4) {
      if (address + 4 > end) return short("A");
      printer.text += `IPv4 (${left}) ${message.address("ipv4", address)}`;
    } else if (kind === 2 && protocol === "aaaa0300000086dd" && own === 16) {
      if (address + 16 > end) return short("A");
      printer.text += `IPv6 (${left}) ${message.address("ipv6", address)}`;
    } else {
      printer.text += `pt=0x${message.hex(at, 1)}, pl=${size}, pb=${spaced(message, at + 2, size)}, al=${own}`;
      if (address + own > end) return short("A");
      printer.text += `, a=${spaced(message, address, own)}`;
    }
    at = address + own;
    if (left > 1) printer.text += " ";
  }
};
const spaced = (message: Message, at: number, length: number): string =>
  Array.from({ length }, (_, index) => ` ${message.hex(at + index, 1)}`).join("");

const printPrefixes = (printer: Printer, message: Message, start: number, length: number): void => {
  if (length % 5 !== 0) {
    printer.text += ` [length ${length} is not a multiple of 5]`;
    return;
  }
  printer.text += ` IPv4 Prefixes (${length / 5}):`;
  for (let at = start; at < start + length; at += 5) printer.text += ` ${message.address("ipv4", at)}/${message.byte(at + 4)}`; // prettier-ignore
};

const byteHex = (printer: Printer, message: Message, at: number): void => {
  printer.text += `0x${message.hex(at, 1)}`;
};
const voice = (printer: Printer, message: Message, at: number, length: number): void => {
  printer.text += length === 2 ? `unknown 0x${message.hex(at, 2)}` : `app ${message.byte(at)}, vlan ${message.word(at + 1)}`; // prettier-ignore
};

const fields: Readonly<Record<number, Field>> = {
  [DEVICE]: { name: "Device-ID", print: printQuoted },
  2: { name: "Address", print: printAddresses },
  3: { name: "Port-ID", print: printQuoted },
  4: {
    name: "Capability",
    lengths: [4],
    print(printer, message, at) {
      printer.text += `(0x${message.hex(at, 4)}): ${bitNames(message.long(at), capabilities)}`;
    },
  },
  5: { name: "Version String", print: printVersion },
  6: { name: "Platform", print: printQuoted },
  7: { name: "Prefixes", print: printPrefixes },
  8: { name: "Protocol-Hello option" },
  9: { name: "VTP Management Domain", print: printQuoted },
  10: {
    name: "Native VLAN ID",
    lengths: [2],
    print(printer, message, at) {
      printer.text += message.word(at);
    },
  },
  11: {
    name: "Duplex",
    lengths: [1],
    print(printer, message, at) {
      printer.text += message.byte(at) === 0 ? "half" : "full";
    },
  },
  14: { name: "ATA-186 VoIP VLAN assignment", lengths: [3], print: voice },
  15: { name: "ATA-186 VoIP VLAN request", lengths: [2, 3], print: voice },
  16: {
    name: "power consumption",
    lengths: [1, 2, 3],
    print(printer, message, at, length) {
      const milliwatts = length === 1 ? message.byte(at) : length === 2 ? message.word(at) : message.triple(at);
      printer.text += `${(milliwatts / 1000).toFixed(2)}W`;
    },
  },
  17: {
    name: "MTU",
    lengths: [4],
    print(printer, message, at) {
      printer.text += `${message.long(at)} bytes`;
    },
  },
  18: { name: "AVVID trust bitmap", lengths: [1], print: byteHex },
  19: { name: "AVVID untrusted ports CoS", lengths: [1], print: byteHex },
  20: { name: "System Name", print: printQuoted },
  21: { name: "System Object ID (not decoded)" },
  22: {
    name: "Management Addresses",
    print(printer, message, at, length) {
      if (length >= 4) printAddresses(printer, message, at, length);
      else printMalformed(printer, message, at, length);
    },
  },
  23: {
    name: "Physical Location",
    print(printer, message, at, length) {
      if (length === 0) {
        printer.text += " (malformed TLV)";
        return;
      }
      printer.text += `0x${message.hex(at, 1)}`;
      if (length === 1) return;
      printer.text += "/";
      message.printText(printer, at + 1, length - 1);
    },
  },
};

const capabilities = [[1, "Router"], [2, "Transparent Bridge"], [4, "Source Route Bridge"], [8, "L2 Switch"], [16, "L3 capable"], [32, "IGMP snooping"], [64, "L1 capable"]] as const; // prettier-ignore

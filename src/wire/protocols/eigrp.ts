/** EIGRP: Cisco's way for routers to tell each other routes, with all that their metrics are made of. */
import { formatAddress } from "../address.ts";
import { be16, be32, header, u8 } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import { messageProtocol, type Message } from "./message.ts";

/** Fields (TLVs) follow. */
export const Eigrp = header("Eigrp", "RFC 7868, section 6.2", {
  version: u8,
  opcode: u8,
  checksum: be16,
  flags: be32,
  sequence: be32,
  acknowledgment: be32,
  router: be16,
  system: be16,
});

export const eigrp = messageProtocol({
  name: "eigrp",
  abbreviation: "eigrp",
  ipProtocols: [IpProtocol.Eigrp],
  layout: Eigrp,
  defaults: { version: 2, opcode: 5, system: 1 },
  checksum: "checksum",

  print(printer, message) {
    const { offset, end, wireEnd } = message;
    if (end - offset < Eigrp.size) return false;
    const [version, opcode] = [message.byte(offset), message.byte(offset + 1)] as const;
    if (version !== 2) {
      printer.text += `EIGRP version ${version} packet not supported`;
      return true;
    }
    if (printer.level === 0) {
      printer.text += `EIGRP ${opcodes[opcode] ?? `unknown (${opcode})`}, length: ${wireEnd - offset}`;
      return true;
    }
    const flags = message.long(offset + 4);
    printer.text += `\n\tEIGRP v${version}, opcode: ${opcodes[opcode] ?? `unknown, type: ${opcode}`} (${opcode}), chksum: 0x${message.hex(offset + 2, 2)}, Flags: [${bitNames(flags, flagNames)}]`;
    printer.text += `\n\tseq: 0x${message.hex(offset + 8, 4)}, ack: 0x${message.hex(offset + 12, 4)}, VRID: ${message.word(offset + 16)}, AS: ${message.word(offset + 18)}, length: ${wireEnd - offset - Eigrp.size}`;
    printFields(printer, message, offset + Eigrp.size, wireEnd);
    return true;
  },
});

const HEADER_BYTES = 4;

const printFields = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at < end;) {
    message.need(at, HEADER_BYTES);
    const [type, length] = [message.word(at), message.word(at + 2)];
    if (length < HEADER_BYTES || at + length > end) {
      printer.text += hexDump(message.bytes, at + HEADER_BYTES, Math.min(end, message.end), false, "\t    ");
      return;
    }
    const field = fields[type];
    printer.text += `\n\t  ${field?.name ?? "Unknown"} TLV (0x${message.hex(at, 2)}), length: ${length}`;
    const isShort = length < (field?.least ?? 0);
    if (isShort) printer.text += ` (too short, < ${field!.least})`;
    message.need(at, length);
    if (!isShort) field?.print?.(printer, message, at + HEADER_BYTES, at + length);
    if ((field?.print === undefined && !isShort) || printer.level > 1)
      printer.text += hexDump(message.bytes, at + HEADER_BYTES, at + length, false, "\t    ");
    at += length;
  }
};

interface Field {
  readonly name: string;
  /** With type and length. */
  readonly least?: number;
  print?(printer: Printer, message: Message, at: number, end: number): void;
}

/** A prefix is its length, and as many bytes as that takes; false where they are not there. */
const printPrefix = (printer: Printer, message: Message, at: number, end: number, hopAt: number): boolean => {
  const bits = message.byte(at);
  const bytes = Math.ceil(bits / 8);
  if (bits > 32 || at + 1 + bytes > end) {
    printer.text += `\n\t    illegal prefix length ${bits}`;
    return false;
  }
  const prefix = new Uint8Array(4);
  prefix.set(message.bytes.subarray(at + 1, at + 1 + bytes));
  const hop = message.address("ipv4", hopAt);
  printer.text += `\n\t    IPv4 prefix: ${formatAddress("ipv4", prefix, 0).padStart(15)}/${bits}, nexthop: ${hop === "0.0.0.0" ? "self" : hop}`;
  return true;
};

/** RFC 7868, section 6.6.2. */
const metricText = (message: Message, at: number): string => {
  const [delay, bandwidth] = [message.long(at), message.long(at + 4)];
  return `delay ${Math.trunc(delay / 100)} ms, bandwidth ${bandwidth} Kbps, mtu ${message.triple(at + 8)}, hop ${message.byte(at + 11)}, reliability ${message.byte(at + 12)}, load ${message.byte(at + 13)}`;
};

const fields: Readonly<Record<number, Field>> = {
  0x0001: {
    name: "General Parameters",
    least: 12,
    print(printer, message, at) {
      printer.text += `\n\t    holdtime: ${message.word(at + 6)}s, ${[0, 1, 2, 3, 4].map((index) => `k${index + 1} ${message.byte(at + index)}`).join(", ")}`;
    },
  },
  0x0002: { name: "Authentication" },
  0x0003: { name: "Sequence" },
  0x0004: {
    name: "Software Version",
    least: 8,
    print(printer, message, at) {
      printer.text += `\n\t    IOS version: ${message.byte(at)}.${message.byte(at + 1)}, EIGRP version ${message.byte(at + 2)}.${message.byte(at + 3)}`;
    },
  },
  0x0005: { name: "Next Multicast Sequence" },
  0x0102: {
    name: "IP Internal routes",
    least: 26,
    print(printer, message, at, end) {
      if (!printPrefix(printer, message, at + 20, end, at)) return;
      printer.text += `\n\t      ${metricText(message, at + 4)}`;
    },
  },
  0x0103: {
    name: "IP External routes",
    least: 46,
    print(printer, message, at, end) {
      if (!printPrefix(printer, message, at + 40, end, at)) return;
      const origin = message.byte(at + 22);
      printer.text += `\n\t      origin-router ${message.address("ipv4", at + 4)}, origin-as ${message.long(at + 8)}, origin-proto ${origins[origin] ?? "unknown"}, flags [0x${message.hex(at + 23, 1)}], tag 0x${message.hex(at + 12, 4)}, metric ${message.long(at + 16)}`;
      printer.text += `\n\t      ${metricText(message, at + 24)}`;
    },
  },
};

const flagNames = [[1, "Init"], [2, "Conditionally Received"], [4, "Restart"], [8, "End-of-Table"]] as const; // prettier-ignore
const opcodes: Readonly<Record<number, string>> = { 1: "Update", 3: "Query", 4: "Reply", 5: "Hello", 6: "IPX SAP", 7: "Probe" }; // prettier-ignore
const origins: Readonly<Record<number, string>> = { 1: "IGRP", 2: "EIGRP", 3: "Static", 4: "RIP", 5: "Hello", 6: "OSPF", 7: "IS-IS", 8: "EGP", 9: "BGP", 10: "IDRP", 11: "Connected" }; // prettier-ignore

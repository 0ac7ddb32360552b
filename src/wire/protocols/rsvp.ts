/** RSVP: what routers reserve for traffic, and for paths of labels. */
import { be16, bits, header, u8 } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import { messageProtocol, type Message } from "./message.ts";
import { printRsvpObjects } from "./rsvp-objects.ts";

/** Objects follow. `length` counts the whole message. */
export const Rsvp = header("Rsvp", "RFC 2205, section 3.1.1", {
  version: bits(4),
  flags: bits(4),
  type: u8,
  checksum: be16,
  ttl: u8,
  reserved: u8,
  length: be16,
});

const BUNDLE = 12;

export const rsvp = messageProtocol({
  name: "rsvp",
  abbreviation: "rsvp",
  ipProtocols: [IpProtocol.Rsvp],
  layout: Rsvp,
  defaults: { version: 1, type: 1, ttl: 255, length: Rsvp.size },
  checksum: "checksum",

  print(printer, message) {
    const { offset, end, wireEnd } = message;
    if (end - offset < Rsvp.size) return false;
    const version = message.byte(offset) >> 4;
    if (version !== 1) {
      printer.text += `ERROR: RSVP version ${version} packet not supported`;
      return true;
    }
    const type = message.byte(offset + 1);
    if (printer.level === 0)
      printer.text += `RSVPv1 ${names[type] ?? `unknown (${type})`} Message, length: ${wireEnd - offset}`;
    else printMessage(printer, message, offset, "\n\t");
    return true;
  },
});

/** `indent` goes before it; its objects stand two columns further. */
const printMessage = (printer: Printer, message: Message, at: number, indent: string): void => {
  message.need(at, Rsvp.size);
  const [type, length] = [message.byte(at + 1), message.word(at + 6)];
  printer.text += `${indent}RSVPv1 ${names[type] ?? `unknown, type: ${type}`} Message (${type}), Flags: [${bitNames(message.byte(at) & 0x0f, flagNames)}], length: ${length}, ttl: ${message.byte(at + 4)}, checksum: 0x${message.hex(at + 2, 2)}`;
  if (length < Rsvp.size) {
    printer.text += " (invalid)";
    return;
  }
  const end = at + length;
  if (type !== BUNDLE) {
    printRsvpObjects(printer, message, at + Rsvp.size, end, indent);
    return;
  }
  // RFC 2961, section 3.1: whole messages within.
  for (let inner = at + Rsvp.size; inner + Rsvp.size <= end; inner += Math.max(message.word(inner + 6), Rsvp.size))
    printMessage(printer, message, inner, `${indent}  `);
};

const flagNames = [[1, "Refresh reduction capable"]] as const; // prettier-ignore
/** https://www.iana.org/assignments/rsvp-parameters */
const names: Readonly<Record<number, string>> = { 1: "Path", 2: "Resv", 3: "PathErr", 4: "ResvErr", 5: "PathTear", 6: "ResvTear", 7: "ResvConf", [BUNDLE]: "Bundle", 13: "Acknowledgement", 14: "Hello (Old)", 15: "Refresh", 20: "Hello" }; // prettier-ignore

/** BGP: the messages of a segment, and with `-v` what they say. Kept as bytes, as messages lie across segments. */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer, Protocol } from "../packet/protocol.ts";
import { printPaths } from "./bgp-attributes.ts";
import { printOpen } from "./bgp-open.ts";
import { routesName } from "./bgp-routes.ts";
import { Message, printPart } from "./message.ts";

export const bgp: Protocol<"bgp", { bytes: Uint8Array }> = {
  name: "bgp",
  abbreviation: "bgp",
  tcpPorts: [179],

  measure: (_bytes, offset, end) => end - offset,
  decode: (bytes, offset, length) => ({ bytes: bytes.subarray(offset, offset + length) }),
  encode: ({ bytes = new Uint8Array(0) }) => bytes,

  print(printer, index) {
    printer.text += ": BGP";
    if (printer.level > 0) printMessages(printer, index);
    return true;
  },
};

/** A marker of 16 bytes, all 1, then length and type (RFC 4271, section 4.1). */
const HEADER_BYTES = 19;
const MARKER_BYTES = 16;

/** Those that begin in this segment; one that goes on in the next is named. */
const printMessages = (printer: Printer, index: number): void => {
  const { bytes, spans } = printer.packet;
  const { offset, end, wireEnd } = spans[index]!;
  let start = offset;
  for (let at = offset; at < end;) {
    if (at + MARKER_BYTES > end) return;
    if (!isMarker(bytes, at)) {
      at++;
      continue;
    }
    const isCut = at + HEADER_BYTES > end;
    if (at > start || isCut) printer.text += " [|bgp]";
    if (isCut) return;
    const message = new Message(bytes, at, end, wireEnd, index);
    const [length, type] = [message.word(at + MARKER_BYTES), message.byte(at + MARKER_BYTES + 2)];
    if (length < HEADER_BYTES) {
      printer.text += `\nmessage length ${length} < ${HEADER_BYTES} (invalid)`;
      return;
    }
    if (at + length > end) {
      printer.text += `\n[|BGP ${kinds[type]?.name ?? "Unknown Message Type"}]`;
      return;
    }
    printMessage(printer, new Message(bytes, at, at + length, at + length, index), type);
    at += length;
    start = at;
  }
};

const isMarker = (bytes: Uint8Array, start: number): boolean => {
  for (let at = start; at < start + MARKER_BYTES; at++) if (bytes[at] !== 0xff) return false;
  return true;
};

const printMessage = (printer: Printer, message: Message, type: number): void => {
  const { bytes, offset, end } = message;
  const kind = kinds[type];
  printer.text += `\n\t${kind === undefined ? "Unknown" : kind.name} Message (${type}), length: ${end - offset}`;
  if (kind !== undefined) printPart(printer, "bgp", () => kind.print(printer, message, offset + HEADER_BYTES));
  else {
    printer.text += `\n\t  no Message ${type} decoder`;
    printer.text += hexDump(bytes, offset, end, false, "\t  ");
  }
};

/** RFC 4271, section 4.5. */
const printNotification = (printer: Printer, message: Message, at: number): void => {
  message.need(at, 2);
  const [code, subcode] = [message.byte(at), message.byte(at + 1)];
  const error = errors[code];
  printer.text += `, ${error?.name ?? "Unknown Error"} (${code})`;
  if (error?.subcodes === undefined) return;
  const { name, subcodes } = error;
  printer.text += `${name === STATE || name === CAPABILITY ? "" : ","} subcode ${subcodes[subcode] ?? "Unknown"} (${subcode})`;
  if (code !== CEASE) return;
  const { end } = message;
  if (subcode === 1 && at + 9 <= end) {
    const [family, kind] = [message.word(at + 2), message.byte(at + 4)];
    printer.text += `, ${routesName(family, kind)}, Max Prefixes: ${message.long(at + 5)}`;
  } else if ((subcode === 2 || subcode === 4) && at + 3 <= end) printReason(printer, message, at + 2);
};

/** Why a session is shut down, in words (RFC 9003). */
const printReason = (printer: Printer, message: Message, start: number): void => {
  const { bytes, end } = message;
  const length = message.byte(start);
  let at = start;
  if (length === 0) {
    printer.text += ", empty Shutdown Communication";
    at++;
  } else if (length > LONGEST_REASON || start + 1 + length > end)
    printer.text += ", invalid Shutdown Communication length";
  else {
    printer.text += `, Shutdown Communication (length: ${length}): "`;
    message.printString(printer, start + 1, length);
    printer.text += '"';
    at += 1 + length;
  }
  if (at < end) printer.text += `, Data: (length: ${end - at})${hexDump(bytes, at, end, false, "\t\t")}`;
};
const LONGEST_REASON = 128;

const STATE = "Finite State Machine Error";
const CAPABILITY = "Capability Message Error";
const CEASE = 6;
interface BgpError {
  readonly name: string;
  readonly subcodes?: readonly (string | undefined)[];
}
/** https://www.iana.org/assignments/bgp-parameters */
const errors: Readonly<Record<number, BgpError>> = {
  1: { name: "Message Header Error", subcodes: [undefined, "Connection Not Synchronized", "Bad Message Length", "Bad Message Type"] },
  2: { name: "OPEN Message Error", subcodes: [undefined, "Unsupported Version Number", "Bad Peer AS", "Bad BGP Identifier", "Unsupported Optional Parameter", "Authentication Failure", "Unacceptable Hold Time", "Capability Message Error"] },
  3: { name: "UPDATE Message Error", subcodes: [undefined, "Malformed Attribute List", "Unrecognized Well-known Attribute", "Missing Well-known Attribute", "Attribute Flags Error", "Attribute Length Error", "Invalid ORIGIN Attribute", "AS Routing Loop", "Invalid NEXT_HOP Attribute", "Optional Attribute Error", "Invalid Network Field", "Malformed AS_PATH"] },
  4: { name: "Hold Timer Expired" },
  5: { name: STATE, subcodes: ["Unspecified Error", "In OpenSent State", "In OpenConfirm State", "In Established State"] },
  [CEASE]: { name: "Cease", subcodes: [undefined, "Maximum Number of Prefixes Reached", "Administrative Shutdown", "Peer Unconfigured", "Administrative Reset", "Connection Rejected", "Other Configuration Change", "Connection Collision Resolution"] },
  7: { name: CAPABILITY, subcodes: [undefined, "Invalid Action Value", "Invalid Capability Length", "Malformed Capability Value", "Unsupported Capability Code"] },
}; // prettier-ignore

interface Kind {
  readonly name: string;
  print(printer: Printer, message: Message, at: number): void;
}
const kinds: Readonly<Record<number, Kind>> = {
  1: { name: "Open", print: printOpen },
  2: { name: "Update", print: printPaths },
  3: { name: "Notification", print: printNotification },
  4: { name: "Keepalive", print: () => undefined },
  5: {
    name: "Route Refresh",
    print(printer, message, at) {
      message.need(at, 4);
      printer.text += `\n\t  ${routesName(message.word(at), message.byte(at + 3))}`;
      if (printer.level > 1) printer.text += hexDump(message.bytes, message.offset, message.end, false, "\t  ");
    },
  },
};

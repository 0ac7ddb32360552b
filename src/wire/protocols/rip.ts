/** RIP: which message it is, and with `-v` its routes. */
import { be16, header, u8 } from "../layout.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { messageProtocol, printPart, type Message } from "./message.ts";

/** Routes follow, 20 bytes each. */
export const Rip = header("Rip", "RFC 2453, section 4", { command: u8, version: u8, reserved: be16 });

const ROUTE_BYTES = 20;
const REQUEST = 1;
const RESPONSE = 2;
const TRACE_ON = 3;
const IPV4 = 2;
const AUTHENTICATION = 0xffff;

export const rip = messageProtocol({
  name: "rip",
  abbreviation: "rip",
  udpPorts: [520],
  layout: Rip,
  defaults: { command: REQUEST, version: 2 },

  print(printer, message) {
    const { bytes, offset, end, wireEnd } = message;
    message.need(offset, Rip.size);
    const [command, version] = [message.byte(offset), message.byte(offset + 1)] as const;
    printer.text += `${printer.level > 0 ? "\n\t" : ""}RIPv${version}`;
    if (version === 0) {
      // Of before the numbers meant something.
      printer.text += hexDump(bytes, offset, end, false);
      return true;
    }
    printer.text += `, ${commands[command] ?? `unknown command (${command})`}, length: ${wireEnd - offset}`;
    if (printer.level === 0) return true;
    if (command === REQUEST || command === RESPONSE)
      printPart(printer, "rip", () => printRoutes(printer, message, version));
    const isShown = commands[command] === undefined || command === TRACE_ON;
    if (isShown || printer.level > 1) printer.text += hexDump(bytes, offset, end, false);
    return true;
  },
});

const printRoutes = (printer: Printer, message: Message, version: number): void => {
  const { offset, wireEnd } = message;
  const routes = Math.trunc((wireEnd - offset) / ROUTE_BYTES);
  if (version > 2) {
    printer.text += ", unknown version";
    return;
  }
  printer.text += `, routes: ${routes}${version === 2 ? " or less" : ""}`;
  let at = offset + Rip.size;
  for (; at < wireEnd; at += ROUTE_BYTES) {
    if (version === 2 && message.word(at) === AUTHENTICATION && message.word(at + 2) === 1) {
      printer.text += "\n\t  Auth trailer:";
      printer.text += hexDump(message.bytes, at + 4, Math.min(wireEnd, message.end), false, "\t  ");
      return;
    }
    message.need(at, ROUTE_BYTES);
    (version === 1 ? printRoute1 : printRoute2)(printer, message, at);
  }
};

/** RFC 1058, section 3.1: what version 2 uses must be 0. */
const printRoute1 = (printer: Printer, message: Message, at: number): void => {
  const family = message.word(at);
  const isPlain = message.word(at + 2) === 0 && message.long(at + 8) === 0 && message.long(at + 12) === 0;
  const route = `${message.address("ipv4", at + 4)}, metric: ${message.long(at + 16)}`;
  if (!isPlain) printer.text += hexDump(message.bytes, at, at + ROUTE_BYTES, false, "\t  ");
  else if (family === IPV4) printer.text += `\n\t  ${route}`;
  else if (family === 0) printer.text += `\n\t  AFI 0, ${route}`;
  else {
    printer.text += `\n\t AFI Unknown (${family}), `;
    printer.text += hexDump(message.bytes, at + 4, at + ROUTE_BYTES, false, "\t  ");
  }
};

/** RFC 2453, section 4; RFC 2082, section 3.2. */
const printRoute2 = (printer: Printer, message: Message, at: number): void => {
  const family = message.word(at);
  if (family === AUTHENTICATION) {
    const type = message.word(at + 2);
    if (type === 2) {
      printer.text += "\n\t  Simple Text Authentication data: ";
      message.printString(printer, at + 4, 16);
    } else if (type === 3) {
      printer.text += `\n\t  Auth header: Packet Len ${message.word(at + 4)}, Key-ID ${message.byte(at + 6)}, Auth Data Len ${message.byte(at + 7)}, SeqNo ${message.long(at + 8)}, MBZ ${message.long(at + 12)}, MBZ ${message.long(at + 16)}`;
    } else {
      printer.text += `\n\t  Unknown (${type}) Authentication data:`;
      printer.text += hexDump(message.bytes, at + 4, at + ROUTE_BYTES, false, "\t  ");
    }
    return;
  }
  if (family !== IPV4 && family !== 0) {
    printer.text += `\n\t  AFI Unknown (${family})`;
    printer.text += hexDump(message.bytes, at + 4, at + ROUTE_BYTES, false, "\t  ");
    return;
  }
  const nextHop = message.address("ipv4", at + 12);
  const width = String(maskWidth(message.long(at + 8))).padEnd(2);
  printer.text += `\n\t  AFI ${family === IPV4 ? "IPv4" : "0"}, ${message.address("ipv4", at + 4).padStart(15)}/${width}`;
  printer.text += `, tag 0x${message.hex(at + 2, 2)}, metric: ${message.long(at + 16)}, next-hop: ${nextHop === "0.0.0.0" ? "self" : nextHop}`;
};

/** Bits of a mask; -1 of one with gaps. */
const maskWidth = (mask: number): number => {
  const width = Math.clz32(~mask);
  return (mask << width) >>> 0 === 0 || width === 32 ? width : -1;
};

const commands: Readonly<Record<number, string>> = {
  [REQUEST]: "Request",
  [RESPONSE]: "Response",
  [TRACE_ON]: "Trace on",
  4: "Trace off",
  5: "Poll",
  6: "Poll Entry",
};

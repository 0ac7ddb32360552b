/** How a BGP session opens: who, and what each side is capable of (RFC 4271, section 4.2; RFC 5492). */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { routesName } from "./bgp-routes.ts";
import type { Message } from "./message.ts";

export const printOpen = (printer: Printer, message: Message, start: number): void => {
  message.need(start, 10);
  printer.text += `\n\t  Version ${message.byte(start)}, my AS ${message.word(start + 1)}, Holdtime ${message.word(start + 3)}s, ID ${message.address("ipv4", start + 5)}`;
  const end = start + 10 + message.byte(start + 9);
  printer.text += `\n\t  Optional parameters, length: ${end - start - 10}`;
  for (let at = start + 10; at < end;) {
    message.need(at, 2);
    const [type, length] = [message.byte(at), message.byte(at + 1)];
    printer.text += `\n\t    Option ${parameters[type] ?? "Unknown"} (${type}), length: ${length}`;
    message.need(at + 2, length);
    if (type === CAPABILITIES) printCapabilities(printer, message, at + 2, length);
    else printer.text += `\n\t      no decoder for option ${type}`;
    at += 2 + length;
  }
};

const CAPABILITIES = 2;
const parameters: Readonly<Record<number, string>> = { 1: "Authentication Information", [CAPABILITIES]: "Capabilities Advertisement" }; // prettier-ignore

const printCapabilities = (printer: Printer, message: Message, start: number, all: number): void => {
  for (let at = start; at < start + all;) {
    message.need(at, 2);
    const [code, length] = [message.byte(at), message.byte(at + 1)];
    const capability = capabilities[code];
    printer.text += `\n\t      ${capability?.name ?? "Unknown"} (${code}), length: ${length}`;
    message.need(at + 2, length);
    if (length < (capability?.least ?? 0)) {
      printer.text += ` (too short, < ${capability!.least})`;
      return;
    }
    at += 2;
    if (capability?.print !== undefined) capability.print(printer, message, at, length);
    else printer.text += `\n\t\tno decoder for Capability ${code}`;
    if (capability?.print === undefined || printer.level > 1)
      printer.text += hexDump(message.bytes, at, at + length, false, "\t\t");
    at += length;
  }
};

interface Capability {
  readonly name: string;
  readonly least?: number;
  print?(printer: Printer, message: Message, at: number, length: number): void;
}

const capabilities: Readonly<Record<number, Capability>> = {
  1: {
    name: "Multiprotocol Extensions",
    least: 4,
    print(printer, message, at) {
      printer.text += `\n\t\t${routesName(message.word(at), message.byte(at + 3))}`;
    },
  },
  2: { name: "Route Refresh", print: () => undefined },
  3: { name: "Cooperative Route Filtering" },
  4: { name: "Multiple Routes to a Destination" },
  5: { name: "Extended Next Hop Encoding" },
  8: { name: "Multiple Labels", print: () => undefined },
  64: {
    name: "Graceful Restart",
    least: 2,
    print(printer, message, start, length) {
      const restart = message.word(start);
      printer.text += `\n\t\tRestart Flags: [${restart > 0x7fff ? "R" : "none"}], Restart Time ${restart & 0x0fff}s`;
      for (let at = start + 2; at + 4 <= start + length; at += 4)
        printer.text += `\n\t\t  ${routesName(message.word(at), message.byte(at + 2))}, Forwarding state preserved: ${message.byte(at + 3) > 0x7f ? "yes" : "no"}`;
    },
  },
  65: {
    name: "32-Bit AS Number",
    least: 4,
    print(printer, message, at) {
      printer.text += `\n\t\t 4 Byte AS ${message.long(at)}`;
    },
  },
  67: { name: "Dynamic Capability" },
  68: { name: "Multisession BGP" },
  69: {
    name: "Multiple Paths",
    print(printer, message, start, length) {
      if (length === 0) printer.text += " (bogus)";
      if (length % 4 !== 0) {
        printer.text += " (invalid)";
        return;
      }
      for (let at = start; at < start + length; at += 4) {
        const way = message.byte(at + 3);
        printer.text += `\n\t\t${routesName(message.word(at), message.byte(at + 2))}, Send/Receive: ${ways[way] ?? `Bogus (0x${message.hex(at + 3, 1)})`}`;
      }
    },
  },
  70: { name: "Enhanced Route Refresh" },
  71: { name: "Long-lived Graceful Restart", print: () => undefined },
  128: { name: "Route Refresh (Cisco)", print: () => undefined },
};
/** RFC 7911, section 4. */
const ways: Readonly<Record<number, string>> = { 1: "Receive", 2: "Send", 3: "Both" };

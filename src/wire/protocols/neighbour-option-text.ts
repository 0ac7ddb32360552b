/** Options of neighbour discovery that end with what their length leaves: what routers tell of DNS and of other routes. */
import { formatAddress } from "../address.ts";
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { lifetimeText } from "./neighbour-discovery.ts";
import type { Message } from "./message.ts";

interface Kind {
  readonly name: string;
  /** `at`: of its type; `end`: where the option ends. */
  print(printer: Printer, message: Message, at: number, end: number): void;
}

/** Prints an option; false where nothing here knows it. */
export const printNeighbourOption = (printer: Printer, message: Message, at: number, end: number): boolean => {
  const type = message.byte(at);
  const kind = kinds[type];
  if (kind === undefined) return false;
  printer.text += `\n\t  ${kind.name} option (${type}), length ${end - at} (${(end - at) / 8}): `;
  kind.print(printer, message, at, end);
  return true;
};

/** Names as DNS has them, one behind the other, and 0 up to the end. */
const printDomains = (printer: Printer, message: Message, start: number, end: number): void => {
  let at = start;
  while (at < end && message.byte(at) !== 0) {
    printer.text += " ";
    let length = message.byte(at);
    while (length !== 0) {
      if (length > LONGEST_LABEL) {
        printer.text += "<BAD PTR>";
        message.stop();
      }
      message.printText(printer, at + 1, Math.min(length, end - at - 1));
      at += 1 + length;
      if (at > end) message.stop();
      printer.text += ".";
      if (at === end) message.stop();
      length = message.byte(at);
    }
    at++;
  }
};
const LONGEST_LABEL = 63;

const kinds: Readonly<Record<number, Kind>> = {
  4: {
    name: "redirected header",
    print(printer, message, at, end) {
      if (printer.hexFollows !== true) printer.text += hexDump(message.bytes, at, end, false, "\t    ");
    },
  },
  7: {
    name: "advertisement interval",
    print(printer, message, at) {
      printer.text += ` ${message.long(at + 4)}ms`;
    },
  },
  8: {
    name: "homeagent information",
    print(printer, message, at) {
      printer.text += ` preference ${message.word(at + 4)}, lifetime ${message.word(at + 6)}`;
    },
  },
  24: {
    name: "route info",
    print(printer, message, at, end) {
      if (end - at > LONGEST_ROUTE) message.stop();
      const prefix = new Uint8Array(16);
      prefix.set(message.bytes.subarray(at + 8, end));
      printer.text += ` ${formatAddress("ipv6", prefix, 0)}/${message.byte(at + 2)}`;
      printer.text += `, pref=${preferences[(message.byte(at + 3) >> 3) & 3]!}, lifetime=${lifetimeText(message.long(at + 4))}`;
    },
  },
  25: {
    name: "rdnss",
    print(printer, message, at, end) {
      printer.text += ` lifetime ${message.long(at + 4)}s,`;
      for (let place = at + 8; place + 16 <= end; place += 16)
        printer.text += ` addr: ${message.address("ipv6", place)}`;
    },
  },
  31: {
    name: "dnssl",
    print(printer, message, at, end) {
      printer.text += ` lifetime ${message.long(at + 4)}s, domain(s):`;
      printDomains(printer, message, at + 8, end);
    },
  },
};
/** RFC 4191, section 2.3. */
const LONGEST_ROUTE = 24;
const preferences = ["medium", "high", "rsv", "low"] as const;

/** HSRP: Cisco's older way to share a router's address. */
import { formatAddress } from "../address.ts";
import { array, header, ipv4Address, u8 } from "../layout.ts";
import { visibleByte } from "../text.ts";
import { messageProtocol } from "./message.ts";

/** Times are seconds. */
export const Hsrp = header("Hsrp", "RFC 2281, section 5.1", {
  version: u8,
  operation: u8,
  state: u8,
  helloTime: u8,
  holdTime: u8,
  priority: u8,
  group: u8,
  reserved: u8,
  authentication: array(u8, 8),
  address: ipv4Address,
});

export const hsrp = messageProtocol({
  name: "hsrp",
  abbreviation: "hsrp",
  udpPorts: [1985],
  layout: Hsrp,

  print(printer, { bytes, offset, end, wireEnd }) {
    if (offset >= end) return false;
    printer.text += `HSRPv${bytes[offset]!}`;
    if (bytes[offset] !== 0) return true;
    if (offset + 7 > end) return false;
    const [operation, state, hello, hold, priority, group] = [1, 2, 3, 4, 5, 6].map((at) => bytes[offset + at]!) as [number, number, number, number, number, number]; // prettier-ignore
    printer.text += `-${operations[operation] ?? `Unknown (${operation})`} ${wireEnd - offset}: state=${states[state] ?? `Unknown (${state})`} group=${group} `;
    if (offset + Hsrp.size > end) return false;
    printer.text += `addr=${formatAddress("ipv4", bytes, offset + 16)}`;
    if (printer.level === 0) return true;
    const authentication = bytes.subarray(offset + 8, offset + 16);
    const length = authentication.indexOf(0);
    printer.text += ` hellotime=${duration(hello)} holdtime=${duration(hold)} priority=${priority}`;
    printer.text += ` auth="${Array.from(length < 0 ? authentication : authentication.subarray(0, length), visibleByte).join("")}"`;
    return true;
  },
});

/** `1m30s` */
const duration = (seconds: number): string =>
  seconds < 60 ? `${seconds}s` : `${Math.trunc(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;

const operations = ["hello", "coup", "resign"] as const;
const states: Readonly<Record<number, string>> = {
  0: "initial",
  1: "learn",
  2: "listen",
  4: "speak",
  8: "standby",
  16: "active",
};

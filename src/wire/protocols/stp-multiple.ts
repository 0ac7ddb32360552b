/** Multiple STP: the common tree of all regions, and the trees of one (IEEE 802.1Q, section 14.4). */
import { formatAddress } from "../address.ts";
import type { Printer } from "../packet/protocol.ts";
import { bitNames, type BitNames } from "./bit-names.ts";
import { hex4 } from "./ip-text.ts";
import type { Message } from "./message.ts";

/** Where the length of what is behind Rapid STP's fields stands; it counts from behind itself. */
const LENGTH_AT = 36;
const BEFORE = 38;
/** Without any tree of the region. */
const LEAST_BYTES = 102;
const TREE_BYTES = 16;

/** Whether the message holds what it says to hold. */
export const isWholeMultipleStp = (message: Message): boolean => {
  const { offset, wireEnd } = message;
  const length = wireEnd - offset;
  return length >= LEAST_BYTES && BEFORE + message.word(offset + LENGTH_AT) <= length;
};

/** Below the line, with `-v`. */
export const printMultipleStp = (
  printer: Printer,
  message: Message,
  flagNames: BitNames,
  roles: readonly string[],
): void => {
  const { offset } = message;
  const roleOf = (flags: number): string => roles[(flags >> 2) & 3]!;
  message.need(offset, LENGTH_AT + 2);
  printer.text += `\n\tport-role ${roleOf(message.byte(offset + 4))}, CIST root-id ${bridge(message, offset + 5)}, CIST ext-pathcost ${message.long(offset + 13)}`;
  printer.text += `\n\tCIST regional-root-id ${bridge(message, offset + 17)}, CIST port-id ${hex4(message.word(offset + 25))},`;
  const [age, most, hello, delay] = [27, 29, 31, 33].map((at) => (message.word(offset + at) / 256).toFixed(2)) as [string, string, string, string]; // prettier-ignore
  printer.text += `\n\tmessage-age ${age}s, max-age ${most}s, hello-time ${hello}s, forwarding-delay ${delay}s`;
  const length = message.word(offset + LENGTH_AT);
  printer.text += `\n\tv3len ${length}, MCID Name `;
  message.printString(printer, offset + 39, 32);
  printer.text += `, rev ${message.word(offset + 71)},`;
  printer.text += `\n\t\tdigest ${message.hex(offset + 73, 16)}, CIST int-root-pathcost ${message.long(offset + 89)},`;
  printer.text += `\n\tCIST bridge-id ${bridge(message, offset + 93)}, CIST remaining-hops ${message.byte(offset + 101)}`;
  for (let at = offset + LEAST_BYTES; at + TREE_BYTES <= offset + BEFORE + length; at += TREE_BYTES) {
    message.need(at, TREE_BYTES);
    const flags = message.byte(at);
    printer.text += `\n\tMSTI ${message.word(at + 1) & 0x0fff}, Flags [${bitNames(flags, flagNames)}], port-role ${roleOf(flags)}`;
    printer.text += `\n\t\tMSTI regional-root-id ${bridge(message, at + 1)}, pathcost ${message.long(at + 9)}`;
    printer.text += `\n\t\tMSTI bridge-prio ${message.byte(at + 13) >> 4}, port-prio ${message.byte(at + 14) >> 4}, hops ${message.byte(at + 15)}`;
  }
};

const bridge = (message: Message, at: number): string => {
  message.need(at, 8);
  return `${hex4(message.word(at))}.${formatAddress("mac", message.bytes, at + 2)}`;
};

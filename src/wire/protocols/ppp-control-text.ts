/** What both ends of a PPP link agree on: LCP, and the control protocols of IPv4 and IPv6 (RFC 1661, section 6; RFC 1332; RFC 1877; RFC 5072). */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import type { Message } from "./message.ts";

const HEADER_BYTES = 4;
/** Requests for options, and the answers to them. */
const LAST_CONFIGURATION = 4;

/** With `-v`, below the message's own line. `protocol`: its number in PPP. */
export const printPppControl = (
  printer: Printer,
  message: Message,
  protocol: number,
  name: (protocol: number) => string,
): void => {
  const { bytes, offset, end, wireEnd } = message;
  const [code, length] = [message.byte(offset), message.word(offset + 2)] as const;
  if (length < HEADER_BYTES || offset + length > wireEnd) {
    printer.text += `\n\tencoded length ${length} (${length < HEADER_BYTES ? "< 4" : `> packet length ${wireEnd - offset}`}))`;
    return;
  }
  printer.text += `\n\tencoded length ${length} (=Option(s) length ${length - HEADER_BYTES})`;
  if (length === HEADER_BYTES) return;
  if (printer.level > 1) printer.text += hexDump(bytes, offset - 2, Math.min(offset + HEADER_BYTES, end), false);
  const [at, last] = [offset + HEADER_BYTES, offset + length] as const;
  if (code >= 1 && code <= LAST_CONFIGURATION) printOptions(printer, message, at, last, protocol);
  else if (code === PROTOCOL_REJECT && length >= HEADER_BYTES + 2) {
    printer.text += `\n\t  Rejected ${name(message.word(at))} Protocol (0x${message.hex(at, 2)})`;
    if (last > at + 2)
      printer.text += `\n\t  Rejected Packet${hexDump(bytes, at + 2, Math.min(last, end), false, "\t    ")}`;
  } else if (code >= ECHO_REQUEST && code <= DISCARD) {
    if (last < at + 4) return;
    printer.text += `\n\t  Magic-Num 0x${message.hex(at, 4)}`;
    if (last > at + 4)
      printer.text += `\n\t  -----trailing data-----${hexDump(bytes, at + 4, Math.min(last, end), false, "\t  ")}`;
  }
};
const PROTOCOL_REJECT = 8;
const ECHO_REQUEST = 9;
const DISCARD = 11;

interface Option {
  readonly name: string;
  /** With type and length themselves; any where left out. */
  readonly length?: number;
  /** Its value is shown byte by byte without. */
  text?(message: Message, at: number, length: number): string;
}
type Options = Readonly<Record<number, Option>>;

const printOptions = (printer: Printer, message: Message, start: number, end: number, protocol: number): void => {
  const options = known[protocol] ?? {};
  for (let at = start; at < end;) {
    message.need(at, 2);
    const [type, length] = [message.byte(at), message.byte(at + 1)];
    const option = options[type];
    printer.text += `\n\t  ${option?.name ?? (protocol === LCP || protocol === CCP ? "Unknown" : "unknown")} Option (0x${message.hex(at, 1)}), length ${length}`;
    if (length < 2) {
      printer.text += " (length bogus, should be >= 2)";
      return;
    }
    const isBogus = option?.length !== undefined && length !== option.length;
    if (isBogus) printer.text += ` (length bogus, should be = ${option.length})`;
    if (at + length > end) {
      printer.text += ` [remaining options length ${end - at} < ${length}] (invalid)`;
      return;
    }
    message.need(at, length);
    if (!isBogus && option?.text !== undefined) printer.text += option.text(message, at + 2, length - 2);
    const isShown = option?.text === undefined && length > 2;
    if (!isBogus && (isShown || printer.level > 1))
      printer.text += hexDump(message.bytes, at + 2, at + length, false, "\t    ");
    at += length;
  }
};

const LCP = 0xc021;
const CCP = 0x80fd;
const number = (name: string): Option => ({ name, length: 4, text: (message, at) => `: ${message.word(at)}` });
const flag = (name: string): Option => ({ name, length: 2, text: () => "" });
const hex = (name: string): Option => ({ name, length: 6, text: (message, at) => `: 0x${message.hex(at, 4)}` });
const address = (name: string): Option => ({
  name,
  length: 6,
  text: (message, at) => `: ${message.address("ipv4", at)}`,
});

/** RFC 1994, section 3; RFC 2433; RFC 2759. */
const algorithms: Readonly<Record<number, string>> = { 5: "MD5", 0x80: "MS-CHAPv1", 0x81: "MS-CHAPv2" };
const authentication = (message: Message, at: number, length: number): string => {
  if (length < 2) return "";
  const protocol = message.word(at);
  if (protocol === 0xc223 && length > 2) {
    const algorithm = message.byte(at + 2);
    return `: CHAP, ${algorithms[algorithm] ?? `Unknown Auth Alg ${algorithm}`}`;
  }
  return `: ${authentications[protocol] ?? `unknown (0x${message.hex(at, 2)})`}`;
};
const authentications: Readonly<Record<number, string>> = { 0xc023: "PAP", 0xc223: "CHAP", 0xc227: "EAP" };

const known: Readonly<Record<number, Options>> = {
  [LCP]: {
    1: number("MRU"),
    2: hex("ACCM"),
    3: { name: "Auth-Prot", text: authentication },
    4: { name: "Qual-Prot", text: (message, at, length) => (length < 2 ? "" : `: ${message.word(at) === 0xc025 ? "LQR" : "unknown"}`) }, // prettier-ignore
    5: hex("Magic-Num"),
    6: { name: "deprecated(6)" },
    7: flag("PFC"),
    8: flag("ACFC"),
    9: { name: "FCS-Alt" },
    10: { name: "SDP" },
    11: { name: "Num-Mode" },
    17: number("MRRU"),
    18: flag("12-Bit seq #"),
    21: { name: "DCE-Id" },
  },
  0x8021: {
    2: { name: "IP-Comp", text: (message, at, length) => (length < 2 ? "" : `: ${message.word(at) === 0x2d ? "VJ-Comp" : "unknown"} (0x${message.hex(at, 2).replace(/^00/, "")}):`) }, // prettier-ignore
    3: address("IP-Addr"),
    4: address("Home-Addr"),
    0x81: address("Pri-DNS"),
    0x82: address("Pri-NBNS"),
    0x83: address("Sec-DNS"),
    0x84: address("Sec-NBNS"),
  },
  0x8057: {
    1: { name: "Interface-ID", length: 10, text: (message, at) => `: ${message.hex(at, 8).replace(/.{4}(?=.)/g, "$&:")}` }, // prettier-ignore
  },
  [CCP]: { 0: { name: "OUI" }, 18: { name: "MPPC" } },
};

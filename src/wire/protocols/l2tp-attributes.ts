/** The attributes of L2TP's control messages (AVPs): `*MSGTYPE(SCCRQ) *HOST_NAME(athos)`. */
import type { Printer } from "../packet/protocol.ts";
import type { Message } from "./message.ts";

/** Flags and length, vendor, type (RFC 2661, section 4.1). */
const HEADER_BYTES = 6;
const MANDATORY = 0x8000;
const HIDDEN = 0x4000;

export const printL2tpAttributes = (printer: Printer, message: Message, start: number, end: number): void => {
  for (let at = start; at < end;) {
    printer.text += " ";
    const first = message.word(at);
    const length = first & 0x3ff;
    if (length < HEADER_BYTES || at + length > end) message.stop();
    message.need(at, length);
    if ((first & MANDATORY) !== 0) printer.text += "*";
    const isHidden = (first & HIDDEN) !== 0;
    if (isHidden) printer.text += "?";
    const vendor = message.word(at + 2);
    const type = message.word(at + 4);
    const [contents, size] = [at + HEADER_BYTES, length - HEADER_BYTES] as const;
    if (vendor !== 0) {
      printer.text += `VENDOR${message.hex(at + 2, 2)}:ATTR${message.hex(at + 4, 2)}(${message.hex(contents, size)})`;
    } else {
      const known = attributes[type];
      printer.text += `${known?.name ?? `AVP-#${type}`}(`;
      if (isHidden) printer.text += "???";
      else if (known !== undefined && size < (known.least ?? 0)) printer.text += "AVP too short";
      else known?.print?.(printer, message, contents, size);
      printer.text += ")";
    }
    at += length;
  }
};

type Print = (printer: Printer, message: Message, at: number, length: number) => void;
interface Attribute {
  readonly name: string;
  /** Bytes that there must be. */
  readonly least?: number;
  readonly print?: Print;
}

const text: Print = (printer, message, at, length) => message.printText(printer, at, length);
const hex: Print = (printer, message, at, length) => {
  printer.text += message.hex(at, length);
};
const word: Print = (printer, message, at) => {
  printer.text += message.word(at);
};
const long: Print = (printer, message, at) => {
  printer.text += message.long(at);
};
/** The last two bits, each with a letter. */
const pair =
  (second: string, first: string): Print =>
  (printer, message, at) => {
    const value = message.long(at);
    printer.text += `${(value & 2) === 0 ? "" : second}${(value & 1) === 0 ? "" : first}`;
  };

const result: Print = (printer, message, at, length) => {
  printer.text += message.word(at);
  if (length < 4) return;
  printer.text += `/${message.word(at + 2)}`;
  if (length === 4) return;
  printer.text += " ";
  message.printText(printer, at + 4, length - 4);
};

const cause: Print = (printer, message, at, length) => {
  printer.text += `${message.word(at)}, ${message.hex(at + 2, 1)}`;
  if (length === 3) return;
  printer.text += " ";
  message.printText(printer, at + 3, length - 3);
};

const errors: Print = (printer, message, at, length) => {
  const names = ["CRCErr", "FrameErr", "HardOver", "BufOver", "Timeout", "AlignErr"];
  names.forEach((name, index) => {
    const place = 2 + index * 4;
    if (place + 4 <= length) printer.text += `${name}=${message.long(at + place)} `;
    else if (place < length + 4 && place + 4 > length && place - 4 + 4 <= length) printer.text += "AVP too short";
  });
};

const disconnect: Print = (printer, message, at, length) => {
  const direction = message.byte(at + 4);
  printer.text += `${message.hex(at, 2)}, ${message.hex(at + 2, 2)} ${directions[direction] ?? `Direction-#${direction}`}`;
  if (length === 5) return;
  printer.text += " ";
  message.printText(printer, at + 5, length - 5);
};

const named = (name: string, print: Print, least = 0): Attribute => ({ name, least, print });

/** RFC 2661, section 4.4; RFC 3145. */
const attributes: Readonly<Record<number, Attribute>> = {
  0: named(
    "MSGTYPE",
    (printer, message, at) => {
      const type = message.word(at);
      printer.text += messages[type] ?? `MSGTYPE-#${type}`;
    },
    2,
  ),
  1: named("RESULT_CODE", result, 2),
  2: named("PROTO_VER", (printer, message, at) => (printer.text += `${message.byte(at)}.${message.byte(at + 1)}`), 2),
  3: named("FRAMING_CAP", pair("A", "S"), 4),
  4: named("BEARER_CAP", pair("A", "D"), 4),
  5: named("TIE_BREAKER", (printer, message, at) => hex(printer, message, at, 8), 8),
  6: named("FIRM_VER", word, 2),
  7: named("HOST_NAME", text),
  8: named("VENDOR_NAME", text),
  9: named("ASSND_TUN_ID", word, 2),
  10: named("RECV_WIN_SIZE", word, 2),
  11: named("CHALLENGE", hex),
  12: named("Q931_CC", cause, 3),
  13: named("CHALLENGE_RESP", (printer, message, at) => hex(printer, message, at, 16), 16),
  14: named("ASSND_SESS_ID", word, 2),
  15: named("CALL_SER_NUM", long, 4),
  16: named("MINIMUM_BPS", long, 4),
  17: named("MAXIMUM_BPS", long, 4),
  18: named("BEARER_TYPE", pair("A", "D"), 4),
  19: named("FRAMING_TYPE", pair("A", "S"), 4),
  20: named("PACKET_PROC_DELAY", (printer) => (printer.text += "obsolete")),
  21: named("CALLED_NUMBER", text),
  22: named("CALLING_NUMBER", text),
  23: named("SUB_ADDRESS", text),
  24: named("TX_CONN_SPEED", long, 4),
  25: named("PHY_CHANNEL_ID", long, 4),
  26: named("INI_RECV_LCP", hex),
  27: named("LAST_SENT_LCP", hex),
  28: named("LAST_RECV_LCP", hex),
  29: named(
    "PROXY_AUTH_TYPE",
    (printer, message, at) => {
      const type = message.word(at);
      printer.text += authentications[type] ?? `AuthType-#${type}`;
    },
    2,
  ),
  30: named("PROXY_AUTH_NAME", text),
  31: named("PROXY_AUTH_CHAL", hex),
  32: named("PROXY_AUTH_ID", (printer, message, at) => (printer.text += message.word(at) & 0xff), 2),
  33: named("PROXY_AUTH_RESP", hex),
  34: named("CALL_ERRORS", errors, 6),
  35: named(
    "ACCM",
    (printer, message, at) => (printer.text += `send=${message.hex(at + 2, 4)} recv=${message.hex(at + 6, 4)} `),
    10,
  ),
  36: named("RANDOM_VECTOR", hex),
  37: named("PRIVATE_GRP_ID", text),
  38: named("RX_CONN_SPEED", long, 4),
  39: { name: "SEQ_REQUIRED" },
  46: named("PPP_DISCON_CC", disconnect, 5),
};

const messages: Readonly<Record<number, string>> = { 1: "SCCRQ", 2: "SCCRP", 3: "SCCCN", 4: "StopCCN", 6: "HELLO", 7: "OCRQ", 8: "OCRP", 9: "OCCN", 10: "ICRQ", 11: "ICRP", 12: "ICCN", 14: "CDN", 15: "WEN", 16: "SLI" }; // prettier-ignore
const authentications = ["Reserved", "Textual", "CHAP", "PAP", "No Auth", "MS-CHAPv1"] as const;
const directions = ["global error", "at peer", "at local"] as const;

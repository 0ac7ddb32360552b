/** EAP, which 802.1X and RADIUS carry: who is asked for what. */
import type { Printer } from "../packet/protocol.ts";
import { bitNames } from "./bit-names.ts";
import type { Message } from "./message.ts";

/** Code, identifier and length (RFC 3748, section 4). */
const HEADER_BYTES = 4;
const REQUEST = 1;
const RESPONSE = 2;

/** A message of `length` bytes, by what is around it; its type goes on a line of its own. */
export const printEap = (printer: Printer, message: Message, at: number, length: number): void => {
  const code = message.byte(at);
  const own = message.word(at + 2);
  if (own !== length) {
    printer.text += "EAP fragment?";
    return;
  }
  printer.text += `${codes[code] ?? "unknown"} (${code})`;
  printer.text += `, id ${message.byte(at + 1)}, len ${own}`;
  if (own < HEADER_BYTES) return tooShort(printer, "header");
  message.need(at, own);
  if (code !== REQUEST && code !== RESPONSE) return;
  if (own === HEADER_BYTES) return tooShort(printer, "request/response");
  const type = message.byte(at + 4);
  printer.text += `\n\t\t Type ${typeName(type)} (${type})`;
  details[type]?.(printer, message, at, own);
};

type Details = (printer: Printer, message: Message, at: number, length: number) => void;

const tooShort = (printer: Printer, what: string): void => {
  printer.text += ` (too short for EAP ${what})`;
};

const text =
  (name: string): Details =>
  (printer, message, at, length) => {
    if (length <= 5) {
      if (name === "Notification") tooShort(printer, "Notification request/response");
      return;
    }
    printer.text += `, ${name}: `;
    message.printString(printer, at + 5, length - 5);
  };

const refusal: Details = (printer, message, at, length) => {
  if (length <= 5) return tooShort(printer, "Legacy NAK request/response");
  for (let place = at + 5; place < at + length; place++) {
    const type = message.byte(place);
    printer.text += `${place > at + 5 ? "," : ""} ${typeName(type)} (${type})`;
  }
};

/** RFC 5216, section 3.1; RFC 5281, section 9.1; RFC 4851, section 4.1. */
const transportLayerSecurity =
  (version: string, kind: string): Details =>
  (printer, message, at, length) => {
    if (length <= 5) return tooShort(printer, `${kind} request/response`);
    const flags = message.byte(at + 5);
    if (version !== "") printer.text += ` ${version}v${flags & 7}`;
    printer.text += ` flags [${bitNames(flags, tlsFlags)}] 0x${hex2(flags)}`;
    if ((flags & 0x80) === 0) return;
    if (length < 10) return tooShort(printer, `${kind} request/response with length`);
    printer.text += `, len ${message.long(at + 6)}`;
  };

const mobile: Details = (printer, message, at, length) => {
  if (length <= 5) return tooShort(printer, "SIM/AKA request/response");
  const subtype = message.byte(at + 5);
  printer.text += ` subtype [${mobileSubtypes[subtype] ?? "unknown"}] 0x${hex2(subtype)}`;
};

const typeName = (type: number): string => types[type] ?? "unknown";
const hex2 = (byte: number): string => byte.toString(16).padStart(2, "0");

const codes: Readonly<Record<number, string>> = { [REQUEST]: "Request", [RESPONSE]: "Response", 3: "Success", 4: "Failure" }; // prettier-ignore
/** https://www.iana.org/assignments/eap-numbers */
const types: Readonly<Record<number, string>> = {
  0: "No proposed",
  1: "Identity",
  2: "Notification",
  3: "Nak",
  4: "MD5-challenge",
  5: "OTP",
  6: "GTC",
  13: "TLS",
  18: "SIM",
  21: "TTLS",
  23: "AKA",
  43: "FAST",
  254: "Expanded types",
  255: "Experimental",
};
const details: Readonly<Record<number, Details>> = {
  1: text("Identity"),
  2: text("Notification"),
  3: refusal,
  13: transportLayerSecurity("", "TLS/TTLS"),
  18: mobile,
  21: transportLayerSecurity("TTLS", "TLS/TTLS"),
  23: mobile,
  43: transportLayerSecurity("FAST", "FAST"),
};
const tlsFlags = [[0x80, "L bit"], [0x40, "More fragments bit"], [0x20, "Start bit"]] as const; // prettier-ignore
/** RFC 4186, section 11; RFC 4187, section 11. */
const mobileSubtypes: Readonly<Record<number, string>> = { 1: "Challenge", 2: "Auth reject", 4: "Sync failure", 5: "Identity", 10: "Start", 11: "Challenge", 12: "Notification", 13: "Reauth", 14: "Client error" }; // prettier-ignore

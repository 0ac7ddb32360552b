/** PAP and CHAP: who logs in, and by which words. They are printed as they are sent, as those of other protocols are. */
import { be16, header, u8 } from "../layout.ts";
import type { Printer } from "../packet/protocol.ts";
import { messageProtocol, type Message } from "./message.ts";

/** What both begin with. */
export const PppAuthentication = header("PppAuthentication", "RFC 1334, section 2.2; RFC 1994, section 4", {
  code: u8,
  identifier: u8,
  length: be16,
});

type Print = (printer: Printer, message: Message, at: number, end: number) => void;

const define = <Name extends string>(
  name: Name,
  number: number,
  kinds: Readonly<Record<number, readonly [string, Print]>>,
) =>
  messageProtocol({
    name,
    abbreviation: "ppp",
    pppProtocols: [number],
    layout: PppAuthentication,
    defaults: { code: 1, length: PppAuthentication.size },

    print(printer, message) {
      const { offset, end, wireEnd } = message;
      if (end - offset < PppAuthentication.size) return false;
      const [code, length] = [message.byte(offset), message.word(offset + 2)] as const;
      const kind = kinds[code];
      printer.text += `${name.toUpperCase()}, ${kind?.[0] ?? "unknown"} (0x${message.hex(offset, 1)}), id ${message.byte(offset + 1)}`;
      if (offset + length > wireEnd) {
        printer.text += `, length ${length} > packet size`;
        return true;
      }
      kind?.[1](printer, message, offset + PppAuthentication.size, offset + length);
      return true;
    },
  });

/** Prints a text behind its length; returns where it ends. */
const printCounted = (printer: Printer, message: Message, what: string, at: number, end: number): number => {
  if (at >= end) return end;
  const length = message.byte(at);
  if (at + 1 + length > end) return end;
  printer.text += `, ${what} `;
  message.printText(printer, at + 1, length);
  return at + 1 + length;
};

const request: Print = (printer, message, start, end) => {
  const at = printCounted(printer, message, "Peer", start, end);
  printCounted(printer, message, "Name", at, end);
};
const reply: Print = (printer, message, at, end) => {
  printCounted(printer, message, "Msg", at, end);
};
export const pap = define("pap", 0xc023, { 1: ["Auth-Req", request], 2: ["Auth-ACK", reply], 3: ["Auth-NACK", reply] });

const challenge: Print = (printer, message, start, end) => {
  if (start >= end) return;
  const length = message.byte(start);
  if (start + 1 + length > end) return;
  const captured = Math.max(0, Math.min(length, message.end - start - 1));
  printer.text += `, Value ${message.hex(start + 1, captured)}`;
  message.need(start + 1, length);
  printer.text += ", Name ";
  message.printText(printer, start + 1 + length, end - start - 1 - length);
};
const result: Print = (printer, message, at, end) => {
  printer.text += ", Msg ";
  message.printText(printer, at, Math.max(0, end - at));
};
export const chap = define("chap", 0xc223, {
  1: ["Challenge", challenge],
  2: ["Response", challenge],
  3: ["Success", result],
  4: ["Fail", result],
});

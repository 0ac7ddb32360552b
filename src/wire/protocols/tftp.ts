/** TFTP: which file, and which block of it. Only its first packet goes to the well-known port. */
import { be16, header } from "../layout.ts";
import { visibleByte } from "../text.ts";
import type { Printer } from "../packet/protocol.ts";
import { messageProtocol, wordAt } from "./message.ts";

/** Names, a block or an error follow. */
export const Tftp = header("Tftp", "RFC 1350, section 5", { operation: be16 });

const [RRQ, WRQ, DATA, ACK, ERROR, OACK] = [1, 2, 3, 4, 5, 6] as const;

export const tftp = messageProtocol({
  name: "tftp",
  abbreviation: "tftp",
  udpPorts: [69],
  layout: Tftp,
  defaults: { operation: RRQ },

  print(printer, { bytes, offset, end, wireEnd }) {
    printer.text += `TFTP, length ${wireEnd - offset}`;
    if (offset + 2 > end) return false;
    const operation = wordAt(bytes, offset);
    const name = operations[operation];
    printer.text += `, ${name ?? `tftp-#${operation}`}`;
    const texts = new Texts(bytes, offset + 2, end);
    switch (operation) {
      case RRQ:
      case WRQ: {
        const file = texts.next();
        printer.text += ` "${file ?? texts.rest()}"`;
        if (file === undefined) return false;
        return printWords(printer, texts);
      }
      case OACK:
        return printWords(printer, texts);
      case DATA:
      case ACK:
        if (offset + 4 > end) return false;
        printer.text += ` block ${wordAt(bytes, offset + 2)}`;
        return true;
      case ERROR: {
        if (offset + 4 > end) return false;
        const code = wordAt(bytes, offset + 2);
        const text = new Texts(bytes, offset + 4, end).next();
        printer.text += ` ${errors[code] ?? `tftp-err-#${code} "`}`;
        if (text === undefined) return false;
        printer.text += ` "${text}"`;
        return true;
      }
      default:
        return true;
    }
  },
});

const printWords = (printer: Printer, texts: Texts): boolean => {
  while (!texts.isDone) {
    const word = texts.next();
    if (word === undefined) return false;
    if (word !== "") printer.text += ` ${word}`;
  }
  return true;
};

/** Texts that each end with a zero. */
class Texts {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get isDone(): boolean {
    return this.#at >= this.#end;
  }

  /** What there is of one that is cut. */
  rest(): string {
    return Array.from(this.#bytes.subarray(this.#at, this.#end), visibleByte).join("");
  }

  /** Undefined where it is cut. */
  next(): string | undefined {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0 || end >= this.#end) return undefined;
    const text = Array.from(this.#bytes.subarray(this.#at, end), visibleByte).join("");
    this.#at = end + 1;
    return text;
  }
}

const operations: Readonly<Record<number, string>> = {
  [RRQ]: "RRQ",
  [WRQ]: "WRQ",
  [DATA]: "DATA",
  [ACK]: "ACK",
  [ERROR]: "ERROR",
  [OACK]: "OACK",
};
const errors = ["EUNDEF", "ENOTFOUND", "EACCESS", "ENOSPACE", "EBADOP", "EBADID", "EEXISTS", "ENOUSER"] as const;

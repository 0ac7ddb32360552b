/** Protocols that speak in lines of text: kept as bytes, printed in tcpdump's manner. */
import type { Printer, Protocol } from "../packet/protocol.ts";

/** Bytes of a message or of a part of one; `firstLine` is read from them, null where they start with no line of text. */
export interface TextContent {
  bytes: Uint8Array;
  firstLine: string | null;
}

interface TextProtocol<Name extends string> {
  readonly name: Name;
  readonly title: string;
  readonly udpPorts?: readonly number[];
  readonly tcpPorts?: readonly number[];
  /** First words of messages; what starts with none of them, and is no response (`HTTP/1.1 200 OK`), is the middle of one. Without: any text. */
  readonly words?: ReadonlySet<string>;
}

/** `HTTP: GET / HTTP/1.1`; with `-v` all lines, as far as they are text. */
export const textProtocol = <Name extends string>({
  name,
  title,
  words,
  ...ports
}: TextProtocol<Name>): Protocol<Name, TextContent> => ({
  name,
  abbreviation: name,
  ...ports,

  measure: (_bytes, offset, end) => end - offset,

  decode(bytes, offset, length) {
    const end = offset + length;
    const line = isMessage(bytes, offset, end, words) ? lineAt(bytes, offset, end) : undefined;
    return { bytes: bytes.subarray(offset, end), firstLine: line?.text ?? null };
  },

  encode: ({ bytes = new Uint8Array(0) }) => bytes,

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, end, wireEnd } = spans[index]!;
    // Behind the fields of TCP; UDP has none.
    printer.text += `${ports.tcpPorts === undefined ? "" : ": "}${title}`;
    if (!isMessage(bytes, offset, end, words)) return true;
    if (printer.level > 0) {
      printer.text += `, length: ${wireEnd - offset}`;
      printLines(printer, name, bytes, offset, end, wireEnd);
      return true;
    }
    const line = lineAt(bytes, offset, end);
    if (line !== undefined) printer.text += `: ${line.text}${line.whole ? "" : ` [|${name}]`}`;
    return true;
  },
});

const printLines = (
  printer: Printer,
  name: string,
  bytes: Uint8Array,
  offset: number,
  end: number,
  wireEnd: number,
): void => {
  let at = offset;
  while (at < end) {
    const line = lineAt(bytes, at, end);
    if (line === undefined) return;
    printer.text += `\n\t${line.text}`;
    if (!line.whole) break;
    at = line.next;
  }
  if (at < wireEnd) printer.text += ` [|${name}]`;
};

interface Line {
  readonly text: string;
  /** It has an end. */
  readonly whole: boolean;
  readonly next: number;
}

/** The line at a place; undefined where it holds what is no text. */
const lineAt = (bytes: Uint8Array, start: number, end: number): Line | undefined => {
  let text = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === LINE_FEED) return { text, whole: true, next: at + 1 };
    if (byte === CARRIAGE_RETURN) {
      return bytes[at + 1] === LINE_FEED && at + 1 < end ? { text, whole: true, next: at + 2 } : undefined;
    }
    if (!isText(byte)) return undefined;
    text += String.fromCharCode(byte);
  }
  return { text, whole: false, next: end };
};

const isMessage = (bytes: Uint8Array, offset: number, end: number, words: ReadonlySet<string> | undefined): boolean => {
  if (words === undefined) return true;
  const first = wordEnd(bytes, offset, end);
  if (first === offset || first - offset > LONGEST_WORD) return false;
  if (words.has(String.fromCharCode(...bytes.subarray(offset, first)).toUpperCase())) return true;
  let second = first;
  while (second < end && isSpace(bytes[second]!)) second++;
  const digits = bytes.subarray(second, wordEnd(bytes, second, end));
  return digits.length === 3 && digits.every((digit) => digit >= 0x30 && digit <= 0x39);
};

/** Where a word ends that starts here: at white space, or what is no text. */
const wordEnd = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start;
  while (at < end && isText(bytes[at]!) && !isSpace(bytes[at]!)) at++;
  return at;
};

const isSpace = (byte: number): boolean => byte === 0x20 || byte === TAB;
const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || byte === TAB;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LONGEST_WORD = 64;

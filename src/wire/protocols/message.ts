/**
 * Protocols that end a packet, of which the header is described and what follows it kept as bytes: what a printer of one line
 * needs, and an encoder that gives back what there was.
 */
import { addressSize, formatAddress } from "../address.ts";
import { checksum } from "../checksum.ts";
import { encodeLayout, fieldOf, readLayout } from "../codec.ts";
import { writeBits } from "../integer.ts";
import type { AddressFamily, Layout } from "../layout.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { visibleText } from "../text.ts";

/** Ends the printing of a message from however deep within it: thrown by {@link Message}, caught where its printing began. */
class Stop extends Error {}
const cut = new Stop("the message is cut");
const invalid = new Stop("the message contradicts itself");

/** A message's place in its packet. Its readers end the printing, with `[|ospf]`, where they are asked for what was not captured. */
export class Message {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Where it ends, among the captured bytes. */
  readonly end: number;
  /** Where it ends on the wire. */
  readonly wireEnd: number;
  /** Of its layer; that of the layer around it plus one where its header is cut. */
  readonly index: number;

  constructor(bytes: Uint8Array, offset: number, end: number, wireEnd: number, index: number) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
    this.wireEnd = wireEnd;
    this.index = index;
  }

  /** So many bytes must be there. */
  need(at: number, length: number): void {
    if (at + length > this.end) throw cut;
  }

  /** What there is ends the printing as a cut does, for a length that its surroundings do not hold. */
  stop(): never {
    throw cut;
  }

  /** What must be so for the rest to mean anything; else the printing ends with ` (invalid)`. */
  insist(condition: boolean): void {
    if (!condition) throw invalid;
  }

  byte(at: number): number {
    this.need(at, 1);
    return this.bytes[at]!;
  }

  /** 16 bits, big-endian. */
  word(at: number): number {
    this.need(at, 2);
    return wordAt(this.bytes, at);
  }

  /** 24 bits, big-endian. */
  triple(at: number): number {
    this.need(at, 3);
    return (this.bytes[at]! << 16) | wordAt(this.bytes, at + 1);
  }

  /** 32 bits, big-endian. */
  long(at: number): number {
    this.need(at, 4);
    return longAt(this.bytes, at);
  }

  /** 64 bits, big-endian. */
  wide(at: number): bigint {
    return (BigInt(this.long(at)) << 32n) | BigInt(this.long(at + 4));
  }

  address(family: AddressFamily, at: number): string {
    this.need(at, addressSize(family));
    return formatAddress(family, this.bytes, at);
  }

  /** `0102ff` */
  hex(at: number, length: number): string {
    this.need(at, length);
    return hexOf(this.bytes, at, at + length);
  }

  /** Prints characters up to the first byte that is 0, as far as they were captured. */
  printString(printer: Printer, at: number, length: number): void {
    const zero = this.bytes.subarray(at, Math.min(at + length, this.end)).indexOf(0);
    this.printText(printer, at, zero < 0 ? length : zero);
  }

  /** Prints bytes as characters, as far as they were captured. */
  printText(printer: Printer, at: number, length: number): void {
    printer.text += visibleText(this.bytes, at, Math.min(at + length, this.end));
    this.need(at, length);
  }
}

/** A header and the bytes behind it. */
export interface MessageContent<Header> {
  header: Header;
  data: Uint8Array;
}

type Numbers = Pick<
  Protocol,
  "etherTypes" | "ipProtocols" | "linkTypes" | "udpPorts" | "tcpPorts" | "pppProtocols" | "llcSaps" | "ciscoProtocols"
>;

interface Description<Name extends string, Header> extends Numbers {
  readonly name: Name;
  readonly abbreviation: string;
  readonly layout: Layout<Header>;
  /** Fields that are not 0 where they are left out. */
  readonly defaults?: Partial<Header>;
  /** The field that holds the Internet checksum over the whole message (RFC 1071); filled in where it is left out. */
  readonly checksum?: keyof Header & string;
  /** Of messages that others follow within; else the message is all there is. */
  readonly measure?: Protocol["measure"];
  /** Prints the message, of which not even the header need be there; false where it is cut. */
  print(printer: Printer, message: Message): boolean;
}

export const messageProtocol = <Name extends string, Header extends object>({
  layout,
  defaults = {},
  checksum: sumField,
  print,
  ...rest
}: Description<Name, Header>): Protocol<Name, MessageContent<Header>> => {
  const nothing = readLayout(layout, new Uint8Array(layout.size), 0);
  const isPrinted = (printer: Printer, message: Message): boolean => {
    try {
      return print(printer, message);
    } catch (error) {
      if (error === cut) return false;
      if (error !== invalid) throw error;
      printer.text += " (invalid)";
      return true;
    }
  };
  const printMessage = (printer: Printer, message: Message): void => {
    if (!isPrinted(printer, message)) printer.text += ` [|${rest.abbreviation}]`;
  };
  return {
    measure: (_bytes, offset, end) => (end - offset < layout.size ? truncated : end - offset),

    ...rest,

    decode: (bytes, offset, length) => ({
      header: readLayout(layout, bytes, offset),
      data: bytes.subarray(offset + layout.size, offset + length),
    }),

    encode({ header: given, data = new Uint8Array(0) }) {
      const bytes = new Uint8Array(layout.size + data.length);
      bytes.set(encodeLayout(layout, { ...nothing, ...defaults, ...given }));
      bytes.set(data, layout.size);
      const own: Readonly<Record<string, unknown>> = { ...given };
      if (sumField !== undefined && own[sumField] === undefined)
        writeBits(checksum(bytes, 0, bytes.length), bytes, fieldOf(layout, sumField).bitOffset, 16);
      return bytes;
    },

    print(printer, index) {
      const { bytes, spans } = printer.packet;
      const { offset, end, wireEnd } = spans[index]!;
      printMessage(printer, new Message(bytes, offset, end, wireEnd, index));
      return true;
    },

    printUnread(printer, { offset, end, wireEnd }) {
      const { bytes, spans, count } = printer.packet;
      let index = count;
      while (index > 0 && spans[index - 1]!.offset >= offset) index--;
      printMessage(printer, new Message(bytes, offset, end, wireEnd, index));
    },
  };
};

/** Prints a part of a message; where that is cut, `[|dhcp6]` goes behind it, and what is around it may go on. False then. */
export const printPart = (printer: Printer, abbreviation: string, print: () => void): boolean => {
  try {
    print();
    return true;
  } catch (error) {
    if (error !== cut) throw error;
    printer.text += ` [|${abbreviation}]`;
    return false;
  }
};

/** The big-endian 16-bit number at a place. */
export const wordAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
/** The big-endian 32-bit number at a place. */
export const longAt = (bytes: Uint8Array, at: number): number =>
  ((wordAt(bytes, at) << 16) | wordAt(bytes, at + 2)) >>> 0;

/** `0102ff` */
export const hexOf = (bytes: Uint8Array, from: number, to: number): string => {
  let text = "";
  for (let at = from; at < to; at++) text += bytes[at]!.toString(16).padStart(2, "0");
  return text;
};

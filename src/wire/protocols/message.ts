/**
 * Protocols that end a packet, of which the header is described and what follows it kept as bytes: what a printer of one line
 * needs, and an encoder that gives back what there was.
 */
import { checksum } from "../checksum.ts";
import { encodeLayout, fieldOf, readLayout } from "../codec.ts";
import { writeBits } from "../integer.ts";
import type { Layout } from "../layout.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";

/** A message's place in its packet. */
export interface Message {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Where it ends, among the captured bytes. */
  readonly end: number;
  /** Where it ends on the wire. */
  readonly wireEnd: number;
  /** Of its layer; that of the layer around it plus one where its header is cut. */
  readonly index: number;
}

/** A header and the bytes behind it. */
export interface MessageContent<Header> {
  header: Header;
  data: Uint8Array;
}

type Numbers = Pick<
  Protocol,
  "etherTypes" | "ipProtocols" | "linkTypes" | "udpPorts" | "tcpPorts" | "pppProtocols" | "llcSaps"
>;

interface Description<Name extends string, Header> extends Numbers {
  readonly name: Name;
  readonly abbreviation: string;
  readonly layout: Layout<Header>;
  /** Fields that are not 0 where they are left out. */
  readonly defaults?: Partial<Header>;
  /** The field that holds the Internet checksum over the whole message (RFC 1071); filled in where it is left out. */
  readonly checksum?: keyof Header & string;
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
  const printMessage = (printer: Printer, message: Message): void => {
    if (!print(printer, message)) printer.text += ` [|${rest.abbreviation}]`;
  };
  return {
    ...rest,

    measure: (_bytes, offset, end) => (end - offset < layout.size ? truncated : end - offset),

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
      printMessage(printer, { bytes, offset, end, wireEnd, index });
      return true;
    },

    printUnread(printer, { offset, end, wireEnd }) {
      const { bytes, spans, count } = printer.packet;
      let index = count;
      while (index > 0 && spans[index - 1]!.offset >= offset) index--;
      printMessage(printer, { bytes, offset, end, wireEnd, index });
    },
  };
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

/** ASN.1's basic encoding (X.690), as far as SNMP uses it: elements of a message, and their values as text. */
import type { Message } from "./message.ts";

/** What ends the reading of elements that contradict themselves; its message says why. */
export class Unparsed extends Error {}

export type Asn1Kind =
  | "integer"
  | "string"
  | "null"
  | "oid"
  | "sequence"
  | "address"
  | "unsigned"
  | "wide"
  | "bytes"
  | "exception"
  | "pdu";

/** An element's kind, and where its contents are. */
export interface Asn1Element {
  readonly kind: Asn1Kind;
  /** The number of the PDU's, or of the exception's kind. */
  readonly id: number;
  /** What goes before the value, where that is not looked into. */
  readonly label: string;
  readonly at: number;
  readonly length: number;
  /** Where the next one starts. */
  readonly end: number;
}

/** Reads the element at a place. Throws an {@link Unparsed} where it is none. */
export const readElement = (message: Message, at: number, end: number): Asn1Element => {
  if (at >= end) throw new Unparsed("[nothing to parse]");
  const tag = message.byte(at);
  const [group, isConstructed, id] = [tag >> 6, (tag & 0x20) !== 0, tag & 0x1f] as const;
  if (id === LONG_TAG) return message.stop();
  if (at + 1 >= end) throw new Unparsed("[no asnlen]");
  let contents = at + 2;
  let length = message.byte(at + 1);
  if ((length & 0x80) !== 0) {
    const bytes = length & 0x7f;
    if (contents + bytes > end) throw new Unparsed(`[asnlen? ${end - contents}<${bytes}]`);
    length = 0;
    for (let index = 0; index < bytes; index++) length = ((length << 8) | message.byte(contents + index)) >>> 0;
    contents += bytes;
  }
  if (length > end - contents) throw new Unparsed(`[len${end - contents}<asnlen${length}]`);
  message.need(contents, length);
  const known = kindOf(group, isConstructed, id);
  if (known === undefined) throw new Unparsed(`[id?${isConstructed ? "C" : "P"}/x/${id}]`);
  const kind = known.kind;
  const label = kind !== "bytes" ? "" : `[${isConstructed ? "C" : "P"}/${"UACP"[group]!}/${known.name}]`;
  return { kind, id, label, at: contents, length, end: contents + length };
};

/** The value of an element, in tcpdump's words. */
export const elementText = (message: Message, { kind, id, at, length }: Asn1Element): string => {
  message.need(at, length);
  const { bytes } = message;
  switch (kind) {
    case "integer":
      return String(signedAt(bytes, at, length));
    case "unsigned":
      return String(Number(unsignedAt(bytes, at, length) & 0xffff_ffffn));
    case "wide":
      return String(BigInt.asUintN(64, unsignedAt(bytes, at, length)));
    case "string":
      return stringText(bytes, at, length);
    case "null":
      return "";
    case "oid":
      return oidText(bytes, at, length);
    case "sequence":
      return `Seq(${length})`;
    case "address":
      return `${length === 4 ? "" : "[inetaddr len!=4]"}${bytes.subarray(at, at + length).join(".")}`;
    case "exception":
      return `[${exceptions[id] ?? "BE_ANY!?"}]`;
    case "pdu":
      return `${pduNames[id]!}(${length})`;
    case "bytes":
      return hexWith(bytes, at, length);
  }
};

/** The integer in an element; of more than 32 bits the last ones. */
export const integerOf = (message: Message, { at, length }: Asn1Element): number => {
  message.need(at, length);
  return signedAt(message.bytes, at, length);
};

/** `_80_00` */
export const hexWith = (bytes: Uint8Array, at: number, length: number): string =>
  Array.from(bytes.subarray(at, at + length), (byte) => `_${byte.toString(16).padStart(2, "0")}`).join("");

const signedAt = (bytes: Uint8Array, at: number, length: number): number => {
  let value = length > 0 && bytes[at]! >= 0x80 ? -1 : 0;
  for (let index = 0; index < length; index++) value = (value << 8) | bytes[at + index]!;
  return value;
};
const unsignedAt = (bytes: Uint8Array, at: number, length: number): bigint => {
  let value = 0n;
  for (let index = 0; index < length; index++) value = (value << 8n) | BigInt(bytes[at + index]!);
  return value;
};

/** In quotes where all of it can be seen. */
const stringText = (bytes: Uint8Array, at: number, length: number): string => {
  const own = bytes.subarray(at, at + length);
  if (own.every((byte) => byte >= 0x20 && byte < 0x7f)) return `"${String.fromCharCode(...own)}"`;
  return hexWith(bytes, at, length).slice(1);
};

/** `.1.3.6.1`: the first two numbers are one. */
const oidText = (bytes: Uint8Array, at: number, length: number): string => {
  let text = "";
  let number = 0;
  for (let index = 0; index < length; index++) {
    const byte = bytes[at + index]!;
    number = ((number << 7) + (byte & 0x7f)) >>> 0;
    if ((byte & 0x80) !== 0) continue;
    if (text === "") {
      const first = Math.min(2, Math.trunc(number / 40));
      text = `.${first}.${number - first * 40}`;
    } else text += `.${number}`;
    number = 0;
  }
  return text;
};

const LONG_TAG = 0x1f;
const as = (kind: Asn1Kind, name = ""): { readonly kind: Asn1Kind; readonly name: string } => ({ kind, name });

export const pduNames = ["GetRequest", "GetNextRequest", "GetResponse", "SetRequest", "Trap", "GetBulk", "Inform", "V2Trap", "Report"] as const; // prettier-ignore
const exceptions = ["noSuchObject", "noSuchInstance", "endOfMibView"] as const;
/** By class and number: universal, application (RFC 2578, section 7.1), context (RFC 3416, section 3), private. */
const kinds: readonly Readonly<Record<number, { readonly kind: Asn1Kind; readonly name: string }>>[] = [
  {
    1: as("bytes", "Boolean"),
    2: as("integer"),
    3: as("bytes", "Bitstring"),
    4: as("string"),
    5: as("null"),
    6: as("oid"),
    16: as("sequence"),
  },
  {
    0: as("address"),
    1: as("unsigned"),
    2: as("unsigned"),
    3: as("unsigned"),
    4: as("bytes", "Opaque"),
    5: as("bytes", "C-5"),
    6: as("wide"),
  },
];
const kindOf = (group: number, isConstructed: boolean, id: number): ReturnType<typeof as> | undefined => {
  if (group === 0) return kinds[0]![id] ?? as("bytes", `U-${id}`);
  if (group !== CONTEXT) return kinds[group]?.[id];
  if (isConstructed) return id < pduNames.length ? as("pdu") : undefined;
  return id <= exceptions.length ? as("exception") : undefined;
};
const CONTEXT = 2;

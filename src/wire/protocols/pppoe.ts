/** PPPoE: how sessions are found and opened, and PPP within them. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, bits, header, u8, type TypeOf } from "../layout.ts";
import { EtherType } from "../numbers.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { visibleByte } from "../text.ts";
import { hexOf, wordAt } from "./message.ts";

/** `length` counts what follows: tags, or a PPP frame. */
export const Pppoe = header("Pppoe", "RFC 2516, section 4", {
  version: bits(4),
  type: bits(4),
  code: u8,
  session: be16,
  length: be16,
});

/** While sessions are found and opened: `data` are the tags. */
export interface PppoeDiscoveryContent {
  header: TypeOf<typeof Pppoe>;
  data: Uint8Array;
}

const encodeHeader = (given: Partial<TypeOf<typeof Pppoe>>, length: number, code: number): Uint8Array =>
  encodeLayout(Pppoe, { version: 1, type: 1, code, session: 0, length, ...given });

export const pppoeDiscovery: Protocol<"pppoe-discovery", PppoeDiscoveryContent> = {
  name: "pppoe-discovery",
  abbreviation: "pppoe",
  etherTypes: [EtherType.PppoeDiscovery],
  bounded: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Pppoe.size) return truncated;
    step.bound(offset + Pppoe.size + wordAt(bytes, offset + 4));
    return step.end - offset;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Pppoe, bytes, offset),
    data: bytes.subarray(offset + Pppoe.size, offset + length),
  }),

  encode({ header: given = {}, data = new Uint8Array(0) }) {
    const front = encodeHeader(given, data.length, PADI);
    return Uint8Array.from([...front, ...data]);
  },

  print(printer, index) {
    const { offset, length, end } = printer.packet.spans[index]!;
    printPppoe(printer, offset, `PAD${codes[printer.packet.bytes[offset + 1]!] ?? ""}`);
    if (!printTags(printer, offset + Pppoe.size, Math.min(offset + length, end))) printer.text += " [|pppoe]";
    return true;
  },

  printUnread: (printer, { offset, wireEnd }) => printShort(printer, wireEnd - offset),
};

export const pppoe: Protocol<"pppoe", { header: TypeOf<typeof Pppoe> }> = {
  name: "pppoe",
  abbreviation: "pppoe",
  etherTypes: [EtherType.PppoeSession],
  bounded: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Pppoe.size) return truncated;
    step.bound(offset + Pppoe.size + wordAt(bytes, offset + 4));
    step.follow("etherType", EtherType.Ppp);
    return Pppoe.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Pppoe, bytes, offset) }),

  encode: ({ header: given = {} }, context) => encodeHeader(given, context.contents, SESSION),

  print(printer, index) {
    printPppoe(printer, printer.packet.spans[index]!.offset, "");
    printer.text += " ";
    return false;
  },

  printUnread: (printer, { offset, wireEnd }) => printShort(printer, wireEnd - offset),
};

const printShort = (printer: Printer, length: number): void => {
  printer.text += length < Pppoe.size ? ` (length ${length} < ${Pppoe.size}) (invalid)` : " [|pppoe]";
};

/** `PPPoE PADS [ses 0x11]` */
const printPppoe = (printer: Printer, offset: number, what: string): void => {
  const { version, type, code, session } = readLayout(Pppoe, printer.packet.bytes, offset);
  if (version !== 1) printer.text += ` [ver ${version}]`;
  if (type !== 1) printer.text += ` [type ${type}]`;
  const name = codes[code] === undefined && what !== "" ? `PAD-${code.toString(16)}` : what;
  printer.text += `PPPoE ${name}`;
  if (session !== 0) printer.text += ` [ses 0x${session.toString(16)}]`;
};

/** ` [Service-Name "isp"] [Host-Uniq 0x01020304]`; false where they are cut. */
const printTags = (printer: Printer, start: number, end: number): boolean => {
  const { bytes } = printer.packet;
  for (let at = start; at < end;) {
    if (at + 4 > end) return false;
    const tag = wordAt(bytes, at);
    const length = wordAt(bytes, at + 2);
    if (at + 4 + length > end) return false;
    printer.text += ` [${tags[tag] ?? `TAG-0x${tag.toString(16)}`}`;
    if (length > 0) printer.text += ` ${valueText(bytes.subarray(at + 4, at + 4 + length))}`;
    printer.text += "]";
    at += 4 + length;
    if (tag === END_OF_LIST) return true;
  }
  return true;
};

/** Text where it is some, else hexadecimal. */
const valueText = (value: Uint8Array): string =>
  value.every((byte) => byte >= 0x20 && byte < 0x7f)
    ? `"${Array.from(value, visibleByte).join("")}"`
    : `0x${hexOf(value, 0, value.length).toUpperCase()}`;

const SESSION = 0;
const PADI = 0x09;
const codes: Readonly<Record<number, string>> = { 0x07: "O", 0x09: "I", 0x19: "R", 0x65: "S", 0xa7: "T" };

/** RFC 2516, appendix A; RFC 4638, section 3. */
const END_OF_LIST = 0;
const tags: Readonly<Record<number, string>> = {
  [END_OF_LIST]: "EOL",
  0x0101: "Service-Name",
  0x0102: "AC-Name",
  0x0103: "Host-Uniq",
  0x0104: "AC-Cookie",
  0x0105: "Vendor-Specific",
  0x0110: "Relay-Session-ID",
  0x0120: "PPP-Max-Payload",
  0x0201: "Service-Name-Error",
  0x0202: "AC-System-Error",
  0x0203: "Generic-Error",
};

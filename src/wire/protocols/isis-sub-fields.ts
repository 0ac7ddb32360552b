/** What fields of IS-IS hold within: of links for traffic engineering (RFC 5305), of routes (RFC 5130). */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import { bandwidthText } from "./bandwidth-text.ts";
import type { Message } from "./message.ts";

interface Field {
  readonly name: string;
  /** What is told at this length and above. */
  readonly least: number;
  text(message: Message, at: number, length: number): string;
}
type Fields = Readonly<Record<number, Field>>;

/** Up to `end`, in a field that ends at `outer`. */
const printer =
  (fields: Fields) =>
  (out: Printer, message: Message, start: number, end: number, outer: number): void => {
    for (let at = start; at < end;) {
      if (at + 2 > outer) message.stop();
      if (at + 2 > end) {
        out.text += "\n\t        Remaining data in TLV shorter than a subTLV header";
        return;
      }
      const [type, length] = [message.byte(at), message.byte(at + 1)];
      at += 2;
      const field = fields[type];
      out.text += `\n\t        ${field?.name ?? "unknown"} subTLV #${type}, length: ${length}`;
      if (at + length > outer) message.stop();
      if (at + length > end) {
        out.text += "\n\t        Remaining data in TLV shorter than the current subTLV";
        return;
      }
      message.need(at, length);
      if (field === undefined) out.text += hexDump(message.bytes, at, at + length, false, "\t\t    ");
      else if (length >= field.least) out.text += field.text(message, at, length);
      at += length;
    }
  };

const address = (name: string): Field => ({
  name,
  least: 4,
  text: (message, at) => `, ${message.address("ipv4", at)}`,
});
const hex = (name: string): Field => ({ name, least: 4, text: (message, at) => `, 0x${message.hex(at, 4)}` });
const bandwidth = (name: string): Field => ({
  name,
  least: 4,
  text: (message, at) => `, ${bandwidthText(message, at)}`,
});

export const printLinkFields = printer({
  3: hex("Administrative groups"),
  4: {
    name: "Link Local/Remote Identifier",
    least: 4,
    text: (message, at, length) => `, 0x${message.hex(at, 4)}${length === 8 ? `, 0x${message.hex(at + 4, 4)}` : ""}`,
  },
  5: hex("Link Remote Identifier"),
  6: address("IPv4 interface address"),
  8: address("IPv4 neighbor address"),
  9: bandwidth("Maximum link bandwidth"),
  10: bandwidth("Reservable link bandwidth"),
  11: {
    name: "Unreserved bandwidth",
    least: 32,
    text: (message, at) =>
      Array.from(
        { length: 8 },
        (_, level) => `\n\t          TE-Class ${level}: ${bandwidthText(message, at + level * 4)}`,
      ).join(""),
  },
  18: { name: "Traffic Engineering Metric", least: 3, text: (message, at) => `, ${message.triple(at)}` },
});

export const printPrefixFields = printer({
  1: {
    name: "32-Bit Administrative tag",
    least: 4,
    text: (message, at) => `, 0x${message.hex(at, 4)} (=${message.long(at)})`,
  },
  2: { name: "64-Bit Administrative tag", least: 8, text: (message, at) => `, 0x${message.hex(at, 8)}` },
});

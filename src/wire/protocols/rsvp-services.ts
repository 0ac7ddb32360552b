/** What Integrated Services say of traffic, within RSVP (RFC 2210): how much, how fast, in how large packets. */
import { hexDump } from "../line/hex-dump.ts";
import type { Printer } from "../packet/protocol.ts";
import type { Message } from "./message.ts";

/** `indent` is that of an object's lines. */
export const printIntegratedServices = (
  printer: Printer,
  message: Message,
  start: number,
  end: number,
  indent: string,
): void => {
  message.need(start, 4);
  printer.text += `${indent}Msg-Version: ${message.byte(start) >> 4}, length: ${message.word(start + 2) * 4}`;
  for (let at = start + 4; at + 4 <= end;) {
    const service = message.byte(at);
    const length = message.word(at + 2) * 4;
    printer.text += `${indent}Service Type: ${services[service] ?? "unknown"} (${service}), break bit ${message.byte(at + 1) > 0x7f ? "" : "not "}set, Service length: ${length}`;
    at += 4;
    const last = Math.min(at + length, end);
    while (at + 4 <= last) {
      const [type, size] = [message.byte(at), message.word(at + 2) * 4];
      printer.text += `\n\t      Parameter ID: ${parameters[type]?.name ?? "unknown"} (${type}), length: ${size}, Flags: [0x${message.hex(at + 1, 1)}]`;
      if (at + 4 + size > last) message.stop();
      message.need(at + 4, size);
      const parameter = parameters[type];
      if (parameter === undefined) {
        if (printer.level < 2) printer.text += hexDump(message.bytes, at + 4, at + 4 + size, false, "\t\t");
      } else if (size === parameter.size)
        for (const line of parameter.text(message, at + 4)) printer.text += `\n\t\t${line}`;
      at += 4 + size;
    }
  }
};

const value = new DataView(new ArrayBuffer(4));
const float = (message: Message, at: number): number => {
  value.setUint32(0, message.long(at));
  return value.getFloat32(0);
};
/** Ten digits at most, without zeros at their end. */
const short = (number: number): string => (Number.isFinite(number) ? String(Number(number.toPrecision(10))) : Number.isNaN(number) ? "nan" : number < 0 ? "-inf" : "inf"); // prettier-ignore
const rate = (message: Message, at: number): string => `${short(float(message, at) / 125_000)} Mbps`;

interface Parameter {
  readonly name: string;
  readonly size: number;
  readonly text: (message: Message, at: number) => readonly string[];
}
/** RFC 2215; RFC 2210, section 3. */
const parameters: Readonly<Record<number, Parameter>> = {
  4: { name: "IS hop cnt", size: 4, text: (message, at) => [`IS hop count: ${message.long(at)}`] },
  6: { name: "Path b/w estimate", size: 4, text: (message, at) => [`Path b/w estimate: ${rate(message, at)}`] },
  8: {
    name: "Minimum path latency",
    size: 4,
    text: (message, at) => [
      `Minimum path latency: ${message.long(at) === 0xffff_ffff ? "don't care" : message.long(at)}`,
    ],
  },
  10: { name: "Composed MTU", size: 4, text: (message, at) => [`Composed MTU: ${message.long(at)} bytes`] },
  127: {
    name: "Token Bucket TSpec",
    size: 20,
    text: (message, at) => [
      `Token Bucket Rate: ${rate(message, at)}`,
      `Token Bucket Size: ${short(float(message, at + 4))} bytes`,
      `Peak Data Rate: ${rate(message, at + 8)}`,
      `Minimum Policed Unit: ${message.long(at + 12)} bytes`,
      `Maximum Packet Size: ${message.long(at + 16)} bytes`,
    ],
  },
  130: {
    name: "Guaranteed Service RSpec",
    size: 8,
    text: (message, at) => [`Rate: ${rate(message, at)}`, `Slack Term: ${message.long(at + 4)}`],
  },
};
const services: Readonly<Record<number, string>> = { 1: "Default/Global Information", 2: "Guaranteed Service", 5: "Controlled Load" }; // prettier-ignore

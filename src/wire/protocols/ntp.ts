/** NTP: what time one clock tells another. */
import { be32, bits, header, be64, u8 } from "../layout.ts";
import type { Printer } from "../packet/protocol.ts";
import { messageProtocol, type Message } from "./message.ts";

/** Delay and dispersion are seconds with 16 bits of fraction; times seconds since 1900 with 32. */
export const Ntp = header("Ntp", "RFC 5905, section 7.3", {
  leap: bits(2),
  version: bits(3),
  mode: bits(3),
  stratum: u8,
  poll: u8,
  precision: u8,
  rootDelay: be32,
  rootDispersion: be32,
  referenceId: be32,
  reference: be64,
  origin: be64,
  receive: be64,
  transmit: be64,
});

const CONTROL = 6;
const PRIVATE = 7;
/** Of a control message without its data (RFC 9327, section 2). */
const CONTROL_BYTES = 12;

export const ntp = messageProtocol({
  name: "ntp",
  abbreviation: "ntp",
  udpPorts: [123],
  layout: Ntp,
  defaults: { version: 4, mode: 3 },

  print(printer, message) {
    const { offset, wireEnd } = message;
    const first = message.byte(offset);
    const mode = first & 7;
    printer.text += `NTPv${(first >> 3) & 7}, ${modes[mode]!}, length ${wireEnd - offset}`;
    if (printer.level === 0) return true;
    const leap = first >> 6;
    printer.text += `\n\tLeap indicator: ${leaps[leap]!} (${leap << 6})`;
    if (mode === CONTROL) printControl(printer, message);
    else if (mode !== PRIVATE) printTimes(printer, message);
    return true;
  },
});

const printTimes = (printer: Printer, message: Message): void => {
  const { offset, wireEnd } = message;
  message.insist(wireEnd - offset >= Ntp.size);
  const stratum = message.byte(offset + 1);
  printer.text += `, Stratum ${stratum} (${stratumNames[stratum] ?? (stratum < 16 ? "secondary reference" : "reserved")})`;
  const poll = (message.byte(offset + 2) << 24) >> 24;
  printer.text += `, poll ${poll}`;
  if (Math.abs(poll) < 32) printer.text += ` (${poll < 0 ? `1/${2 ** -poll}` : 2 ** poll}s)`;
  printer.text += `, precision ${(message.byte(offset + 3) << 24) >> 24}`;
  printer.text += `\n\tRoot Delay: ${shortText(message.long(offset + 4))}`;
  printer.text += `, Root dispersion: ${shortText(message.long(offset + 8))}`;
  message.need(offset + 12, 4);
  printer.text += ", Reference-ID: ";
  if (stratum === 0) printer.text += "(unspec)";
  else if (stratum === 1) message.printText(printer, offset + 12, 4);
  else if (stratum === 62 || stratum === 63) {
    printer.text += `${message.address("ipv4", offset + 12)} INFO_${stratum === 62 ? "QUERY" : "REPLY"}`;
    return;
  } else printer.text += `0x${message.hex(offset + 12, 4)}`;
  printer.text += `\n\t  Reference Timestamp:  ${timeText(message.wide(offset + 16))}`;
  const origin = message.wide(offset + 24);
  printer.text += `\n\t  Originator Timestamp: ${timeText(origin)}`;
  const receive = message.wide(offset + 32);
  printer.text += `\n\t  Receive Timestamp:    ${timeText(receive)}`;
  const transmit = message.wide(offset + 40);
  printer.text += `\n\t  Transmit Timestamp:   ${timeText(transmit)}`;
  printer.text += `\n\t    Originator - Receive Timestamp:  ${deltaText(origin, receive)}`;
  printer.text += `\n\t    Originator - Transmit Timestamp: ${deltaText(origin, transmit)}`;
  const more = wireEnd - offset - Ntp.size;
  const at = offset + Ntp.size;
  if (more === 0) return;
  if (!keyLengths.has(more)) {
    printer.text += `\n\t(${more} more bytes after the header)`;
    return;
  }
  printer.text += `\n\tKey id: ${message.long(at)}`;
  if (more > 4) printer.text += `\n\tAuthentication: ${message.hex(at + 4, more - 4)}`;
};

const printControl = (printer: Printer, message: Message): void => {
  const { offset } = message;
  message.insist(message.wireEnd - offset >= CONTROL_BYTES);
  const second = message.byte(offset + 1);
  printer.text += `, ${(second & 0x80) === 0 ? "Request" : "Response"}, ${(second & 0x40) === 0 ? "OK" : "Error"}, ${(second & 0x20) === 0 ? "Last" : "More"}, OpCode=${second & 0x1f}\n`;
  printer.text += `\tSequence=${message.word(offset + 2)}`;
  const status = message.word(offset + 4);
  printer.text += `, Status=${status === 0 ? 0 : `0x${status.toString(16)}`}`;
  printer.text += `, Assoc.=${message.word(offset + 6)}`;
  printer.text += `, Offset=${message.word(offset + 8)}`;
  const count = message.word(offset + 10);
  printer.text += `, Count=${count}`;
  message.insist(offset + CONTROL_BYTES + count <= message.wireEnd);
  message.need(offset + CONTROL_BYTES, count);
  if (count > 0) printer.text += "\n\tTO-BE-DONE: data not interpreted";
};

/** Seconds with 16 bits of fraction. */
const shortText = (value: number): string => {
  const fraction = Math.trunc(((value & 0xffff) * 1_000_000) / 0x1_0000);
  return `${value >>> 16}.${String(fraction).padStart(6, "0")}`;
};

/** `3858147248.250000000 (2022-04-05T11:34:08Z)`: seconds since 1900 with 32 bits of fraction. */
const timeText = (time: bigint): string => {
  const seconds = Number(time >> 32n);
  const date = new Date((seconds - SECONDS_TO_1970) * 1000).toISOString().replace(".000", "");
  return `${durationText(time)}${seconds === 0 ? "" : ` (${date})`}`;
};

const durationText = (time: bigint): string =>
  `${time >> 32n}.${String(((time & 0xffff_ffffn) * 1_000_000_000n) >> 32n).padStart(9, "0")}`;

/** A time since another; where the other is none, the time itself. */
const deltaText = (origin: bigint, time: bigint): string => {
  if (origin >> 32n === 0n && (origin & 0xffff_ffffn) === 0n) return timeText(time);
  if (origin === time) return "0.000000000";
  return time > origin ? `+${durationText(time - origin)}` : `-${durationText(origin - time)}`;
};

/** From 1900 to 1970. */
const SECONDS_TO_1970 = 2_208_988_800;
/** Of a key's number alone, with MD5, with SHA-1. */
const keyLengths: ReadonlySet<number> = new Set([4, 20, 24]);
const leaps = ["", "+1s", "-1s", "clock unsynchronized"] as const;
const stratumNames: Readonly<Record<number, string>> = { 0: "unspecified", 1: "primary reference" };
const modes = [
  "unspecified",
  "symmetric active",
  "symmetric passive",
  "Client",
  "Server",
  "Broadcast",
  "Control Message",
  "Reserved",
] as const;

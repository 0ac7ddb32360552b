/** ICMPv6: echo, errors, and neighbour discovery. */
import { formatAddress } from "../address.ts";
import { checksumOf, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { readLayout } from "../codec.ts";
import { readBits, writeBits } from "../integer.ts";
import {
  Icmpv6,
  Icmpv6Type,
  Icmpv6Unreachable,
  Icmpv6PacketTooBig,
  Icmpv6TimeExceeded,
  Icmpv6ParameterProblem,
} from "../headers/icmpv6.ts";
import type { TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { decodeOptions, encodeOptions } from "../option-list.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { IcmpEcho } from "../headers/icmp-echo.ts";
import { encodeMessage, icmpMessage, messageText, quotation, type BodyOf, type IcmpMessage } from "./icmp-message.ts";
import {
  flagText,
  NeighbourAdvertisement,
  neighbourOptionFormat,
  NeighbourRedirect,
  NeighbourSolicitation,
  RouterAdvertisement,
  RouterSolicitation,
  type NeighbourOption,
} from "./neighbour-discovery.ts";
import { hexDump } from "../line/hex-dump.ts";
import { Message, printPart } from "./message.ts";
import { isMulticastListener, printMulticastListener } from "./multicast-listener.ts";
import { printNeighbourOption } from "./neighbour-option-text.ts";
import { hex4, rightChecksum, transportSum } from "./ip-text.ts";

const messages = [
  icmpMessage(Icmpv6Type.Unreachable, Icmpv6Unreachable, unreachableText, "quote"),
  icmpMessage(Icmpv6Type.PacketTooBig, Icmpv6PacketTooBig, ({ mtu }) => `packet too big, mtu ${mtu}`, "quote"),
  icmpMessage(
    Icmpv6Type.TimeExceeded,
    Icmpv6TimeExceeded,
    (_body, code, printer, index) => {
      if (code > 1) return `time exceeded in-transit, unknown code (${code})`;
      return `time exceeded in-transit ${code === 1 ? "(reassembly)" : `for ${quotedAddresses(printer, index).destination}`}`;
    },
    "quote",
  ),
  icmpMessage(
    Icmpv6Type.ParameterProblem,
    Icmpv6ParameterProblem,
    ({ pointer }, code) =>
      `parameter problem, ${problems[code] === undefined ? `code-#${code}` : `${problems[code]} - octet ${pointer}`}`,
    "quote",
  ),
  icmpMessage(
    Icmpv6Type.EchoRequest,
    IcmpEcho,
    ({ identifier, sequence }) => `echo request, id ${identifier}, seq ${sequence}`,
  ),
  icmpMessage(
    Icmpv6Type.EchoReply,
    IcmpEcho,
    ({ identifier, sequence }) => `echo reply, id ${identifier}, seq ${sequence}`,
  ),
  icmpMessage(
    Icmpv6Type.RouterSolicitation,
    RouterSolicitation,
    (_body, _code, printer, index) => `router solicitation${earlyLength(printer, index)}`,
    "options",
  ),
  icmpMessage(Icmpv6Type.RouterAdvertisement, RouterAdvertisement, routerText, "options"),
  icmpMessage(
    Icmpv6Type.NeighbourSolicitation,
    NeighbourSolicitation,
    ({ target }, _code, printer, index) => `neighbor solicitation${earlyLength(printer, index)}, who has ${target}`,
    "options",
  ),
  icmpMessage(
    Icmpv6Type.NeighbourAdvertisement,
    NeighbourAdvertisement,
    ({ target, router, solicited, override }, _code, printer, index) => {
      const text = `neighbor advertisement${earlyLength(printer, index)}, tgt is ${target}`;
      if (printer.level === 0) return text;
      const flags = flagText([[router, "router"], [solicited, "solicited"], [override, "override"]]); // prettier-ignore
      return `${text}, Flags [${flags}]`;
    },
    "options",
  ),
  icmpMessage(
    Icmpv6Type.Redirect,
    NeighbourRedirect,
    ({ target, destination }, _code, printer, index) =>
      `redirect${earlyLength(printer, index)}, ${destination} to ${target}`,
    "options",
  ),
] as const;

const messagesByType: ReadonlyMap<number, IcmpMessage> = new Map<number, IcmpMessage>(
  messages.map((message) => [message.type, message]),
);

/** What an ICMPv6 message says after its header, by its type. */
export type Icmpv6Body = BodyOf<(typeof messages)[number]>;

export interface Icmpv6Content {
  header: TypeOf<typeof Icmpv6>;
  /** As the type says; absent for types without one here. */
  body?: Icmpv6Body;
  /** Of neighbour discovery. */
  options?: NeighbourOption[];
}

export const icmpv6: Protocol<"icmpv6", Icmpv6Content> = {
  name: "icmpv6",
  abbreviation: "icmp6",
  ipProtocols: [IpProtocol.Icmpv6],

  measure(bytes, offset, end, step) {
    if (end - offset < Icmpv6.size) return truncated;
    const message = messagesByType.get(bytes[offset]!);
    const length = Icmpv6.size + (message?.layout.size ?? 0);
    if (offset + length > end) return truncated;
    if (message?.quotes === true) {
      step.quoted = true;
      step.follow("ipProtocol", IpProtocol.Ipv6);
    }
    return message?.options === true ? end - offset : length;
  },

  decode(bytes, offset, length) {
    const content = { header: readLayout(Icmpv6, bytes, offset) };
    const message = messagesByType.get(content.header.type);
    if (message === undefined || length === Icmpv6.size) return content;
    const body = readLayout(message.layout, bytes, offset + Icmpv6.size) as Icmpv6Body;
    if (message.options !== true) return { ...content, body };
    const start = offset + Icmpv6.size + message.layout.size;
    return { ...content, body, options: decodeOptions(neighbourOptionFormat, bytes, start, offset + length) };
  },

  encode({ header: given = {}, body, options = [] }) {
    const value = { type: Icmpv6Type.EchoRequest, code: 0, checksum: 0, ...given };
    const front = encodeMessage(Icmpv6, value, body, messagesByType);
    const list = encodeOptions(neighbourOptionFormat, options);
    const bytes = new Uint8Array(front.length + list.length);
    bytes.set(front);
    bytes.set(list, front.length);
    return bytes;
  },

  seal({ header: given = {} }, bytes, offset, end, ip) {
    if (given.checksum !== undefined || ip < 0) return;
    const pseudo = pseudoHeaderSum(bytes, ip, IpProtocol.Icmpv6, end - offset);
    writeBits(checksumOf(sumWords(bytes, offset, end - offset, pseudo)), bytes, (offset + 2) * 8, 16);
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, end, wireEnd } = spans[index]!;
    if (printer.level > 0) printChecksum(printer, index);
    const type = bytes[offset]!;
    if (isMulticastListener(type)) {
      printer.text += "ICMP6, ";
      const isWhole = printPart(printer, "icmp6", () =>
        printMulticastListener(printer, new Message(bytes, offset, end, wireEnd, index)),
      );
      if (isWhole && printer.level === 0) printer.text += `, length ${wireEnd - offset}`;
      return true;
    }
    const text = messageText(printer, index, Icmpv6.size, messagesByType);
    const name = otherTypes[type] ?? `unknown icmp6 type (${type})`;
    printer.text += `ICMP6, ${text ?? name}`;
    const message = messagesByType.get(type);
    const unknownCode = type === Icmpv6Type.Unreachable && reasons[bytes[offset + 1]!] === undefined;
    const unknown = text === null || unknownCode;
    if (!unknownCode && (printer.level === 0 || text === null)) printer.text += `, length ${wireEnd - offset}`;
    if (unknown && printer.level < 2) printer.text += hexDump(bytes, offset, end, false);
    if (printer.level > 0 && message?.options === true) {
      const list = new Message(bytes, offset + Icmpv6.size + message.layout.size, offset + length, wireEnd, index);
      printPart(printer, "icmp6", () => printOptions(printer, list));
    }
    return true;
  },
};

/** `[icmp6 sum ok] ` */
const printChecksum = (printer: Printer, index: number): void => {
  const sum = transportSum(printer, index, IpProtocol.Icmpv6);
  if (sum === undefined) return;
  const found = readBits(printer.packet.bytes, (printer.packet.spans[index]!.offset + 2) * 8, 16);
  printer.text +=
    sum === 0 ? "[icmp6 sum ok] " : `[bad icmp6 cksum 0x${hex4(found)} -> 0x${hex4(rightChecksum(found, sum))}!] `;
};

/** Each on its line; with `-vv` their bytes too. */
const printOptions = (printer: Printer, list: Message): void => {
  const { bytes, offset, end } = list;
  for (let at = offset; at < end;) {
    list.need(at, 2);
    const units = bytes[at + 1]!;
    const next = at + units * 8;
    if (units === 0 || next > end) list.stop();
    const text = neighbourOptionFormat.byType[bytes[at]!]?.text(bytes, at + 2, next - at - 2);
    if (text !== undefined) printer.text += `\n\t  ${text}`;
    else if (!printNeighbourOption(printer, list, at, next)) {
      printer.text += `\n\t  unknown option (${bytes[at]}), length ${units * 8} (${units}): `;
      if (printer.level < 2) printer.text += hexDump(bytes, at + 2, next, false, "\t  ");
    }
    if (printer.level > 1) printer.text += hexDump(bytes, at + 2, next, false, "\t    ");
    at = next;
  }
};

/** With `-v` the length of messages with options stands before what they say. */
function earlyLength(printer: Printer, index: number): string {
  const { offset, wireEnd } = printer.packet.spans[index]!;
  return printer.level > 0 ? `, length ${wireEnd - offset}` : "";
}

const problems = ["erroneous", "next header", "option"] as const;

function routerText(body: TypeOf<typeof RouterAdvertisement>, _code: number, printer: Printer, index: number): string {
  const text = `router advertisement${earlyLength(printer, index)}`;
  if (printer.level === 0) return text;
  const { hopLimit, managed, other, reserved, routerLifetime, reachableTime, retransmitTimer } = body;
  const flags = flagText([[managed, "managed"], [other, "other stateful"], [reserved >> 5, "home agent"]]); // prettier-ignore
  const preference = ["medium", "high", "reserved", "low"][(reserved >> 3) & 3];
  return (
    `${text}\n\thop limit ${hopLimit}, Flags [${flags}], pref ${preference}, router lifetime ${routerLifetime}s, ` +
    `reachable time ${reachableTime}ms, retrans timer ${retransmitTimer}ms`
  );
}

const quotedAddresses = (printer: Printer, index: number): { source: string; destination: string } => {
  const { ip } = quotation(printer, index, 6);
  if (ip === undefined) return { source: "?", destination: "?" };
  const { bytes } = printer.packet;
  return {
    source: formatAddress("ipv6", bytes, ip.offset + 8),
    destination: formatAddress("ipv6", bytes, ip.offset + 24),
  };
};

function unreachableText(_body: unknown, code: number, printer: Printer, index: number): string {
  const { source, destination } = quotedAddresses(printer, index);
  const { protocol, port } = quotation(printer, index, 6);
  const reason = reasons[code];
  if (reason === undefined) return `destination unreachable, unknown unreach code (${code})`;
  const text = `destination unreachable, ${reason}`;
  if (code === 4 && port !== undefined) return `${text}, ${destination} ${protocol} port ${port}`;
  return `${text} ${destination}${code === 2 ? `, source address ${source}` : ""}`;
}

/** The second with its space: tcpdump has two there. */
const reasons = [
  "unreachable route",
  " unreachable prohibited",
  "beyond scope",
  "unreachable address",
  "unreachable port",
] as const;

/** https://www.iana.org/assignments/icmpv6-parameters: those whose contents are not looked at. */
const otherTypes: Readonly<Record<number, string>> = {
  138: "router renumbering",
  139: "who-are-you request",
  140: "node information reply",
  141: "inverse neighbor solicitation",
  142: "inverse neighbor advertisement",
  144: "dhaad request",
  145: "dhaad reply",
  146: "mobile router solicitation",
  147: "mobile router advertisement",
  155: "RPL",
  200: "mtrace response",
  201: "mtrace message",
};

/** ICMPv6: echo, errors, and neighbour discovery. */
import { formatAddress } from "../address.ts";
import { checksumOf, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { readLayout } from "../codec.ts";
import { writeBits } from "../integer.ts";
import { be16, be32, header, u8, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { decodeOptions, encodeOptions, optionTexts } from "../option-list.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import {
  encodeMessage,
  IcmpEcho,
  icmpMessage,
  messageText,
  quotation,
  type BodyOf,
  type IcmpMessage,
} from "./icmp-message.ts";
import {
  NeighbourAdvertisement,
  neighbourOptionFormat,
  NeighbourRedirect,
  NeighbourSolicitation,
  RouterAdvertisement,
  RouterSolicitation,
  type NeighbourOption,
} from "./neighbour-discovery.ts";

/** What all ICMPv6 messages start with: 4 bytes. */
export const Icmpv6 = header("Icmpv6", "RFC 4443, section 2.1", { type: u8, code: u8, checksum: be16 });

/** Types of ICMPv6 messages: https://www.iana.org/assignments/icmpv6-parameters. */
export const Icmpv6Type = {
  Unreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighbourSolicitation: 135,
  NeighbourAdvertisement: 136,
  Redirect: 137,
} as const;

/** After the ICMPv6 header of destination unreachable: nothing, before the packet it quotes. */
export const Icmpv6Unreachable = header("Icmpv6Unreachable", "RFC 4443, section 3.1", { unused: be32 });
/** After the ICMPv6 header of packet too big: the MTU of the next link, in bytes. */
export const Icmpv6PacketTooBig = header("Icmpv6PacketTooBig", "RFC 4443, section 3.2", { mtu: be32 });
/** After the ICMPv6 header of time exceeded: nothing, before the packet it quotes. */
export const Icmpv6TimeExceeded = header("Icmpv6TimeExceeded", "RFC 4443, section 3.3", { unused: be32 });
/** After the ICMPv6 header of a parameter problem: the offset, in bytes, of what is wrong. */
export const Icmpv6ParameterProblem = header("Icmpv6ParameterProblem", "RFC 4443, section 3.4", { pointer: be32 });

const messages = [
  icmpMessage(Icmpv6Type.Unreachable, Icmpv6Unreachable, unreachableText, "quote"),
  icmpMessage(Icmpv6Type.PacketTooBig, Icmpv6PacketTooBig, ({ mtu }) => `packet too big, mtu ${mtu}`, "quote"),
  icmpMessage(
    Icmpv6Type.TimeExceeded,
    Icmpv6TimeExceeded,
    (_body, code, printer, index) =>
      code === 1 ? "time exceeded in-reassembly" : `time exceeded in-transit for ${quotedDestination(printer, index)}`,
    "quote",
  ),
  icmpMessage(
    Icmpv6Type.ParameterProblem,
    Icmpv6ParameterProblem,
    ({ pointer }, code) => `parameter problem, ${problems[code] ?? `code-#${code}`} - octet ${pointer}`,
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
  icmpMessage(Icmpv6Type.RouterSolicitation, RouterSolicitation, () => "router solicitation", "options"),
  icmpMessage(Icmpv6Type.RouterAdvertisement, RouterAdvertisement, () => "router advertisement", "options"),
  icmpMessage(
    Icmpv6Type.NeighbourSolicitation,
    NeighbourSolicitation,
    ({ target }) => `neighbor solicitation, who has ${target}`,
    "options",
  ),
  icmpMessage(
    Icmpv6Type.NeighbourAdvertisement,
    NeighbourAdvertisement,
    ({ target }) => `neighbor advertisement, tgt is ${target}`,
    "options",
  ),
  icmpMessage(
    Icmpv6Type.Redirect,
    NeighbourRedirect,
    ({ target, destination }) => `redirect, ${destination} to ${target}`,
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
    const { offset, length, wireEnd } = spans[index]!;
    const type = bytes[offset]!;
    const text = messageText(printer, index, Icmpv6.size, messagesByType) ?? `icmp6-type-#${type}`;
    printer.text += `ICMP6, ${text}, length ${wireEnd - offset}`;
    const message = messagesByType.get(type);
    if (printer.verbose === true && message?.options === true) {
      const start = offset + Icmpv6.size + message.layout.size;
      for (const option of optionTexts(neighbourOptionFormat, bytes, start, offset + length, unknownOption)) {
        printer.text += `, ${option}`;
      }
    }
    return true;
  },
};

const unknownOption = (type: number, size: number): string => `unknown option (${type}), length ${size + 2}`;

const problems = ["erroneous", "next header", "option"] as const;

const quotedDestination = (printer: Printer, index: number): string => {
  const { ip } = quotation(printer, index, 6);
  return ip === undefined ? "?" : formatAddress("ipv6", printer.packet.bytes, ip.offset + 24);
};

function unreachableText(_body: unknown, code: number, printer: Printer, index: number): string {
  const to = quotedDestination(printer, index);
  const { protocol, port } = quotation(printer, index, 6);
  const reason = reasons[code];
  if (code === 4 && port !== undefined)
    return `destination unreachable, unreachable port, ${to} ${protocol} port ${port}`;
  return `destination unreachable, ${reason ?? `code-#${code}`} ${to}`;
}

const reasons = [
  "unreachable route",
  "unreachable prohibited",
  "beyond scope",
  "unreachable address",
  "unreachable port",
] as const;

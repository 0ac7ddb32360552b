/** ICMP for IPv4. */
import { formatAddress } from "../address.ts";
import { checksum } from "../checksum.ts";
import { readLayout } from "../codec.ts";
import { readBits, writeBits } from "../integer.ts";
import {
  Icmp,
  IcmpType,
  IcmpUnreachable,
  IcmpRedirect,
  IcmpTimeExceeded,
  IcmpParameterProblem,
} from "../headers/icmp.ts";
import type { TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { IcmpEcho } from "../headers/icmp-echo.ts";
import { encodeMessage, icmpMessage, messageText, quotation, type BodyOf, type IcmpMessage } from "./icmp-message.ts";
import { rightChecksum } from "./ip-text.ts";

const messages = [
  icmpMessage(
    IcmpType.EchoReply,
    IcmpEcho,
    ({ identifier, sequence }) => `echo reply, id ${identifier}, seq ${sequence}`,
  ),
  icmpMessage(
    IcmpType.EchoRequest,
    IcmpEcho,
    ({ identifier, sequence }) => `echo request, id ${identifier}, seq ${sequence}`,
  ),
  icmpMessage(IcmpType.Unreachable, IcmpUnreachable, unreachableText, "quote"),
  icmpMessage(
    IcmpType.Redirect,
    IcmpRedirect,
    ({ gateway }, code, printer, index) => {
      const to = quotedDestination(printer, index);
      return `redirect${code === 2 || code === 3 ? "-tos" : ""} ${to} to ${code === 0 || code === 2 ? "net" : "host"} ${gateway}`;
    },
    "quote",
  ),
  icmpMessage(
    IcmpType.TimeExceeded,
    IcmpTimeExceeded,
    (_body, code) => ["time exceeded in-transit", "ip reassembly time exceeded"][code] ?? `time exceeded-#${code}`,
    "quote",
  ),
  icmpMessage(
    IcmpType.ParameterProblem,
    IcmpParameterProblem,
    ({ pointer }, code) => `parameter problem - ${code === 0 ? `octet ${pointer}` : `code ${code}`}`,
    "quote",
  ),
] as const;

const messagesByType: ReadonlyMap<number, IcmpMessage> = new Map<number, IcmpMessage>(
  messages.map((message) => [message.type, message]),
);

/** What an ICMP message says after its header, by its type. */
export type IcmpBody = BodyOf<(typeof messages)[number]>;

export interface IcmpContent {
  header: TypeOf<typeof Icmp>;
  /** As the type says; absent for types without one here. */
  body?: IcmpBody;
}

export const icmp: Protocol<"icmp", IcmpContent> = {
  name: "icmp",
  abbreviation: "icmp",
  ipProtocols: [IpProtocol.Icmp],

  measure(bytes, offset, end, step) {
    if (end - offset < Icmp.size) return truncated;
    const message = messagesByType.get(bytes[offset]!);
    const length = Icmp.size + (message?.layout.size ?? 0);
    if (offset + length > end) return truncated;
    if (message?.quotes === true) {
      step.quoted = true;
      step.follow("ipProtocol", IpProtocol.Ipv4);
    }
    return length;
  },

  decode(bytes, offset, length) {
    const content = { header: readLayout(Icmp, bytes, offset) };
    const message = messagesByType.get(content.header.type);
    if (message === undefined || length === Icmp.size) return content;
    return { ...content, body: readLayout(message.layout, bytes, offset + Icmp.size) as IcmpBody };
  },

  encode: ({ header: given = {}, body }) =>
    encodeMessage(Icmp, { type: IcmpType.EchoRequest, code: 0, checksum: 0, ...given }, body, messagesByType),

  seal({ header: given = {} }, bytes, offset, end) {
    if (given.checksum === undefined) writeBits(checksum(bytes, offset, end - offset), bytes, (offset + 2) * 8, 16);
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, end, wireEnd } = spans[index]!;
    const text =
      messageText(printer, index, Icmp.size, messagesByType) ?? otherTypes[bytes[offset]!] ?? `type-#${bytes[offset]}`;
    printer.text += `ICMP ${text}, length ${wireEnd - offset}`;
    if (printer.level === 0) return true;
    const sum = checksum(bytes, offset, wireEnd - offset);
    if (sum !== 0 && end >= wireEnd && !printer.fragmented) {
      const found = readBits(bytes, (offset + 2) * 8, 16);
      printer.text += ` (wrong icmp cksum ${found.toString(16)} (->${rightChecksum(found, sum).toString(16)})!)`;
    }
    if (messagesByType.get(bytes[offset]!)?.quotes !== true) return true;
    printer.text += "\n\t";
    return false;
  },
};

const quotedDestination = (printer: Printer, index: number): string => {
  const { ip } = quotation(printer, index, 9);
  return ip === undefined ? "?" : formatAddress("ipv4", printer.packet.bytes, ip.offset + 16);
};

function unreachableText({ mtu }: { mtu: number }, code: number, printer: Printer, index: number): string {
  const to = quotedDestination(printer, index);
  const { ip, protocol, port } = quotation(printer, index, 9);
  const number = ip === undefined ? "?" : printer.packet.bytes[ip.offset + 9];
  if (code === 2 || (code === 3 && port === undefined)) return `${to} protocol ${number} unreachable`;
  if (code === 3) return `${to} ${protocol} port ${port} unreachable`;
  if (code === 4) return `${to} unreachable - need to frag${mtu === 0 ? "" : ` (mtu ${mtu})`}`;
  return reasons[code]?.(to) ?? `${to} unreachable - #${code}`;
}

/** https://www.iana.org/assignments/icmp-parameters: codes of type 3. */
const reasons: Readonly<Record<number, (to: string) => string>> = {
  0: (to) => `net ${to} unreachable`,
  1: (to) => `host ${to} unreachable`,
  5: (to) => `${to} unreachable - source route failed`,
  6: (to) => `net ${to} unreachable - unknown`,
  7: (to) => `host ${to} unreachable - unknown`,
  8: (to) => `${to} unreachable - source host isolated`,
  9: (to) => `net ${to} unreachable - admin prohibited`,
  10: (to) => `host ${to} unreachable - admin prohibited`,
  11: (to) => `net ${to} unreachable - tos prohibited`,
  12: (to) => `host ${to} unreachable - tos prohibited`,
  13: (to) => `host ${to} unreachable - admin prohibited filter`,
  14: (to) => `host ${to} unreachable - host precedence violation`,
  15: (to) => `host ${to} unreachable - precedence cutoff`,
};

/** Types whose contents are not looked at. */
const otherTypes: Readonly<Record<number, string>> = {
  4: "source quench",
  9: "router advertisement",
  10: "router solicitation",
  13: "time stamp request",
  14: "time stamp reply",
  15: "information request",
  16: "information reply",
  17: "address mask request",
  18: "address mask reply",
};

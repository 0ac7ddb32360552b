/** TCP with options. */
import { checksumOf, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits, readInteger, writeBits } from "../integer.ts";
import { Tcp } from "../headers/tcp.ts";
import { be16, be32, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { decodeOptions, encodeOptions } from "../option-list.ts";
import type { TcpConversations } from "../line/tcp-conversations.ts";
import { fitLength, hasContents, malformed, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { visibleByte } from "../text.ts";
import { hex4, ipAround, printLonePorts, rightChecksum, transportSum } from "./ip-text.ts";
import { tcpOptionTexts } from "./tcp-option-text.ts";
import { tcpOptionFormat, type TcpOption } from "./tcp-options.ts";

export interface TcpContent {
  header: TypeOf<typeof Tcp>;
  options: TcpOption[];
}

const checksumBit = 128;

export const tcp: Protocol<"tcp", TcpContent> = {
  name: "tcp",
  abbreviation: "tcp",
  ipProtocols: [IpProtocol.Tcp],

  measure(bytes, offset, end, step) {
    if (end - offset < Tcp.size) return truncated;
    const length = (bytes[offset + 12]! >> 4) * 4;
    if (length < Tcp.size) return malformed;
    if (offset + length > end) return truncated;
    if (offset + length < end)
      step.follow("tcpPort", readBits(bytes, (offset + 2) * 8, 16), readBits(bytes, offset * 8, 16));
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Tcp, bytes, offset),
    options: decodeOptions(tcpOptionFormat, bytes, offset + Tcp.size, offset + length),
  }),

  encode({ header: given = {}, options = [] }) {
    const list = encodeOptions(tcpOptionFormat, options);
    const length = Tcp.size + (given.dataOffset === undefined ? Math.ceil(list.length / 4) * 4 : list.length);
    const bytes = new Uint8Array(length);
    bytes.set(
      encodeLayout(Tcp, {
        sourcePort: 0,
        destinationPort: 0,
        sequence: 0,
        acknowledgment: 0,
        reserved: 0,
        cwr: 0,
        ece: 0,
        urg: 0,
        ack: 0,
        psh: 0,
        rst: 0,
        syn: 0,
        fin: 0,
        window: 0,
        checksum: 0,
        urgentPointer: 0,
        ...given,
        dataOffset: given.dataOffset ?? fitLength("tcp header", length / 4, 15),
      }),
    );
    bytes.set(list, Tcp.size);
    return bytes;
  },

  seal({ header: given = {} }, bytes, offset, end, ip) {
    if (given.checksum !== undefined || ip < 0) return;
    const pseudo = pseudoHeaderSum(bytes, ip, IpProtocol.Tcp, end - offset);
    writeBits(checksumOf(sumWords(bytes, offset, end - offset, pseudo)), bytes, offset * 8 + checksumBit, 16);
  },

  print(printer, index) {
    const { packet, level } = printer;
    const { bytes, spans } = packet;
    const { offset, length, wireEnd } = spans[index]!;
    const payload = wireEnd - offset - length;
    const flags = bytes[offset + 13]!;
    printLonePorts(printer, index);
    if (printer.quick === true) {
      printer.text += `tcp ${payload}`;
      return true;
    }
    const relative = (flags & ack) === 0 ? undefined : followed(printer, index);
    const sequence = relative?.sequence ?? (readInteger(be32, bytes, offset + 4) as number);
    printer.text += `Flags [${tcpFlagTexts[flags]}]`;
    if (level > 0) printChecksum(printer, index);
    if (payload > 0 || level > 1 || (flags & (fin | syn | rst)) !== 0) {
      printer.text += `, seq ${sequence}${payload > 0 ? `:${(sequence + payload) >>> 0}` : ""}`;
    }
    if ((flags & ack) !== 0)
      printer.text += `, ack ${relative?.acknowledgment ?? String(readInteger(be32, bytes, offset + 8))}`;
    printer.text += `, win ${readInteger(be16, bytes, offset + 14)}`;
    if ((flags & urg) !== 0) printer.text += `, urg ${readInteger(be16, bytes, offset + 18)}`;
    if (length > Tcp.size) {
      const base = relative === undefined ? 0 : relative.reversed ? relative.base : relative.otherBase;
      const options = tcpOptionTexts(bytes, offset + Tcp.size, offset + length, flags, base);
      printer.text += `, options [${options.text}`;
      if (options.isBad) return true;
    }
    printer.text += `, length ${payload}`;
    if (level > 0 && payload > 0 && (flags & rst) !== 0) {
      printReset(printer, index);
      return true;
    }
    return !hasContents(packet, index);
  },

  printUnread(printer, { fault, offset, end, wireEnd }) {
    if (fault === truncated) printer.text += offset + 4 <= end ? " [|tcp]" : "[|tcp]";
    else {
      const length = (printer.packet.bytes[offset + 12]! >> 4) * 4;
      printer.text += ` tcp ${wireEnd - offset - length} [bad hdr length ${length} - too short, < ${Tcp.size}]`;
    }
  },
};

/** The segment's numbers in its conversation; undefined where they are printed as they are. */
const followed = ({ packet, conversations }: Printer, index: number): TcpConversations | undefined => {
  const ip = ipAround(packet, index);
  if (conversations === undefined || ip < 0) return undefined;
  const { bytes, spans } = packet;
  const { offset } = spans[index]!;
  const at = spans[ip]!.offset;
  const ipv6 = bytes[at]! >> 4 === 6;
  conversations.follow(
    bytes,
    ipv6 ? at + 8 : at + 12,
    ipv6 ? 16 : 4,
    readInteger(be16, bytes, offset) as number,
    readInteger(be16, bytes, offset + 2) as number,
    readInteger(be32, bytes, offset + 4) as number,
    readInteger(be32, bytes, offset + 8) as number,
    (bytes[offset + 13]! & syn) !== 0,
  );
  return conversations;
};

/** What a reset says of its reason, in words: `[RST no such service]`. */
const printReset = (printer: Printer, index: number): void => {
  const { bytes, spans } = printer.packet;
  const { offset, length, end, wireEnd } = spans[index]!;
  const start = offset + length;
  const shown = Math.min(wireEnd - start, 30);
  printer.text += ` [${end < wireEnd ? "!" : ""}RST${shown < wireEnd - start ? "+" : ""} `;
  for (let at = start; at < Math.min(start + shown, end); at++) printer.text += visibleByte(bytes[at]!);
  printer.text += "]";
};

/** `, cksum 0x1f2e (correct)` */
const printChecksum = (printer: Printer, index: number): void => {
  const sum = transportSum(printer, index, IpProtocol.Tcp);
  if (sum === undefined) return;
  const found = readBits(printer.packet.bytes, printer.packet.spans[index]!.offset * 8 + checksumBit, 16);
  printer.text += `, cksum 0x${hex4(found)} ${sum === 0 ? "(correct)" : `(incorrect -> 0x${hex4(rightChecksum(found, sum))})`}`;
};

const [fin, syn, rst, ack, urg] = [0x01, 0x02, 0x04, 0x10, 0x20] as const;

/** tcpdump's letters, from the least significant flag on. */
export const tcpFlagTexts: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  flags === 0 ? "none" : [..."FSRP.UEW"].filter((_letter, bit) => (flags & (1 << bit)) !== 0).join(""),
);

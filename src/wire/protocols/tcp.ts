/** TCP with options. */
import { checksumOf, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readInteger, writeBits } from "../integer.ts";
import { be16, be32, bits, header, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { decodeOptions, encodeOptions, optionTexts } from "../option-list.ts";
import { fitLength, malformed, truncated, type Protocol } from "../packet/protocol.ts";
import { printLonePorts } from "./ip-text.ts";
import { tcpOptionFormat, type TcpOption } from "./tcp-options.ts";

/** `dataOffset` counts 4-byte words, options included. */
export const Tcp = header("Tcp", "RFC 9293, section 3.1", {
  sourcePort: be16,
  destinationPort: be16,
  sequence: be32,
  acknowledgment: be32,
  dataOffset: bits(4),
  reserved: bits(4),
  cwr: bits(1),
  ece: bits(1),
  urg: bits(1),
  ack: bits(1),
  psh: bits(1),
  rst: bits(1),
  syn: bits(1),
  fin: bits(1),
  window: be16,
  checksum: be16,
  urgentPointer: be16,
});

export interface TcpContent {
  header: TypeOf<typeof Tcp>;
  options: TcpOption[];
}

const checksumBit = 128;

export const tcp: Protocol<"tcp", TcpContent> = {
  name: "tcp",
  abbreviation: "tcp",
  ipProtocols: [IpProtocol.Tcp],

  measure(bytes, offset, end) {
    if (end - offset < Tcp.size) return truncated;
    const length = (bytes[offset + 12]! >> 4) * 4;
    if (length < Tcp.size) return malformed;
    return offset + length > end ? truncated : length;
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
    const { bytes, spans } = printer.packet;
    const { offset, length, wireEnd } = spans[index]!;
    const payload = wireEnd - offset - length;
    const flags = bytes[offset + 13]!;
    const sequence = readInteger(be32, bytes, offset + 4) as number;
    printLonePorts(printer, index);
    printer.text += `Flags [${flagTexts[flags]}]`;
    if (payload > 0) printer.text += `, seq ${sequence}:${(sequence + payload) >>> 0}`;
    else if ((flags & (fin | syn | rst)) !== 0) printer.text += `, seq ${sequence}`;
    if ((flags & ack) !== 0) printer.text += `, ack ${readInteger(be32, bytes, offset + 8)}`;
    printer.text += `, win ${readInteger(be16, bytes, offset + 14)}`;
    if ((flags & urg) !== 0) printer.text += `, urg ${readInteger(be16, bytes, offset + 18)}`;
    if (length > Tcp.size) {
      const unknown = (type: number): string => `unknown-${type}`;
      printer.text += `, options [${optionTexts(tcpOptionFormat, bytes, offset + Tcp.size, offset + length, unknown).join(",")}]`;
    }
    printer.text += `, length ${payload}`;
    return true;
  },
};

const [fin, syn, rst, ack, urg] = [0x01, 0x02, 0x04, 0x10, 0x20] as const;

/** tcpdump's letters, from the least significant flag on. */
const flagTexts: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  flags === 0 ? "none" : [..."FSRP.UEW"].filter((_letter, bit) => (flags & (1 << bit)) !== 0).join(""),
);

/** UDP. */
import { checksumOf, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits, writeBits } from "../integer.ts";
import { Udp } from "../headers/udp.ts";
import type { TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { fitLength, hasContents, malformed, truncated, type Printer, type Protocol } from "../packet/protocol.ts";
import { hex4, isOverIpv6, printLonePorts, rightChecksum, transportSum } from "./ip-text.ts";

const checksumBit = 48;

export const udp: Protocol<"udp", { header: TypeOf<typeof Udp> }> = {
  name: "udp",
  abbreviation: "udp",
  ipProtocols: [IpProtocol.Udp],
  bounded: true,

  measure(bytes, offset, end, step) {
    if (end - offset < Udp.size) return truncated;
    const length = readBits(bytes, (offset + 4) * 8, 16);
    // Zero: a jumbogram (RFC 2675), or a GSO packet seen before segmentation.
    if (length !== 0 && length < Udp.size) return malformed;
    if (length !== 0) step.bound(offset + length);
    step.follow("udpPort", readBits(bytes, (offset + 2) * 8, 16), readBits(bytes, offset * 8, 16));
    return Udp.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Udp, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(Udp, {
      sourcePort: 0,
      destinationPort: context.next("udpPort") ?? 0,
      checksum: 0,
      ...given,
      length: given.length ?? fitLength("udp", Udp.size + context.contents, 0xffff),
    }),

  seal({ header: given = {} }, bytes, offset, end, ip) {
    if (given.checksum !== undefined || ip < 0) return;
    const pseudo = pseudoHeaderSum(bytes, ip, IpProtocol.Udp, end - offset);
    const sum = checksumOf(sumWords(bytes, offset, end - offset, pseudo));
    writeBits(sum === 0 ? 0xffff : sum, bytes, offset * 8 + checksumBit, 16);
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, wireEnd } = spans[index]!;
    const declared = readBits(bytes, (offset + 4) * 8, 16);
    printLonePorts(printer, index);
    if (printer.level > (isOverIpv6(printer.packet, index) ? 0 : 1)) printChecksum(printer, index);
    const isFou = printer.fou?.has(readBits(bytes, (offset + 2) * 8, 16)) === true;
    // Bytes that are too few for what a port is told to carry are something else, as nothing in them says what they are.
    const isCut = printer.packet.unread?.fault === truncated && !isFou;
    // A tunnel's line goes on with what it carries.
    if ((hasContents(printer.packet, index) || isCut) && printer.quick !== true) {
      if (isFou) printer.text += `FOU, length ${wireEnd - offset - length}: `;
      return false;
    }
    const around = spans[index - 1]?.wireEnd ?? printer.wireLength;
    if (wireEnd > around && !printer.fragmented)
      printer.text += `UDP, bad length ${declared - length} > ${around - offset - length}`;
    else printer.text += `UDP, length ${declared === 0 ? wireEnd - offset - length : declared - length}`;
    return true;
  },
};

/** `[udp sum ok] `: over IPv4, where it may be left out, for the curious. */
const printChecksum = (printer: Printer, index: number): void => {
  if (printer.fragmented) return;
  const found = readBits(printer.packet.bytes, printer.packet.spans[index]!.offset * 8 + checksumBit, 16);
  if (found === 0 && !isOverIpv6(printer.packet, index)) {
    printer.text += "[no cksum] ";
    return;
  }
  const sum = transportSum(printer, index, IpProtocol.Udp);
  if (sum === undefined) return;
  printer.text +=
    sum === 0 ? "[udp sum ok] " : `[bad udp cksum 0x${hex4(found)} -> 0x${hex4(rightChecksum(found, sum))}!] `;
};

/** UDP. */
import { checksumOf, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { encodeLayout, readLayout } from "../codec.ts";
import { readBits, writeBits } from "../integer.ts";
import { be16, header, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { fitLength, hasContents, malformed, truncated, type Protocol } from "../packet/protocol.ts";
import { printLonePorts } from "./ip-text.ts";

/** `length` counts these 8 bytes too; a checksum of 0 means none. */
export const Udp = header("Udp", "RFC 768", {
  sourcePort: be16,
  destinationPort: be16,
  length: be16,
  checksum: be16,
});

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
    step.follow("udpPort", readBits(bytes, (offset + 2) * 8, 16));
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
    // A tunnel's line goes on with what it carries.
    if (hasContents(printer.packet, index)) return false;
    printer.text += `UDP, length ${declared === 0 ? wireEnd - offset - length : declared - length}`;
    return true;
  },
};

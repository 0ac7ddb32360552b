/** AH: authenticates what follows it, and leaves it readable. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, be32, header, u8, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { malformed, truncated, type Protocol } from "../packet/protocol.ts";
import { printUnknownContents } from "./ip-text.ts";
import { hexOf } from "./message.ts";

/** `length` counts 4-byte words, less two; the integrity check value follows. */
export const Ah = header("Ah", "RFC 4302, section 2", {
  nextHeader: u8,
  length: u8,
  reserved: be16,
  spi: be32,
  sequence: be32,
});

/** A header and its integrity check value. */
export interface AhContent {
  header: TypeOf<typeof Ah>;
  /** The integrity check value. */
  data: Uint8Array;
}

export const ah: Protocol<"ah", AhContent> = {
  name: "ah",
  abbreviation: "ah",
  ipProtocols: [IpProtocol.Ah],

  measure(bytes, offset, end, step) {
    if (end - offset < Ah.size) return truncated;
    const length = (bytes[offset + 1]! + 2) * 4;
    if (length < Ah.size) return malformed;
    if (offset + length > end) return truncated;
    step.follow("ipProtocol", bytes[offset]!);
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Ah, bytes, offset),
    data: bytes.subarray(offset + Ah.size, offset + length),
  }),

  encode({ header: given = {}, data = new Uint8Array(12) }, context) {
    const bytes = new Uint8Array(Ah.size + data.length);
    bytes.set(
      encodeLayout(Ah, {
        reserved: 0,
        spi: 0,
        sequence: 0,
        ...given,
        nextHeader: given.nextHeader ?? context.next("ipProtocol") ?? IpProtocol.NoNextHeader,
        length: given.length ?? bytes.length / 4 - 2,
      }),
    );
    bytes.set(data, Ah.size);
    return bytes;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length: size } = spans[index]!;
    const { nextHeader, length, reserved, spi, sequence } = readLayout(Ah, bytes, offset);
    printer.text += "AH(";
    if (printer.level > 0) printer.text += `length=${length}(${size}-bytes),`;
    if (reserved !== 0) printer.text += `reserved=0x${reserved.toString(16)}[MustBeZero],`;
    printer.text += `spi=0x${spi.toString(16).padStart(8, "0")},seq=0x${sequence.toString(16)},`;
    printer.text += `icv=0x${hexOf(bytes, offset + Ah.size, offset + size)}): `;
    printUnknownContents(printer, index, nextHeader);
    return false;
  },
};

/** Generic UDP encapsulation, variant 0: an IP protocol in UDP. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be16, bits, header, u8, type TypeOf } from "../layout.ts";
import { malformed, truncated, type Protocol } from "../packet/protocol.ts";

/** `headerLength` counts 4-byte words behind these 4 bytes. */
export const Gue = header("Gue", "draft-ietf-intarea-gue, section 3.2", {
  variant: bits(2),
  control: bits(1),
  headerLength: bits(5),
  protocol: u8,
  flags: be16,
});

/** A GUE header with its extensions as they are. */
export interface GueContent {
  header: TypeOf<typeof Gue>;
  data: Uint8Array;
}

export const gue: Protocol<"gue", GueContent> = {
  name: "gue",
  abbreviation: "gue",
  udpPorts: [6080],

  measure(bytes, offset, end, step) {
    if (end - offset < Gue.size) return truncated;
    const { variant, control, headerLength, protocol } = readLayout(Gue, bytes, offset);
    if (variant !== 0) return malformed;
    const length = Gue.size + headerLength * 4;
    if (offset + length > end) return truncated;
    if (control === 0) step.follow("ipProtocol", protocol);
    return length;
  },

  decode: (bytes, offset, length) => ({
    header: readLayout(Gue, bytes, offset),
    data: bytes.subarray(offset + Gue.size, offset + length),
  }),

  encode({ header: given = {}, data = new Uint8Array(0) }, context) {
    const bytes = new Uint8Array(Gue.size + data.length);
    bytes.set(
      encodeLayout(Gue, {
        variant: 0,
        control: 0,
        flags: 0,
        ...given,
        headerLength: given.headerLength ?? data.length / 4,
        protocol: given.protocol ?? context.next("ipProtocol") ?? 59,
      }),
    );
    bytes.set(data, Gue.size);
    return bytes;
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, wireEnd } = spans[index]!;
    const { control, protocol } = readLayout(Gue, bytes, offset);
    printer.text += `GUE, ${control === 1 ? "control" : "proto"} ${protocol}, length ${wireEnd - offset}: `;
    return false;
  },
};

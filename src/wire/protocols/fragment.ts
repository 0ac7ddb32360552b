/** IPv6's Fragment header. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be32, bits, header, u8, type TypeOf } from "../layout.ts";
import { IpProtocol } from "../numbers.ts";
import { truncated, type Protocol } from "../packet/protocol.ts";

/** `fragmentOffset` counts 8-byte units. */
export const Fragment = header("Fragment", "RFC 8200, section 4.5", {
  nextHeader: u8,
  reserved: u8,
  fragmentOffset: bits(13),
  reservedBits: bits(2),
  moreFragments: bits(1),
  identification: be32,
});

export const fragment: Protocol<"fragment", { header: TypeOf<typeof Fragment> }> = {
  name: "fragment",
  abbreviation: "frag6",
  ipProtocols: [IpProtocol.Fragment],

  measure(bytes, offset, end, step) {
    if (end - offset < Fragment.size) return truncated;
    // Only the first fragment starts with the next header.
    if (bytes[offset + 2] === 0 && bytes[offset + 3]! < 8) step.follow("ipProtocol", bytes[offset]!);
    return Fragment.size;
  },

  decode: (bytes, offset) => ({ header: readLayout(Fragment, bytes, offset) }),

  encode: ({ header: given = {} }, context) =>
    encodeLayout(Fragment, {
      reserved: 0,
      fragmentOffset: 0,
      reservedBits: 0,
      moreFragments: 0,
      identification: 0,
      ...given,
      nextHeader: given.nextHeader ?? context.next("ipProtocol") ?? IpProtocol.NoNextHeader,
    }),

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset, length, wireEnd } = spans[index]!;
    const { fragmentOffset, identification } = readLayout(Fragment, bytes, offset);
    const first = fragmentOffset * 8;
    const id = printer.level > 0 ? `0x${identification.toString(16).padStart(8, "0")}:` : "";
    printer.text += `frag (${id}${first}|${wireEnd - offset - length}) `;
    printer.fragmented = true;
    return fragmentOffset !== 0;
  },
};

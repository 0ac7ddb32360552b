/** BSD's loopback: the address family in place of a link-layer header, in the byte order of the machine, or big-endian. */
import { encodeLayout, readLayout } from "../codec.ts";
import { be32, header, u32, type Layout, type TypeOf } from "../layout.ts";
import { EtherType, LinkType } from "../numbers.ts";
import { truncated, type Protocol } from "../packet/protocol.ts";
import { printUnknownType } from "./ethernet.ts";

/** `family` as little-endian machines write it. */
export const Loopback = header("Loopback", "https://www.tcpdump.org/linktypes.html (LINKTYPE_NULL)", { family: u32 });
/** `family` as big-endian machines write it, and OpenBSD on all. */
export const LoopbackBig = header("LoopbackBig", "https://www.tcpdump.org/linktypes.html (LINKTYPE_LOOP)", {
  family: be32,
});

/** IPv6's number differs between systems. */
const families: Readonly<Record<number, { readonly name: string; readonly etherType: number }>> = {
  2: { name: "IPv4", etherType: EtherType.Ipv4 },
  24: { name: "IPv6", etherType: EtherType.Ipv6 },
  28: { name: "IPv6", etherType: EtherType.Ipv6 },
  30: { name: "IPv6", etherType: EtherType.Ipv6 },
};

type Family = TypeOf<typeof Loopback>;

const loopbackOf = <Name extends string>(
  name: Name,
  linkType: number,
  /** The byte order where nothing else is said. */
  isBig: boolean,
): Protocol<Name, { header: Family; bigEndian?: boolean }> => ({
  name,
  abbreviation: "null",
  linkTypes: [linkType],

  measure(bytes, offset, end, step) {
    if (end - offset < Loopback.size) return truncated;
    const known = families[readLayout(layoutAt(bytes, offset), bytes, offset).family];
    if (known !== undefined) step.follow("etherType", known.etherType);
    return Loopback.size;
  },

  decode(bytes, offset) {
    const layout = layoutAt(bytes, offset);
    const content = { header: readLayout(layout, bytes, offset) };
    const bigEndian = layout === LoopbackBig;
    return bigEndian === isBig ? content : { ...content, bigEndian };
  },

  encode({ header: given = {}, bigEndian }, context) {
    const family = given.family ?? (context.next("etherType") === EtherType.Ipv6 ? 30 : 2);
    return encodeLayout((bigEndian ?? isBig) ? LoopbackBig : Loopback, { family });
  },

  print(printer, index) {
    const { bytes, spans } = printer.packet;
    const { offset } = spans[index]!;
    const { family } = readLayout(layoutAt(bytes, offset), bytes, offset);
    const known = families[family];
    if (printer.link !== true && known !== undefined) return false;
    const length = `length ${printer.wireLength}: `;
    if (printer.quick === true)
      printer.text += known === undefined ? `Unknown AF ${family}, ${length}` : `${known.name}, ${length}`;
    else printer.text += `AF ${known?.name ?? "Unknown"} (${family}), ${length}`;
    return known === undefined && printUnknownType(printer, index);
  },
});

/** Families are small numbers, so one of the two orders is the right one, whatever machine captured. */
const layoutAt = (bytes: Uint8Array, offset: number): Layout<Family> =>
  bytes[offset] === 0 && bytes[offset + 1] === 0 && bytes[offset + 3] !== 0 ? LoopbackBig : Loopback;

export const loopback = loopbackOf("loopback", LinkType.Null, false);
export const openBsdLoopback = loopbackOf("openbsd-loopback", LinkType.Loop, true);

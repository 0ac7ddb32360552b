/** Packets as lines, in tcpdump's manner (`tcpdump -n -t`). Reads fields where they lie; makes no layer objects. */
import { LinkType } from "../numbers.ts";
import type { FormatOptions, Printer } from "./protocol.ts";
import { PacketWalk } from "./walk.ts";

/** What a line is made from; a `DecodedPacket` is one. */
export interface PacketBytes {
  readonly bytes: Uint8Array;
  readonly linkType?: number;
  readonly wireLength?: number;
}

/** Where nothing goes before the network layer. */
const isRaw = (linkType: number | undefined): boolean => linkType !== undefined && rawTypes.includes(linkType);
const rawTypes: readonly number[] = [LinkType.Raw, LinkType.RawBsd, LinkType.RawOpenBsd, LinkType.Ipv4, LinkType.Ipv6];

const networkNames: Readonly<Record<string, string>> = { ip: "IP " };

const walk = new PacketWalk();

/**
 * `IP6 db01::1 > db02::2: ICMP6, echo request, id 1, seq 1, length 64`; `[|ip6]` where a header is cut. With `verbose`, and
 * where nothing knows what the bytes are, more lines follow, indented.
 */
export const formatPacket = (packet: PacketBytes, options: FormatOptions = {}): string => {
  walk.walk(packet.bytes, { ...packet, fou: options.fou });
  const printer: Printer = {
    ...options,
    packet: walk,
    wireLength: packet.wireLength ?? packet.bytes.length,
    level: options.verbose ?? 0,
    text: "",
    fragmented: false,
  };
  if (printer.link === true && isRaw(packet.linkType)) printer.text = "ip: ";
  let done = false;
  for (let index = 0; index < walk.count && !done; index++) {
    done = walk.spans[index]!.protocol.print?.(printer, index) ?? false;
  }
  if (!done && walk.cut !== null) {
    printer.text += `${printer.link === true ? "" : (networkNames[walk.cut] ?? "")} [|${walk.cut}]`;
  }
  if (!done && walk.malformed !== null) printer.text += `[bad ${walk.malformed}]`;
  return printer.text;
};

/** Packets as lines, in tcpdump's manner (`tcpdump -n -t`). Reads fields where they lie; makes no layer objects. */
import { LinkType } from "../numbers.ts";
import { isRawIp } from "./network-layer.ts";
import { truncated, type FormatOptions, type Printer } from "./protocol.ts";
import { PacketWalk } from "./walk.ts";

/** What a line is made from; a `DecodedPacket` is one. */
export interface PacketBytes {
  readonly bytes: Uint8Array;
  readonly linkType?: number;
  readonly wireLength?: number;
}

/** Where the first bits say the version, one that is none is said. */
const printRaw = (printer: Printer): void => {
  if (printer.link === true) printer.text = "ip: ";
  const version = (printer.packet.bytes[0] ?? 0x40) >> 4;
  if (version !== 4 && version !== 6) printer.text += `unknown ip ${version}`;
};

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
    ending: "",
    fragmented: false,
  };
  if (isRawIp(packet.linkType ?? LinkType.Ethernet)) printRaw(printer);
  let done = false;
  for (let index = 0; index < walk.count && !done; index++) {
    done = walk.spans[index]!.protocol.print?.(printer, index) ?? false;
  }
  const { unread } = walk;
  if (!done && unread !== null) {
    const { protocol, fault } = unread;
    if (protocol.printUnread !== undefined) protocol.printUnread(printer, unread);
    else printer.text += fault === truncated ? ` [|${protocol.abbreviation}]` : `[bad ${protocol.abbreviation}]`;
  }
  return printer.text + printer.ending;
};

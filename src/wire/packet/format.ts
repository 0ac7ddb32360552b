/** Packets as lines, in tcpdump's manner (`tcpdump -n -t -S`). Reads fields where they lie; makes no layer objects. */
import type { FormatOptions, Printer } from "./protocol.ts";
import { PacketWalk } from "./walk.ts";

/** What a line is made from; a `DecodedPacket` is one. */
export interface PacketBytes {
  readonly bytes: Uint8Array;
  readonly linkType?: number;
  readonly wireLength?: number;
}

const walk = new PacketWalk();

/** `IP6 db01::1 > db02::2: ICMP6, echo request, id 1, seq 1, length 64`; `[|ip6]` where a header is cut. */
export const formatPacket = (packet: PacketBytes, options: FormatOptions = {}): string => {
  walk.walk(packet.bytes, packet);
  const printer: Printer = {
    ...options,
    packet: walk,
    wireLength: packet.wireLength ?? packet.bytes.length,
    text: "",
  };
  let done = false;
  for (let index = 0; index < walk.count && !done; index++) {
    done = walk.spans[index]!.protocol.print?.(printer, index) ?? false;
  }
  if (walk.truncated !== null && !done) printer.text += `[|${walk.truncated}]`;
  else if (walk.malformed !== null && !done) printer.text += `[bad ${walk.malformed}]`;
  return printer.text.trimEnd();
};

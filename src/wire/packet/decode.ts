/** Packets to objects, for people, JSON and tests. Counting and following packets reads spans and fields instead. */
import { LinkType } from "../numbers.ts";
import { protocolNamed, type Layer } from "./registry.ts";
import { PacketWalk, type WalkOptions } from "./walk.ts";

/** A packet as an object: its layers and what is wrong with it. */
export interface DecodedPacket {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Bytes on the wire; more than `bytes` when only the packet's front was captured. */
  readonly wireLength: number;
  /** From the outside in; every byte belongs to exactly one. Their `bytes` are views of the packet's. */
  readonly layers: readonly Layer[];
  /** Where the bytes end within a header: tcpdump's name of it, `ip6`. Its bytes are the payload layer. */
  readonly truncated: string | null;
  /** A header that contradicts itself. Its bytes are the payload layer. */
  readonly malformed: string | null;
}

const walk = new PacketWalk();

/** Decodes any bytes; never throws. */
export const decodePacket = (bytes: Uint8Array, options: WalkOptions = {}): DecodedPacket => {
  const { spans, count, truncated, malformed } = walk.walk(bytes, options);
  const layers: Layer[] = [];
  for (let index = 0; index < count; index++) {
    const { protocol, offset, length, depth } = spans[index]!;
    const content = protocol.decode(bytes, offset, length) as object;
    layers.push({
      protocol: protocol.name,
      offset,
      length,
      ...content,
      ...(protocol === trailerProtocol && depth > 0 ? { depth } : {}),
    } as Layer);
  }
  return {
    linkType: options.linkType ?? LinkType.Ethernet,
    bytes,
    wireLength: options.wireLength ?? bytes.length,
    layers,
    truncated,
    malformed,
  };
};

const trailerProtocol = protocolNamed("trailer");

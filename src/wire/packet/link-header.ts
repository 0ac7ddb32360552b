/** How long a packet's link-layer header is, tags included: what `-x` leaves out. */
import { LinkType } from "../numbers.ts";
import { longestLength } from "../protocols/ethernet.ts";
import { isSnap, llcLength, Snap } from "../protocols/llc.ts";
import { NetworkLayer } from "./network-layer.ts";

const layer = new NetworkLayer();

/** Bytes before the network layer. */
export const linkHeaderLength = (bytes: Uint8Array, linkType: number): number => {
  if (linkType === LinkType.Null || linkType === LinkType.Loop) return 4;
  if (layer.find(bytes, 0, bytes.length, linkType))
    return linkType === LinkType.Ethernet && layer.etherType <= longestLength
      ? behindLlc(bytes, layer.offset)
      : layer.offset;
  return linkType === LinkType.Ethernet ? bytes.length : 0;
};

/** Where LLC ends, and SNAP, if it is there. */
const behindLlc = (bytes: Uint8Array, offset: number): number => {
  const end = Math.min(offset + llcLength(bytes, offset), bytes.length);
  return isSnap(bytes, offset) ? Math.min(end + Snap.size, bytes.length) : end;
};

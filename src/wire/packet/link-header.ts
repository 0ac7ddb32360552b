/** How long a packet's link-layer header is, tags included: what `-x` leaves out. */
import { LinkType } from "../numbers.ts";
import { longestLength } from "../protocols/ethernet.ts";
import { isSnap, llcLength, Snap } from "../protocols/llc.ts";
import { carriesLlc, ieee80211Length } from "../protocols/ieee80211.ts";
import { NetworkLayer } from "./network-layer.ts";

const layer = new NetworkLayer();

/** Bytes before the network layer. */
export const linkHeaderLength = (bytes: Uint8Array, linkType: number): number => {
  if (linkType === LinkType.Null || linkType === LinkType.Loop) return 4;
  if (layer.find(bytes, 0, bytes.length, linkType))
    return linkType === LinkType.Ethernet && layer.etherType <= longestLength
      ? behindLlc(bytes, layer.offset)
      : layer.offset;
  if (linkType === LinkType.Ieee80211) return behindFrame(bytes, 0);
  if (linkType === LinkType.Radiotap) return behindFrame(bytes, (bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8));
  return linkType === LinkType.Ethernet ? bytes.length : 0;
};

/** Where the header of an 802.11 frame at `offset` ends, LLC included. */
const behindFrame = (bytes: Uint8Array, offset: number): number => {
  const end = offset + ieee80211Length(bytes, offset);
  if (end >= bytes.length) return bytes.length;
  return carriesLlc(bytes, offset) ? behindLlc(bytes, end) : end;
};

/** Where LLC ends, and SNAP, if it is there. */
const behindLlc = (bytes: Uint8Array, offset: number): number => {
  const end = Math.min(offset + llcLength(bytes, offset), bytes.length);
  return isSnap(bytes, offset) ? Math.min(end + Snap.size, bytes.length) : end;
};

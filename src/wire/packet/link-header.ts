/** How long a packet's link-layer header is, tags included: what `-x` leaves out. */
import { LinkType } from "../numbers.ts";
import { NetworkLayer } from "./network-layer.ts";

const layer = new NetworkLayer();

/** Bytes before the network layer. */
export const linkHeaderLength = (bytes: Uint8Array, linkType: number): number => {
  if (linkType === LinkType.Null || linkType === LinkType.Loop) return 4;
  if (layer.find(bytes, 0, bytes.length, linkType)) return layer.offset;
  return linkType === LinkType.Ethernet ? bytes.length : 0;
};

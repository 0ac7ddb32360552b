/** What a device must be like for each packet of the wire to get a mark of its own, and back. */
import { requestedFeatures, setFeatures, type Offload } from "../../linux/ethtool.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import { setLink, type Link } from "../../linux/rtnetlink/links.ts";
import { MARK_BYTES } from "./mark.bpf.ts";
import type { Before } from "./note.ts";

/** What has the stack hand over packets that are cut up only later. */
const CUTTING: readonly Offload[] = ["tso", "gso", "uso"];

/** How the device is now, of what marking changes. `gsoMaxSegments`: at tc egress TCP's packets are seen before they are cut. */
export const beforeMarking = (
  route: NetlinkSocket,
  link: Link,
  inPlace: boolean,
): Omit<Before, "promiscuous" | "stamps"> => ({
  mtu: link.mtu,
  features: requestedFeatures(route, link.name, CUTTING),
  gsoMaxSegments: inPlace ? link.gsoMaxSegments : null,
});

/** The MTU with which a packet still fits the device below once it is marked. */
export const markedMtu = (mtu: number, lowerMtu: number): number => Math.min(mtu, lowerMtu - MARK_BYTES);

export const setForMarking = (
  route: NetlinkSocket,
  { index, name }: Pick<Link, "index" | "name">,
  { mtu, inPlace }: { readonly mtu: number; readonly inPlace: boolean },
): void => {
  const wanted = requestedFeatures(route, name, CUTTING);
  setFeatures(route, name, Object.fromEntries(Object.keys(wanted).map((own) => [own, false])));
  setLink(route, index, { mtu, ...(inPlace && { gsoMaxSegments: 1 }) });
};

/** Only what still is as it was set. */
export const undoMarking = (route: NetlinkSocket, link: Link, before: Before): void => {
  if (before.features !== null) setFeatures(route, link.name, before.features);
  setLink(route, link.index, {
    ...(before.mtu !== null && link.mtu < before.mtu && { mtu: before.mtu }),
    ...(before.gsoMaxSegments !== null && { gsoMaxSegments: before.gsoMaxSegments }),
  });
};

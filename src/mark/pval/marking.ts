/** What a device must be like for each packet of the wire to get a mark of its own, and back. */
import { requestedFeatures, setFeatures } from "../../linux/ethtool.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import { setLink, type Link } from "../../linux/rtnetlink/links.ts";
import { ethernetHeaderBytes } from "../ioam/device.ts";
import { MARK_BYTES } from "./mark-counters.ts";
import type { Before, PvalNote } from "./note.ts";
import { giveRoomBack, makeRoom, planRoom } from "./route-room.ts";

/**
 * Where packets that the stack leaves to the device to cut are cut before they are marked: when they are handed to the pval device; in
 * place, in a cutter. In place on what a cutter's packets cannot go back to TCP makes none, and those of others go unmarked.
 */
export type Cutting = "device" | "cutter" | "none";

/**
 * ARPHRD numbers (linux/if_arp.h) of interfaces for which the kernel takes an Ethernet header off that it redirects packets to
 * (`dev_is_mac_header_xmit`): IP tunnels, and what has no header (tun, WireGuard). PPP is not among them: Linux 6.1 does not know it before 6.1.53.
 */
const WITHOUT_HEADER: readonly number[] = [519, 768, 769, 776, 778, 823, 0xfffe, 0xffff];

export const cuttingOf = ({ far }: Pick<PvalNote, "far">, lower: Pick<Link, "hardwareType">): Cutting => {
  if (far !== null) return "device";
  return ethernetHeaderBytes(lower) !== 0 || WITHOUT_HEADER.includes(lower.hardwareType) ? "cutter" : "none";
};

/** What has the stack hand over packets that are cut up only later, of every protocol. */
const CUTTING = /^tx-(?:.*-segmentation|gso-.*)$/;

/** Has the stack cut up all that it hands to the device. */
export const cutBefore = (route: NetlinkSocket, device: string): void => {
  const names = Object.keys(requestedFeatures(route, device, CUTTING));
  setFeatures(route, device, Object.fromEntries(names.map((name) => [name, false])));
};

/** What marking is to change, as it is now or as it is noted. */
export const beforeMarking = (route: NetlinkSocket, link: Link, cutting: Cutting, noted: Before): Before => {
  // Routes come and go: those that are new get room too.
  if (cutting !== "device") {
    const gsoMaxSegments = cutting === "none" ? (noted.gsoMaxSegments ?? link.gsoMaxSegments) : null;
    return { ...noted, routes: planRoom(route, link, noted.routes ?? []), gsoMaxSegments };
  }
  if (noted.mtu !== null) return noted;
  return { ...noted, mtu: link.mtu, features: requestedFeatures(route, link.name, CUTTING) };
};

export const isMarked = ({ mtu, routes }: Before): boolean => mtu !== null || routes !== null;

/** As if nothing of it had been changed. */
export const unmarked = (before: Before): Before => ({
  ...before,
  mtu: null,
  routes: null,
  features: null,
  gsoMaxSegments: null,
});

/** The MTU with which a packet still fits the device below once it is marked. */
export const markedMtu = (mtu: number, lowerMtu: number): number => Math.min(mtu, lowerMtu - MARK_BYTES);

export const setForMarking = (
  route: NetlinkSocket,
  { index, name }: Pick<Link, "index" | "name">,
  { mtu, cutting, before }: { readonly mtu: number; readonly cutting: Cutting; readonly before: Before },
): void => {
  if (cutting === "device") cutBefore(route, name);
  makeRoom(route, before.routes ?? []);
  setLink(route, index, { mtu, ...(cutting === "none" && { gsoMaxSegments: 1 }) });
};

/** Only what still is as it was set. */
export const undoMarking = (route: NetlinkSocket, link: Link, before: Before): void => {
  if (before.features !== null) setFeatures(route, link.name, before.features);
  giveRoomBack(route, before.routes ?? []);
  setLink(route, link.index, {
    ...(before.mtu !== null && link.mtu < before.mtu && { mtu: before.mtu }),
    ...(before.gsoMaxSegments !== null && { gsoMaxSegments: before.gsoMaxSegments }),
  });
};

/** The interfaces that a node's packets can leave by. */
import { readFileSync } from "node:fs";
import { XdpFeature, xdpFeatures } from "../../../linux/genetlink/netdev.ts";
import type { NetlinkSocket } from "../../../linux/netlink/socket.ts";
import type { Netns } from "../../../linux/netns.ts";
import { links, type Link } from "../../../linux/rtnetlink/links.ts";
import { withNetns } from "../../../linux/with-netns.ts";
import { Takes } from "./xdp-maps.ts";

/** How a program is attached: in the driver, or in the stack, which can send everywhere. */
export type XdpMode = "native" | "generic";

/** An interface to leave by. */
export interface Egress {
  readonly index: number;
  readonly name: string;
  /** Colon notation; empty without one. */
  readonly mac: string;
  /** IPv6's MTU there, bytes. */
  readonly mtu: number;
  /** IOAM ids. */
  readonly id: number;
  readonly idWide: number;
  /** One of `Takes`. */
  readonly takes: number;
}

/** An interface with what its driver can do; undefined where the kernel does not say (before 6.3). */
export interface Outward extends Omit<Egress, "takes"> {
  readonly link: Link;
  readonly features: bigint | undefined;
}

/** All interfaces that are up, have IPv6 and an Ethernet address. `route` is of the same namespace. */
export const readOutward = (netns: Netns, route: NetlinkSocket): Outward[] => {
  const features = xdpFeatures(netns);
  const up = links(route).filter((link) => link.up && link.carrier && link.mac !== "" && link.name !== "lo");
  return withNetns(netns, () =>
    up.flatMap((link) => {
      const [mtu, id, idWide] = ["mtu", "ioam6_id", "ioam6_id_wide"].map((name) => sysctlNumber(link.name, name));
      if (mtu === undefined || id === undefined || idWide === undefined) return [];
      const { index, name, mac } = link;
      // IPv6's own MTU can be smaller than the interface's.
      return [
        { link, index, name, mac, mtu: Math.min(mtu, link.mtu), id, idWide, features: featuresOf(features, link) },
      ];
    }),
  );
};

/** With what a program attached in this mode can send there. */
export const egressOf = (outward: Outward, mode: XdpMode): Egress => {
  const { index, name, mac, mtu, id, idWide } = outward;
  return { index, name, mac, mtu, id, idWide, takes: takes(outward, mode) };
};

const takes = ({ features }: Outward, mode: XdpMode): number => {
  if (mode === "generic") return Takes.Frags;
  if (features === undefined) return Takes.OneBuffer;
  if ((features & XdpFeature.NdoXmitSg) !== 0n) return Takes.Frags;
  return (features & XdpFeature.NdoXmit) !== 0n ? Takes.OneBuffer : Takes.Nothing;
};

/** A kernel that says it at all says it of every device. */
const featuresOf = (all: ReadonlyMap<number, bigint> | undefined, { index }: Link): bigint | undefined =>
  all === undefined ? undefined : (all.get(index) ?? 0n);

/** Undefined for an interface without IPv6, and one that goes meanwhile. */
const sysctlNumber = (device: string, name: string): number | undefined => {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv6/conf/${device}/${name}`, "utf8"));
  } catch {
    return undefined;
  }
};

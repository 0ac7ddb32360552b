/** The veth pair that a pval device is the near end of. */
import { ConfigError } from "../../errors.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import type { Netns } from "../../linux/netns.ts";
import {
  checkLinkName,
  createVeth,
  linkByIndex,
  linkByName,
  links,
  setLink,
  type Link,
} from "../../linux/rtnetlink/links.ts";
import { writeSysctl } from "../../linux/sysctl.ts";
import type { End } from "./note.ts";

const FAR_PREFIX = "hm-";
const MAX_NAME_BYTES = 15;
/** The far end lets through what is sent, however long the device below may carry it one day. */
const FAR_MTU = 65_535;

export interface Pair {
  readonly upper: Link;
  readonly far: Link;
}

/** What the far end of a device's pair is called: by this a pair is known whose maker died. */
export const farName = (name: string): string => `${FAR_PREFIX}${name}`;

/** Refuses names that leave no room for the far end's. */
export const checkDeviceName = (name: string): void => {
  checkLinkName(name);
  if (new TextEncoder().encode(farName(name)).length <= MAX_NAME_BYTES) return;
  throw new ConfigError(`"${name}" is too long for a pval device`, {
    hint: `use ${MAX_NAME_BYTES - FAR_PREFIX.length} bytes at most: the far end of its veth pair is called ${FAR_PREFIX}NAME`,
  });
};

/** Makes the pair: the near end down, with the MAC address of the device below, the far end up and without an address of its own. */
export const createPair = (
  route: NetlinkSocket,
  netns: Netns,
  name: string,
  { mac, mtu }: Pick<Link, "mac" | "mtu">,
): Pair => {
  const other = farName(name);
  createVeth(route, { name, mac, mtu }, { name: other, mtu: FAR_MTU });
  silence(netns, other);
  const { index } = linkByName(route, other);
  setLink(route, index, { up: true });
  return { upper: linkByName(route, name), far: linkByName(route, other) };
};

/** For pairs of versions whose far end had the MTU of the device below. */
export const widenFarEnd = (route: NetlinkSocket, { index }: End): void => {
  if (linkByIndex(route, index).mtu < FAR_MTU) setLink(route, index, { mtu: FAR_MTU });
};

/** Nothing of its own shall leave by the interface: no neighbour discovery, no reports of multicast groups. */
export const silence = (netns: Netns, name: string): void =>
  writeSysctlIfThere(netns, `net/ipv6/conf/${name}/disable_ipv6`, 1);

/** A kernel without IPv6 has no such key, and nothing to switch off. */
const writeSysctlIfThere = (netns: Netns, key: string, value: number): void => {
  try {
    writeSysctl(netns, key, value);
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && error.errno === "ENOENT")) throw error;
  }
};

/** Pairs that look like a pval device's. */
export const pairsIn = (route: NetlinkSocket): { readonly upper: End; readonly far: End }[] => {
  const all = links(route);
  return all.flatMap((far) => {
    if (far.kind !== "veth" || !far.name.startsWith(FAR_PREFIX)) return [];
    const upper = all.find(({ index, name }) => index === far.peer?.index && farName(name) === far.name);
    return upper === undefined || far.peer?.netnsId !== undefined ? [] : [{ upper, far }];
  });
};

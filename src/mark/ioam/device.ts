/** The device a command is about, with what IOAM needs to know of it. */
import { openNetns, currentNetns, type Netns } from "../../linux/netns.ts";
import { linkByName, type Link } from "../../linux/rtnetlink/links.ts";
import { openRtnetlink } from "../../linux/rtnetlink/socket.ts";
import { localInterface, localNode } from "./local-node.ts";
import type { IoamInterface, IoamNode } from "./node.ts";

/** Where a command acts. */
export interface Target {
  /** Interface name. */
  readonly device: string;
  /** Namespace by NAME, PATH or PID; the caller's own without it. */
  readonly netns?: string | undefined;
}

export interface LocalDevice {
  readonly netns: Netns;
  readonly link: Link;
  readonly node: IoamNode;
  readonly interface: IoamInterface;
}

const ETHERNET_HEADER_BYTES = 14;
/** ARPHRD numbers (linux/if_arp.h) of interfaces whose packets begin with an Ethernet header: Ethernet, the loopback. */
const ETHERNET_TYPES: readonly number[] = [1, 772];

/** Bytes before the IP header. An interface may have an address and no such header: that of an IP tunnel is an IP address. */
export const ethernetHeaderBytes = ({ hardwareType }: Pick<Link, "hardwareType">): number =>
  ETHERNET_TYPES.includes(hardwareType) ? ETHERNET_HEADER_BYTES : 0;

export const openNamespace = (reference: string | undefined): Netns =>
  reference === undefined ? currentNetns() : openNetns(reference);

/** Runs with the device looked up; the namespace is closed afterwards. NetlinkError ENODEV names an unknown interface. */
export const withDevice = <R>(target: Target, run: (device: LocalDevice) => R): R => {
  const netns = openNamespace(target.netns);
  try {
    const socket = openRtnetlink(netns);
    let link: Link;
    try {
      link = linkByName(socket, target.device);
    } finally {
      socket.close();
    }
    const network = ethernetHeaderBytes(link);
    return run({ netns, link, node: localNode(netns), interface: localInterface(netns, link.name, network) });
  } finally {
    netns.close();
  }
};

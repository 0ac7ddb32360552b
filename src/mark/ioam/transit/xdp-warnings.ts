/** What around a device keeps transit at XDP from doing its work, with what to type. */
import { UnsupportedError } from "../../../errors.ts";
import { readOffloads, type Offload } from "../../../linux/ethtool.ts";
import type { NetlinkSocket } from "../../../linux/netlink/socket.ts";
import { linkByIndex, links, type Link } from "../../../linux/rtnetlink/links.ts";
import { netnsOfId } from "../../../linux/rtnetlink/netns-id.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import type { LocalDevice } from "../device.ts";
import { egressOf, readOutward, type Outward } from "./egress.ts";
import type { XdpSetup } from "./xdp.ts";
import { Takes } from "./xdp-maps.ts";

/** One sentence each. None: all is well. */
export const xdpWarnings = (device: LocalDevice, setup: XdpSetup): string[] => {
  const route = openRtnetlink(device.netns);
  try {
    const { link } = device;
    const outward = readOutward(device.netns, route).filter(({ index }) => index !== link.index);
    return [
      ...modeWarning(link, setup),
      ...senderWarning(route, link),
      ...vlanWarning(route, link),
      ...outward.flatMap((one) => egressWarning(route, one, setup)),
    ];
  } finally {
    route.close();
  }
};

const modeWarning = ({ name }: Link, { mode }: XdpSetup): string[] =>
  mode === "native" ? [] : [`the driver of ${name} has no XDP: the program runs in the stack (generic mode), slower`];

/** A veth hands over packets whose checksum its other end has left to it; who redirects them sends them wrong. */
const senderWarning = (route: NetlinkSocket, link: Link): string[] => {
  if (link.kind !== "veth") return [];
  const sender = peerOf(route, link);
  if (sender === undefined) {
    return [
      `the other end of ${link.name} is out of sight: its transmit checksum offload must be off, or TCP and UDP from it arrive with wrong checksums`,
    ];
  }
  if (!isOn(sender, "tx")) return [];
  return [
    `${sender.name} at the other end of ${link.name} leaves checksums to the link: TCP and UDP that are forwarded arrive wrong; type: ${sender.prefix}ethtool -K ${sender.name} tx off`,
  ];
};

const egressWarning = (route: NetlinkSocket, outward: Outward, { mode, frags }: XdpSetup): string[] => {
  const { name, link, features } = outward;
  if (features === undefined && mode === "native")
    return [
      `this kernel does not say whether ${name} sends what XDP redirects to it: see that packets come through, and else leave --xdp out`,
    ];
  const { takes } = egressOf(outward, mode);
  if (takes === Takes.Frags || (takes === Takes.OneBuffer && !frags)) return [];
  const what = takes === Takes.Nothing ? "packets" : "long packets";
  const other = link.kind === "veth" ? peerOf(route, link) : undefined;
  const remedy = other === undefined ? "" : `; type: ${groOn(other)}`;
  return [`${name} sends nothing that XDP redirects to it: ${what} that leave by it go through the stack${remedy}`];
};

/** Switched on while an interface is down, GRO works, but the kernel does not note at the other end that it does. */
const groOn = (peer: Peer): string => {
  const command = `${peer.prefix}ethtool -K ${peer.name} gro`;
  return isOn(peer, "gro") ? `${command} off; ${command} on` : `${command} on`;
};

const vlanWarning = (route: NetlinkSocket, link: Link): string[] => {
  if (!links(route).some(({ kind, peer }) => kind === "vlan" && peer?.index === link.index)) return [];
  return [
    `${link.name} has VLAN interfaces: where its driver takes tags off, XDP takes their packets for its own; type: ethtool -K ${link.name} rxvlan off`,
  ];
};

interface Peer {
  readonly name: string;
  readonly offloads: ReturnType<typeof readOffloads>;
  /** What goes before a command to run it there. */
  readonly prefix: string;
}

const isOn = ({ offloads }: Peer, offload: Offload): boolean => (offloads.get(offload)?.state ?? "off") !== "off";

/** A veth's other end; undefined when its namespace has no name. */
const peerOf = (route: NetlinkSocket, { peer }: Link): Peer | undefined => {
  if (peer === undefined) return undefined;
  if (peer.netnsId === undefined) return look(route, peer.index, "");
  const netns = netnsOfId(route, peer.netnsId);
  if (netns === undefined) return undefined;
  const there = openRtnetlink(netns);
  try {
    return look(there, peer.index, `ip netns exec ${netns.label.split("/").at(-1)} `);
  } finally {
    there.close();
    netns.close();
  }
};

const look = (route: NetlinkSocket, index: number, prefix: string): Peer | undefined => {
  const { name } = linkByIndex(route, index);
  try {
    return { name, offloads: readOffloads(route, name), prefix };
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
};

/** Network interfaces over rtnetlink. Source: rtnetlink(7), include/uapi/linux/if_link.h. */
import { ConfigError } from "../../errors.ts";
import { formatMac, parseMac } from "../ip-address.ts";
import { Attributes, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { Create, NetlinkError } from "../netlink/socket.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import type { Netns } from "../netns.ts";

export interface Link {
  readonly index: number;
  readonly name: string;
  /** ARPHRD number: what its frames start with. */
  readonly hardwareType: number;
  /** What made it (`veth`, `bridge`, ...); undefined for a real device and the loopback. */
  readonly kind: string | undefined;
  /** Colon notation; empty where the device has none. */
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** Somebody asked for all packets that pass by, whoever they are for. */
  readonly promiscuous: boolean;
  /** The other end is up as well. */
  readonly carrier: boolean;
  /** The kernel has noticed the carrier (a moment later) and takes packets: before that it drops them. */
  readonly operational: boolean;
  /** The device this one is enslaved to. */
  readonly master: number | undefined;
  /** A veth's other end, or the device below: its index, and the id of its namespace when it is another one. */
  readonly peer: { readonly index: number; readonly netnsId: number | undefined } | undefined;
  readonly queues: { readonly receive: number; readonly transmit: number };
  /** How many packets of the wire one on its way to the device may stand for. */
  readonly gsoMaxSegments: number;
  /** The kernel's id of the XDP program that runs there, if one does; 0 where several do, in the driver and in the stack. */
  readonly xdpProgramId: number | undefined;
}

/** All interfaces of the socket's namespace, by index. */
export function links(route: NetlinkSocket): Link[] {
  const call = { type: RTM_GETLINK, name: "RTM_GETLINK" };
  return route.dump(call, interfaceMessage(0)).map(parseLink);
}

/** The interface of that name. `NetlinkError` ENODEV, with the name, when there is none. */
export function linkByName(route: NetlinkSocket, name: string): Link {
  checkLinkName(name);
  return one(route, name, interfaceMessage(0).attrString(IFLA_IFNAME, name));
}

export function linkByIndex(route: NetlinkSocket, index: number): Link {
  return one(route, `interface ${index}`, interfaceMessage(index));
}

export function findLink(route: NetlinkSocket, name: string): Link | undefined {
  try {
    return linkByName(route, name);
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === "ENODEV") return undefined;
    throw error;
  }
}

/** One end of a veth pair to make. What is left out, the kernel chooses. */
export interface VethEnd {
  readonly name: string;
  readonly mac?: string;
  readonly index?: number;
  readonly mtu?: number;
  /** Where the end shall live; default: the socket's namespace. */
  readonly netns?: Netns;
  /** Receive and transmit queues; one is enough for XDP on one CPU. */
  readonly queues?: number;
}

/** Make a veth pair, both ends down. `NetlinkError` EEXIST when a name or index is taken; then nothing was made. */
export function createVeth(route: NetlinkSocket, end: VethEnd, peer: VethEnd): void {
  checkLinkName(end.name);
  checkLinkName(peer.name);
  const message = interfaceMessage(end.index ?? 0);
  writeEnd(message, end);
  message.nest(IFLA_LINKINFO, () =>
    message.attrString(IFLA_INFO_KIND, "veth").nest(IFLA_INFO_DATA, () =>
      message.nest(VETH_INFO_PEER, () => {
        interfaceHeader(message, peer.index ?? 0);
        writeEnd(message, peer);
      }),
    ),
  );
  const flags = Create.create | Create.exclusive;
  route.request({ type: RTM_NEWLINK, name: "RTM_NEWLINK", flags, object: `${end.name}, ${peer.name}` }, message);
}

/**
 * Make a macvlan above an interface, down, in the mode in which macvlans do not see each other (`private`). `NetlinkError` EOPNOTSUPP where
 * the kernel has none, EBUSY when the interface below serves something else (a bridge).
 */
export function createMacvlan(route: NetlinkSocket, name: string, below: number): void {
  checkLinkName(name);
  const message = interfaceMessage(0).attrString(IFLA_IFNAME, name).attrU32(IFLA_LINK, below);
  message.nest(IFLA_LINKINFO, () =>
    message
      .attrString(IFLA_INFO_KIND, "macvlan")
      .nest(IFLA_INFO_DATA, () => message.attrU32(IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE)),
  );
  route.request(
    { type: RTM_NEWLINK, name: "RTM_NEWLINK", flags: Create.create | Create.exclusive, object: name },
    message,
  );
}

export interface LinkChanges {
  readonly up?: boolean;
  readonly promiscuous?: boolean;
  readonly mtu?: number;
  readonly name?: string;
  readonly mac?: string;
  /**
   * How many packets of the wire a TCP packet may stand for on its way to the device: 1 to 65535. TCP makes such packets also
   * for devices without GSO, and has them cut up only behind tc.
   */
  readonly gsoMaxSegments?: number;
  /** Bytes of the longest packet that is handed to the device uncut. */
  readonly gsoMaxBytes?: number;
  /** Move it there; addresses and routes are lost and the index may change. */
  readonly netns?: Netns;
}

/** Change an interface; all in one request, in the kernel's order: namespace, MAC, MTU, name, up or down. */
export function setLink(route: NetlinkSocket, index: number, changes: LinkChanges): void {
  const message = interfaceMessage(index, changes);
  if (changes.name !== undefined) {
    checkLinkName(changes.name);
    message.attrString(IFLA_IFNAME, changes.name);
  }
  writeCommon(message, changes);
  route.request({ type: RTM_NEWLINK, name: "RTM_NEWLINK", object: `interface ${index}` }, message);
}

/** Delete an interface; a veth's other end goes with it. */
export function deleteLink(route: NetlinkSocket, index: number): void {
  route.request({ type: RTM_DELLINK, name: "RTM_DELLINK", object: `interface ${index}` }, interfaceMessage(index));
}

/** Refuse a name that the kernel would refuse (dev_valid_name), before anything is changed. */
export function checkLinkName(name: string): void {
  const length = new TextEncoder().encode(name).length;
  if (length >= 1 && length <= 15 && name !== "." && name !== ".." && !/[/:\s\0]/.test(name)) return;
  throw new ConfigError(`"${name}" cannot name an interface`, {
    hint: "use 1 to 15 bytes without slash, colon or white space",
  });
}

function one(route: NetlinkSocket, object: string, message: MessageBuilder): Link {
  const [body] = route.request({ type: RTM_GETLINK, name: "RTM_GETLINK", object }, message);
  if (body === undefined) throw new NetlinkError("RTM_GETLINK", "ENODEV", object, undefined);
  return parseLink(body);
}

function writeEnd(message: MessageBuilder, end: VethEnd): void {
  message.attrString(IFLA_IFNAME, end.name);
  if (end.queues !== undefined) {
    message.attrU32(IFLA_NUM_TX_QUEUES, end.queues).attrU32(IFLA_NUM_RX_QUEUES, end.queues);
  }
  writeCommon(message, end);
}

function writeCommon(message: MessageBuilder, values: Omit<LinkChanges, "name" | "up" | "promiscuous">): void {
  if (values.mac !== undefined) message.attrBytes(IFLA_ADDRESS, parseMac(values.mac));
  if (values.mtu !== undefined) message.attrU32(IFLA_MTU, values.mtu);
  if (values.gsoMaxSegments !== undefined) message.attrU32(IFLA_GSO_MAX_SEGS, values.gsoMaxSegments);
  if (values.gsoMaxBytes !== undefined) message.attrU32(IFLA_GSO_MAX_SIZE, values.gsoMaxBytes);
  if (values.netns !== undefined) message.attrU32(IFLA_NET_NS_FD, values.netns.fd);
}

type Flags = Pick<LinkChanges, "up" | "promiscuous">;

function interfaceMessage(index: number, flags?: Flags): MessageBuilder {
  return interfaceHeader(new MessageBuilder(), index, flags);
}

/** `struct ifinfomsg`: family u8, pad u8, type u16, index i32, flags u32, mask of the flags to change u32. */
function interfaceHeader(message: MessageBuilder, index: number, { up, promiscuous }: Flags = {}): MessageBuilder {
  const flags = (up === true ? IFF_UP : 0) | (promiscuous === true ? IFF_PROMISC : 0);
  const mask = (up === undefined ? 0 : IFF_UP) | (promiscuous === undefined ? 0 : IFF_PROMISC);
  return message.u32(0).u32(index).u32(flags).u32(mask);
}

function parseLink(body: Uint8Array): Link {
  const header = viewOf(body);
  const flags = header.getUint32(8, true);
  const attributes = new Attributes(body.subarray(16));
  const peerIndex = attributes.number(IFLA_LINK);
  return {
    index: header.getInt32(4, true),
    hardwareType: header.getUint16(2, true),
    name: attributes.string(IFLA_IFNAME) ?? "",
    kind: attributes.nested(IFLA_LINKINFO).string(IFLA_INFO_KIND),
    mac: formatMac(attributes.bytes(IFLA_ADDRESS) ?? new Uint8Array(0)),
    mtu: attributes.number(IFLA_MTU) ?? 0,
    up: (flags & IFF_UP) !== 0,
    promiscuous: (flags & IFF_PROMISC) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    operational: attributes.number(IFLA_OPERSTATE) === IF_OPER_UP,
    master: attributes.number(IFLA_MASTER),
    peer: peerIndex === undefined ? undefined : { index: peerIndex, netnsId: attributes.number(IFLA_LINK_NETNSID) },
    queues: {
      receive: attributes.number(IFLA_NUM_RX_QUEUES) ?? 1,
      transmit: attributes.number(IFLA_NUM_TX_QUEUES) ?? 1,
    },
    gsoMaxSegments: attributes.number(IFLA_GSO_MAX_SEGS) ?? 65_535,
    xdpProgramId:
      (attributes.nested(IFLA_XDP).number(IFLA_XDP_ATTACHED) ?? 0) === 0
        ? undefined
        : (attributes.nested(IFLA_XDP).number(IFLA_XDP_PROG_ID) ?? 0),
  };
}

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const IFF_UP = 0x1;
const IFF_PROMISC = 0x100;
const IFF_LOWER_UP = 0x10000;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_OPERSTATE = 16;
const IF_OPER_UP = 6;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_FD = 28;
const IFLA_NUM_TX_QUEUES = 31;
const IFLA_NUM_RX_QUEUES = 32;
const IFLA_LINK_NETNSID = 37;
const IFLA_GSO_MAX_SEGS = 40;
const IFLA_XDP = 43;
const IFLA_XDP_ATTACHED = 2;
const IFLA_XDP_PROG_ID = 4;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFLA_GSO_MAX_SIZE = 41;
const IFLA_MACVLAN_MODE = 1;
const MACVLAN_MODE_PRIVATE = 1;

/** Neighbours (ARP and ND tables) over rtnetlink. Source: rtnetlink(7), include/uapi/linux/neighbour.h. */
import { AF_UNSPEC, formatIp, formatMac, parseIp, parseMac } from "../ip-address.ts";
import { Attributes, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { Create } from "../netlink/socket.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";

export interface Neighbour {
  readonly index: number;
  readonly address: string;
  /** Undefined while it is being resolved. */
  readonly mac: string | undefined;
  readonly permanent: boolean;
  /** Known once, and not confirmed for a while. */
  readonly stale: boolean;
}

/** The neighbours of all interfaces of the socket's namespace, IPv4 and IPv6. */
export function neighbours(route: NetlinkSocket): Neighbour[] {
  return route.dump({ type: RTM_GETNEIGH, name: "RTM_GETNEIGH" }, message(AF_UNSPEC, 0, 0)).map(parseNeighbour);
}

/** Say, for good, which MAC an address has; replaces what was known. */
export function setNeighbour(route: NetlinkSocket, index: number, address: string, mac: string): void {
  const { family, bytes } = parseIp(address);
  const body = message(family, index, NUD_PERMANENT).attrBytes(NDA_DST, bytes).attrBytes(NDA_LLADDR, parseMac(mac));
  const flags = Create.create | Create.replace;
  route.request({ type: RTM_NEWNEIGH, name: "RTM_NEWNEIGH", flags, object: address }, body);
}

/**
 * Have the kernel confirm a neighbour that is stale, as a packet to it would. `NetlinkError` ENOENT when there is none. One that
 * is permanent would be so no more: leave it alone.
 */
export function confirmNeighbour(route: NetlinkSocket, index: number, address: string): void {
  const { family, bytes } = parseIp(address);
  const body = message(family, index, 0, NTF_USE).attrBytes(NDA_DST, bytes);
  route.request({ type: RTM_NEWNEIGH, name: "RTM_NEWNEIGH", object: address }, body);
}

export function deleteNeighbour(route: NetlinkSocket, index: number, address: string): void {
  const { family, bytes } = parseIp(address);
  const body = message(family, index, 0).attrBytes(NDA_DST, bytes);
  route.request({ type: RTM_DELNEIGH, name: "RTM_DELNEIGH", object: address }, body);
}

/** `struct ndmsg`: family u8, pad 3, interface i32, state u16, flags u8, type u8. */
function message(family: number, index: number, state: number, flags = 0): MessageBuilder {
  return new MessageBuilder().u32(family).u32(index).u16(state).u8(flags).u8(0);
}

/** The kernel's message: `struct ndmsg` and attributes. */
export function parseNeighbour(body: Uint8Array): Neighbour {
  const header = viewOf(body);
  const attributes = new Attributes(body.subarray(12));
  const mac = attributes.bytes(NDA_LLADDR);
  return {
    index: header.getInt32(4, true),
    address: formatIp(attributes.bytes(NDA_DST) ?? new Uint8Array(4)),
    mac: mac === undefined ? undefined : formatMac(mac),
    permanent: (header.getUint16(8, true) & NUD_PERMANENT) !== 0,
    stale: (header.getUint16(8, true) & NUD_STALE) !== 0,
  };
}

const RTM_NEWNEIGH = 28;
const RTM_DELNEIGH = 29;
const RTM_GETNEIGH = 30;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NUD_STALE = 0x04;
const NUD_PERMANENT = 0x80;
const NTF_USE = 0x01;

/** Addresses of interfaces over rtnetlink. Source: rtnetlink(7), include/uapi/linux/if_addr.h. */
import { AF_INET, AF_UNSPEC, formatIp, parsePrefix } from "../ip-address.ts";
import { Attributes, viewOf } from "../netlink/attributes.ts";
import { MessageBuilder } from "../netlink/message.ts";
import { Create } from "../netlink/socket.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";

export interface Address {
  readonly index: number;
  /** `db01::1/64`. */
  readonly prefix: string;
  readonly scope: "global" | "site" | "link" | "host";
  /** Duplicate address detection is not over, or failed: the kernel does not use it yet. */
  readonly usable: boolean;
}

/** All addresses of the socket's namespace, or those of one interface. */
export function addresses(route: NetlinkSocket, index = 0): Address[] {
  const message = addressMessage(AF_UNSPEC, 0, 0, index);
  return route.dump({ type: RTM_GETADDR, name: "RTM_GETADDR" }, message).map(parseAddress);
}

/**
 * Give an interface an address. `duplicateDetection: false` spares an IPv6 address the wait for duplicates
 * (the kernel still takes a moment to make it its own: `waitUsable`).
 * `NetlinkError` EEXIST when it has it already.
 */
export function addAddress(
  route: NetlinkSocket,
  index: number,
  prefix: string,
  options: { readonly duplicateDetection?: boolean } = {},
): void {
  const message = forPrefix(index, prefix);
  if (options.duplicateDetection === false) message.attrU32(IFA_FLAGS, IFA_F_NODAD);
  const flags = Create.create | Create.exclusive;
  route.request({ type: RTM_NEWADDR, name: "RTM_NEWADDR", flags, object: prefix }, message);
}

/** Take an address away. `NetlinkError` EADDRNOTAVAIL when the interface does not have it. */
export function deleteAddress(route: NetlinkSocket, index: number, prefix: string): void {
  route.request({ type: RTM_DELADDR, name: "RTM_DELADDR", object: prefix }, forPrefix(index, prefix));
}

function forPrefix(index: number, prefix: string): MessageBuilder {
  const { family, bytes, length } = parsePrefix(prefix);
  const message = addressMessage(family, length, 0, index).attrBytes(IFA_LOCAL, bytes);
  return family === AF_INET ? message.attrBytes(IFA_ADDRESS, bytes) : message;
}

/** `struct ifaddrmsg`: family u8, prefix length u8, flags u8, scope u8, interface u32. */
function addressMessage(family: number, length: number, scope: number, index: number): MessageBuilder {
  return new MessageBuilder().u8(family).u8(length).u8(0).u8(scope).u32(index);
}

function parseAddress(body: Uint8Array): Address {
  const header = viewOf(body);
  const attributes = new Attributes(body.subarray(8));
  const flags = attributes.number(IFA_FLAGS) ?? header.getUint8(2);
  const bytes = attributes.bytes(IFA_LOCAL) ?? attributes.bytes(IFA_ADDRESS) ?? new Uint8Array(4);
  return {
    index: header.getUint32(4, true),
    prefix: `${formatIp(bytes)}/${header.getUint8(1)}`,
    scope: scopes.get(header.getUint8(3)) ?? "global",
    usable: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) === 0,
  };
}

const scopes = new Map<number, Address["scope"]>([
  [0, "global"],
  [200, "site"],
  [253, "link"],
  [254, "host"],
]);

const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_F_NODAD = 0x02;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;

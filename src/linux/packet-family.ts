/**
 * Sockets that see and send frames of an interface: what all of them need. Source: packet(7), include/uapi/linux/if_packet.h,
 * include/uapi/linux/if_ether.h.
 */
import { syscall } from "./ffi.ts";
import type { Netns } from "./netns.ts";
import { withNetns } from "./with-netns.ts";

export const AF_PACKET = 17;
/** Kinds of socket: with and without the link-layer header. */
export const PacketKind = { raw: 3, datagram: 2 } as const;

export const SOL_SOCKET = 1;
export const SO_ATTACH_FILTER = 26;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_MARK = 36;

export const SOL_PACKET = 263;
export const PACKET_STATISTICS = 6;
export const PACKET_VNET_HDR = 15;
export const PACKET_QDISC_BYPASS = 20;

/** `sll_pkttype` of a frame that leaves. */
export const PACKET_OUTGOING = 4;

export const ETH_P_ALL = 3;
export const ETH_P_IPV6 = 0x86dd;

/** `struct sockaddr_ll`, bytes. */
export const LINK_ADDRESS_BYTES = 20;
/** Where `sll_pkttype` lies in it, u8. */
export const PACKET_TYPE_OFFSET = 10;

/**
 * A non-blocking socket of a namespace that is bound to no protocol, so that it receives nothing before `bindPacketSocket`.
 * Needs CAP_NET_RAW. Returns its descriptor, which the caller closes; `object` is what errors name.
 */
export const openPacketSocket = (
  netns: Netns,
  kind: (typeof PacketKind)[keyof typeof PacketKind],
  object: string,
): number => withNetns(netns, () => syscall("socket", object, AF_PACKET, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));

/** From here on it receives the frames of one EtherType on one interface: `ETH_P_ALL` for all, those that leave too; 0 for none. */
export const bindPacketSocket = (fd: number, protocol: number, ifindex: number, object: string): void => {
  const address = linkAddress(protocol, ifindex);
  syscall("bind", object, fd, address, address.length);
};

/** Sets an option that is an i32. */
export const setPacketOption = (fd: number, level: number, name: number, value: number, object: string): void =>
  void syscall("setsockopt", object, fd, level, name, Int32Array.of(value), 4);

/** `struct sockaddr_ll`: family u16, protocol u16 (network order), interface i32, type u16, packet type u8, length u8, address. */
export const linkAddress = (protocol: number, ifindex: number, mac: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const bytes = new Uint8Array(LINK_ADDRESS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, ifindex, true);
  bytes[11] = mac.length;
  bytes.set(mac, 12);
  return bytes;
};

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

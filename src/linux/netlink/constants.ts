/** Constants of netlink sockets. Source: netlink(7), include/uapi/linux/netlink.h, include/uapi/asm-generic/socket.h. */
export const NETLINK_ROUTE = 0;
export const NETLINK_GENERIC = 16;
export type NetlinkProtocol = typeof NETLINK_ROUTE | typeof NETLINK_GENERIC;

export const AF_NETLINK = 16;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;

export const SOL_SOCKET = 1;
export const SO_RCVTIMEO = 20;
export const SO_RCVBUFFORCE = 33;

export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
export const NETLINK_CAP_ACK = 10;
export const NETLINK_EXT_ACK = 11;
export const NETLINK_GET_STRICT_CHK = 12;

export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

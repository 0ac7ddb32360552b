/** A socket as kernel programs see it. */
import { be16, header, ipv4Address, ipv6Address, u32, type TypeOf } from "../wire/layout.ts";

/**
 * `struct bpf_sock`, less what only its head says. Read-only; the kernel keeps it true while the program runs. Addresses are
 * those of {@link Socket.family}: 2 for IPv4 (AF_INET), 10 for IPv6 (AF_INET6). Ports are plain numbers.
 *
 * Without the receive queue at its end: where that is not known, the kernel gives all 64 bits of a register ones for these 32
 * bits, while the verifier goes on to believe in 32.
 */
export const SocketLayout = header("bpf_sock", "include/uapi/linux/bpf.h", {
  boundIfindex: u32,
  family: u32,
  type: u32,
  protocol: u32,
  mark: u32,
  priority: u32,
  localIpv4: ipv4Address,
  localIpv6: ipv6Address,
  localPort: u32,
  remotePort: be16,
  reserved: be16,
  remoteIpv4: ipv4Address,
  remoteIpv6: ipv6Address,
  state: u32,
});

/**
 * A live socket. `type` is SOCK_STREAM (1), SOCK_DGRAM (2), …; `protocol` IPPROTO_TCP (6), …; `state` one of
 * {@link TcpState}, of other protocols too; `boundIfindex` the interface it is bound to, or 0.
 */
export type Socket = Readonly<Omit<TypeOf<typeof SocketLayout>, "reserved">>;

/** States of a TCP connection, as `/proc/net/tcp` numbers them; sockets without a connection are `Close`. */
export const TcpState = {
  Established: 1,
  SynSent: 2,
  SynReceived: 3,
  FinWait1: 4,
  FinWait2: 5,
  TimeWait: 6,
  Close: 7,
  CloseWait: 8,
  LastAck: 9,
  Listen: 10,
  Closing: 11,
  NewSynReceived: 12,
} as const;

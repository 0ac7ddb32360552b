/**
 * Looks at the IPv6 packets of one interface as they come in, before tc, and as they leave, after tc. Source: packet(7),
 * include/uapi/linux/if_packet.h.
 */
import { close, Errno, rawSyscall, syscall, syscallError } from "./ffi.ts";
import { parseIp } from "./ip-address.ts";
import type { Netns } from "./netns.ts";
import {
  bindPacketSocket,
  ETH_P_ALL,
  ETH_P_IPV6,
  LINK_ADDRESS_BYTES,
  linkAddress,
  openPacketSocket,
  PACKET_OUTGOING,
  PACKET_QDISC_BYPASS,
  PACKET_TYPE_OFFSET,
  PacketKind,
  setPacketOption,
  SO_RCVBUFFORCE,
  SOL_PACKET,
  SOL_SOCKET,
} from "./packet-family.ts";
import { attachSocketFilter } from "./socket-filter.ts";
import { syscallNumber } from "./syscall-numbers.ts";

export interface TappedPacket {
  readonly direction: "in" | "out";
  /** From the IPv6 header on, at most {@link SNAP_BYTES}. */
  readonly bytes: Uint8Array;
}

const SNAP_BYTES = 2048;

/** Needs CAP_NET_RAW. Close it. */
export class PacketTap {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(SNAP_BYTES);
  readonly #from = new Uint8Array(LINK_ADDRESS_BYTES);
  readonly #fromLength = new Uint32Array(1);

  /** Sees packets to `destination`, and all that have a Hop-by-Hop header. */
  constructor(netns: Netns, ifindex: number, destination: string) {
    const object = `interface ${ifindex}`;
    this.#fd = openPacketSocket(netns, PacketKind.datagram, object);
    try {
      attachFilter(this.#fd, ipv6Filter(parseIp(destination).bytes));
      setPacketOption(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, 4 << 20, object);
      bindPacketSocket(this.#fd, ETH_P_ALL, ifindex, object);
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** The next packet; undefined when there is none now. */
  read(): TappedPacket | undefined {
    this.#fromLength[0] = this.#from.length;
    const number = syscallNumber("recvfrom");
    const length = rawSyscall(number, this.#fd, this.#buffer, SNAP_BYTES, 0, this.#from, this.#fromLength);
    if (length === -Errno.EAGAIN || length === -Errno.EINTR) return undefined;
    if (length < 0) throw syscallError("recvfrom", length, "packets of an interface");
    const direction = this.#from[PACKET_TYPE_OFFSET] === PACKET_OUTGOING ? "out" : "in";
    return { direction, bytes: this.#buffer.slice(0, length) };
  }

  close(): void {
    close(this.#fd);
  }
}

/** Sends an IPv6 packet as it is to a neighbour, past qdiscs and programs at tc egress. Needs CAP_NET_RAW. */
export const sendPastTc = (netns: Netns, ifindex: number, mac: Uint8Array, packet: Uint8Array): void => {
  const object = `interface ${ifindex}`;
  const fd = openPacketSocket(netns, PacketKind.datagram, object);
  try {
    setPacketOption(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1, object);
    const address = linkAddress(ETH_P_IPV6, ifindex, mac);
    syscall("sendto", object, fd, packet, packet.length, 0, address, address.length);
  } finally {
    close(fd);
  }
};

/** Classic BPF (`struct sock_filter`: code u16, jump if true u8, if false u8, k u32) over a packet without its link-layer header. */
const ipv6Filter = (destination: Uint8Array): readonly (readonly [number, number, number, number])[] => {
  const view = new DataView(destination.buffer, destination.byteOffset, 16);
  const words = [0, 4, 8, 12].flatMap((at, index): [number, number, number, number][] => [
    [LOAD_WORD, 0, 0, 24 + at],
    [JUMP_EQUAL, 0, 7 - index * 2, view.getUint32(at)],
  ]);
  return [
    [LOAD_BYTE, 0, 0, 0],
    [SHIFT_RIGHT, 0, 0, 4],
    [JUMP_EQUAL, 0, 11, 6],
    [LOAD_BYTE, 0, 0, 6],
    [JUMP_EQUAL, 8, 0, 0],
    ...words,
    [RETURN, 0, 0, SNAP_BYTES],
    [RETURN, 0, 0, 0],
  ];
};

const attachFilter = (fd: number, filter: ReturnType<typeof ipv6Filter>): void => {
  const code = new Uint8Array(filter.length * 8);
  const view = new DataView(code.buffer);
  for (const [at, [operation, whenTrue, whenFalse, k]] of filter.entries()) {
    view.setUint16(at * 8, operation, true);
    code[at * 8 + 2] = whenTrue;
    code[at * 8 + 3] = whenFalse;
    view.setUint32(at * 8 + 4, k, true);
  }
  attachSocketFilter(fd, code, "packet filter");
};

const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const SHIFT_RIGHT = 0x74;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;

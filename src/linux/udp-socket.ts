/** UDP over IPv6 without an event loop between: sockets that are read and written in one turn. */
import { close, Errno, rawSyscall, syscall } from "./ffi.ts";
import { AF_INET6, parseIp } from "./ip-address.ts";
import type { Netns } from "./netns.ts";
import { syscallNumber } from "./syscall-numbers.ts";
import { withNetns } from "./with-netns.ts";

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SO_SNDBUFFORCE = 32;
const SO_TIMESTAMPNS = 35;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;

export class UdpSocket {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(1 << 16);

  /** Bound to `port`; 0: any. */
  constructor(netns: Netns, port = 0) {
    this.#fd = withNetns(netns, () => syscall("socket", "UDP", AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    this.#option(SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24);
    this.#option(SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24);
    syscall("bind", `port ${port}`, this.#fd, address("::", port), 28);
  }

  /** Sends `bytes`, cut by the kernel or the device into datagrams of `segment` bytes; 0: as one. */
  send(to: string, port: number, bytes: Uint8Array, segment = 0): void {
    this.#option(SOL_UDP, UDP_SEGMENT, segment);
    syscall("sendto", `${to} port ${port}`, this.#fd, bytes, bytes.length, 0, address(to, port), 28);
  }

  /** What has come, datagram by datagram. */
  drain(): Uint8Array[] {
    const datagrams: Uint8Array[] = [];
    for (;;) {
      const length = rawSyscall(syscallNumber("recvfrom"), this.#fd, this.#buffer, this.#buffer.length, 0, null, null);
      if (length === -Errno.EAGAIN) return datagrams;
      if (length < 0) throw new Error(`recvfrom: ${length}`);
      datagrams.push(this.#buffer.slice(0, length));
    }
  }

  /** Asks for the time at which each datagram came. */
  enableTimestamps(): void {
    this.#option(SOL_SOCKET, SO_TIMESTAMPNS, 1);
  }

  close(): void {
    close(this.#fd);
  }

  #option(level: number, name: number, value: number): void {
    syscall("setsockopt", "UDP", this.#fd, level, name, Int32Array.of(value), 4);
  }
}

/** struct sockaddr_in6: family, port, flow info, address, scope. */
const address = (text: string, port: number): Uint8Array => {
  const bytes = new Uint8Array(28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(parseIp(text).bytes, 8);
  return bytes;
};

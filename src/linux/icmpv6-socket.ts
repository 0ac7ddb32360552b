/** Echo requests and what comes back of them, errors too. Source: raw(7), RFC 4443, RFC 3542. */
import { close, Errno, rawSyscall, syscall, syscallError } from "./ffi.ts";
import { parseIp } from "./ip-address.ts";
import type { Netns } from "./netns.ts";
import { syscallNumber } from "./syscall-numbers.ts";
import { withNetns } from "./with-netns.ts";

export interface Icmpv6Message {
  /** Whom it came from. */
  readonly source: Uint8Array;
  /** From its type on. */
  readonly bytes: Uint8Array;
}

/** A raw ICMPv6 socket of a namespace. Needs CAP_NET_RAW. Close it. */
export class Icmpv6Socket {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #from = new Uint8Array(28);
  readonly #fromLength = new Uint32Array(1);

  constructor(netns: Netns) {
    this.#fd = withNetns(netns, () => syscall("socket", "ICMPv6", AF_INET6, SOCK_RAW | SOCK_FLAGS, IPPROTO_ICMPV6));
  }

  /** The Hop-by-Hop header of what is sent from now on, whole; its next header is filled in. */
  setHopByHop(header: Uint8Array): void {
    syscall("setsockopt", "Hop-by-Hop header", this.#fd, IPPROTO_IPV6, IPV6_HOPOPTS, header, header.length);
  }

  /** Sends a message, its checksum filled in; `-errno` of a refusal, else its length. */
  send(destination: string, message: Uint8Array): number {
    const address = new Uint8Array(28);
    new DataView(address.buffer).setUint16(0, AF_INET6, true);
    address.set(parseIp(destination).bytes, 8);
    return rawSyscall(syscallNumber("sendto"), this.#fd, message, message.length, 0, address, address.length);
  }

  /** The next message; undefined when there is none now. */
  read(): Icmpv6Message | undefined {
    this.#fromLength[0] = this.#from.length;
    const number = syscallNumber("recvfrom");
    const length = rawSyscall(number, this.#fd, this.#buffer, this.#buffer.length, 0, this.#from, this.#fromLength);
    if (length === -Errno.EAGAIN || length === -Errno.EINTR) return undefined;
    if (length < 0) throw syscallError("recvfrom", length, "ICMPv6");
    return { source: this.#from.slice(8, 24), bytes: this.#buffer.slice(0, length) };
  }

  close(): void {
    close(this.#fd);
  }
}

const AF_INET6 = 10;
const SOCK_RAW = 3;
const SOCK_FLAGS = 0o2000000 | 0o4000;
const IPPROTO_ICMPV6 = 58;
const IPPROTO_IPV6 = 41;
const IPV6_HOPOPTS = 54;

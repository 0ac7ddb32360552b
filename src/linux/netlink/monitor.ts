/** What the kernel announces to the multicast groups of a netlink family. */
import { Errno, close, rawSyscall, syscall, syscallError, watchReadable, type Watch } from "../ffi.ts";
import type { Netns } from "../netns.ts";
import { syscallNumber } from "../syscall-numbers.ts";
import { withNetns } from "../with-netns.ts";
import { viewOf } from "./attributes.ts";
import { HEADER_BYTES } from "./message.ts";

/** Announcements as they came. */
export interface Announcements {
  /** Types of the messages. */
  readonly types: ReadonlySet<number>;
  /** The socket's buffer was full: something was announced that is not here. Look at everything. */
  readonly lost: boolean;
}

const RECEIVE_BUFFER_BYTES = 4 << 20;

/** A socket that hears what changes in one network namespace. Close it. */
export class NetlinkMonitor {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(64 * 1024);
  #watch: Watch | undefined;
  #closed = false;

  /**
   * `protocol`: `NETLINK_ROUTE` or another; `groups`: their numbers (`RTNLGRP_…`); `receiveBufferBytes`: what may wait to be
   * taken.
   */
  constructor(protocol: number, groups: readonly number[], netns?: Netns, receiveBufferBytes = RECEIVE_BUFFER_BYTES) {
    const open = (): number => syscall("socket", OBJECT, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    this.#fd = netns === undefined ? open() : withNetns(netns, open);
    try {
      // With CAP_NET_ADMIN past the limit that others have; without it what they have will do.
      rawSyscall(
        syscallNumber("setsockopt"),
        this.#fd,
        SOL_SOCKET,
        SO_RCVBUFFORCE,
        Int32Array.of(receiveBufferBytes),
        4,
      );
      // A socket without an address of its own hears nothing: the kernel takes it for the sender.
      syscall("bind", OBJECT, this.#fd, anyAddress, anyAddress.length);
      for (const group of groups)
        syscall("setsockopt", OBJECT, this.#fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32Array.of(group), 4);
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** Calls back whenever there is something to take. */
  listen(onReadable: () => void): void {
    this.#watch = watchReadable(this.#fd, onReadable);
  }

  /** Takes what was announced up to now, without waiting; undefined when nothing was. */
  take(): Announcements | undefined {
    const types = new Set<number>();
    let lost = false;
    for (;;) {
      const { length } = this.#buffer;
      const result = rawSyscall(
        syscallNumber("recvfrom"),
        this.#fd,
        this.#buffer,
        length,
        MSG_DONTWAIT | MSG_TRUNC,
        null,
        null,
      );
      if (result === -Errno.EINTR) continue;
      if (result === -Errno.EAGAIN) break;
      // A longer message than the kernel makes for these groups would be one that we did not read.
      if (result === -Errno.ENOBUFS || result > length) lost = true;
      else if (result < 0) throw syscallError("recvfrom", result, OBJECT);
      else readTypes(this.#buffer.subarray(0, result), types);
    }
    return types.size > 0 || lost ? { types, lost } : undefined;
  }

  /** Twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch?.close();
    close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const readTypes = (datagram: Uint8Array, types: Set<number>): void => {
  const view = viewOf(datagram);
  for (let at = 0; at + HEADER_BYTES <= datagram.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > datagram.length) return;
    types.add(view.getUint16(at + 4, true));
    at += (length + 3) & ~3;
  }
};

/** `struct sockaddr_nl`: family, then a port that the kernel chooses, and no groups. */
const anyAddress = Uint8Array.of(16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

const OBJECT = "netlink announcements";
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

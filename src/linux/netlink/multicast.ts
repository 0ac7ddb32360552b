/** What the kernel announces to the multicast groups of a netlink family. */
import { Errno, close, rawSyscall, syscall, syscallError, watchReadable, type Watch } from "../ffi.ts";
import type { Netns } from "../netns.ts";
import { syscallNumber } from "../syscall-numbers.ts";
import { withNetns } from "../with-netns.ts";
import {
  AF_NETLINK,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NETLINK_ADD_MEMBERSHIP,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
  type NetlinkProtocol,
} from "./constants.ts";
import { viewOf } from "./attributes.ts";
import { HEADER_BYTES } from "./message.ts";

export interface MulticastOptions {
  readonly protocol: NetlinkProtocol;
  /** Their numbers (`RTNLGRP_…`, or those of `multicastGroup`). */
  readonly groups: readonly number[];
  readonly netns?: Netns | undefined;
  /** What may wait to be read. */
  readonly receiveBufferBytes?: number;
}

/** A message's type, where its body lies in `bytes`, and the flags of its header (`NLM_F_…`); valid until the visit returns. */
export type VisitMessage = (type: number, start: number, end: number, flags: number) => void;

const RECEIVE_BUFFER_BYTES = 4 << 20;

/** A socket that hears what is announced in one network namespace. Close it. */
export class MulticastSocket {
  /** What the messages handed out lie in. */
  readonly bytes = new Uint8Array(64 * 1024);
  readonly view = viewOf(this.bytes);
  /** How often something was announced that no `read` handed out: the buffer was full. How much, the kernel does not say. */
  overruns = 0;
  readonly #fd: number;
  readonly #watches: Watch[] = [];
  #closed = false;

  constructor({ protocol, groups, netns, receiveBufferBytes = RECEIVE_BUFFER_BYTES }: MulticastOptions) {
    const open = (): number => syscall("socket", OBJECT, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    this.#fd = netns === undefined ? open() : withNetns(netns, open);
    try {
      const size = Int32Array.of(receiveBufferBytes);
      // With CAP_NET_ADMIN past the limit that others have; without it what they have will do.
      rawSyscall(syscallNumber("setsockopt"), this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, size, 4);
      // A socket without an address of its own hears nothing: the kernel takes it for the sender.
      syscall("bind", OBJECT, this.#fd, anyAddress, anyAddress.length);
      for (const group of groups)
        syscall("setsockopt", OBJECT, this.#fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32Array.of(group), 4);
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** Calls back whenever there is something to read. Closing the socket ends it, too. */
  watch(onReadable: () => void): Watch {
    const watch = watchReadable(this.#fd, onReadable);
    this.#watches.push(watch);
    return watch;
  }

  /** Hands out the messages that are there, without waiting; returns whether something was there, an overrun included. */
  read(visit: VisitMessage): boolean {
    let any = false;
    for (;;) {
      const { bytes } = this;
      const flags = MSG_DONTWAIT | MSG_TRUNC;
      const got = rawSyscall(syscallNumber("recvfrom"), this.#fd, bytes, bytes.length, flags, null, null);
      if (got === -Errno.EINTR) continue;
      if (got === -Errno.EAGAIN) return any;
      any = true;
      // A longer message than the kernel makes for these groups would be one that we did not read.
      if (got === -Errno.ENOBUFS || got > bytes.length) this.overruns++;
      else if (got < 0) throw syscallError("recvfrom", got, OBJECT);
      else this.#visitAll(got, visit);
    }
  }

  /** Twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    close(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #visitAll(received: number, visit: VisitMessage): void {
    for (let at = 0; at + HEADER_BYTES <= received;) {
      const length = this.view.getUint32(at, true);
      if (length < HEADER_BYTES || at + length > received) return;
      visit(this.view.getUint16(at + 4, true), at + HEADER_BYTES, at + length, this.view.getUint16(at + 6, true));
      at += (length + 3) & ~3;
    }
  }
}

/** `struct sockaddr_nl`: family, then a port that the kernel chooses, and no groups. */
const anyAddress = Uint8Array.of(AF_NETLINK, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

const OBJECT = "netlink announcements";

/**
 * What the kernel's own IOAM nodes report: the multicast group `ioam6_events` of generic netlink family IOAM6 (Linux 6.8).
 * The kernel sends an event for every trace that it has filled in, on its way or at its end; it tells of the trace alone, not of
 * the packet. Source: include/uapi/linux/ioam6_genl.h; tried on 6.18.
 */
import { Errno, rawSyscall, syscall, syscallError, watchReadable, type Watch } from "../ffi.ts";
import { HEADER_BYTES } from "../netlink/message.ts";
import { NETLINK_GENERIC, NetlinkSocket } from "../netlink/socket.ts";
import type { Netns } from "../netns.ts";
import { syscallNumber } from "../syscall-numbers.ts";
import { withNetns } from "../with-netns.ts";
import { multicastGroup } from "./family.ts";

/** One trace, valid until the callback returns; the object is used again. */
export interface Ioam6TraceEvent {
  readonly namespaceId: number;
  /** Words, as in the trace's header. */
  readonly nodeLength: number;
  /** 24 bits. */
  readonly traceType: number;
  /** The nodes' entries, newest first, at `offset`, `length` bytes. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** The events of one network namespace. Close it. */
export class Ioam6Events {
  /** How often the kernel found no room for an event; how many it then dropped, it does not say. */
  overruns = 0;
  readonly #socket: NetlinkSocket;
  readonly #buffer = new Uint8Array(MESSAGE_BYTES);
  readonly #view = new DataView(this.#buffer.buffer);
  readonly #event = { namespaceId: 0, nodeLength: 0, traceType: 0, bytes: this.#buffer, offset: 0, length: 0 };

  /** Opens in `netns`. `UnsupportedError` when this kernel sends no events. */
  constructor(netns: Netns) {
    this.#socket = withNetns(netns, () => new NetlinkSocket(NETLINK_GENERIC));
    try {
      const group = multicastGroup(this.#socket, "IOAM6", "ioam6_events");
      const option = (level: number, name: number, value: number): void =>
        void syscall("setsockopt", "ioam6_events", this.#socket.fd, level, name, Int32Array.of(value), 4);
      option(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
      option(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    } catch (error) {
      this.#socket.close();
      throw error;
    }
  }

  /** Hands out what is there; returns how many events that were. */
  read(visit: (event: Ioam6TraceEvent) => void): number {
    let count = 0;
    for (let length = this.#receive(); length !== undefined; length = this.#receive()) {
      if (!this.#parse(length)) continue;
      count++;
      visit(this.#event);
    }
    return count;
  }

  /** Calls back whenever there is something to read. */
  watch(onReadable: () => void): Watch {
    return watchReadable(this.#socket.fd, onReadable);
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Bytes of the next message; undefined when there is none. */
  #receive(): number | undefined {
    const buffer = this.#buffer;
    for (;;) {
      const got = rawSyscall(
        syscallNumber("recvfrom"),
        this.#socket.fd,
        buffer,
        buffer.length,
        MSG_DONTWAIT,
        null,
        null,
      );
      if (got >= 0) return got;
      if (got === -Errno.EAGAIN) return undefined;
      if (got === -Errno.ENOBUFS) this.overruns++;
      else if (got !== -Errno.EINTR) throw syscallError("recvfrom", got, "ioam6_events");
    }
  }

  /** False when the message tells of no trace. Attributes that the kernel may add are left alone. */
  #parse(received: number): boolean {
    const [view, event] = [this.#view, this.#event];
    if (received < HEADER_BYTES + GENL_HEADER_BYTES || this.#buffer[HEADER_BYTES] !== IOAM6_EVENT_TRACE) return false;
    event.length = -1;
    for (let at = HEADER_BYTES + GENL_HEADER_BYTES; at + 4 <= received;) {
      const length = view.getUint16(at, true);
      if (length < 4 || at + length > received) return false;
      const type = view.getUint16(at + 2, true);
      if (type === NAMESPACE) event.namespaceId = view.getUint16(at + 4, true);
      else if (type === NODELEN) event.nodeLength = view.getUint8(at + 4);
      // As in the header: 24 bits and a reserved byte.
      else if (type === TYPE) event.traceType = view.getUint32(at + 4, true) >>> 8;
      else if (type === DATA) {
        event.offset = at + 4;
        event.length = length - 4;
      }
      at += (length + 3) & ~3;
    }
    return event.length >= 0;
  }
}

/** More than an event with the longest trace. */
const MESSAGE_BYTES = 4096;
/** Thousands of events. */
const RECEIVE_BUFFER = 8 << 20;
const GENL_HEADER_BYTES = 4;
const IOAM6_EVENT_TRACE = 1;
const NAMESPACE = 1;
const NODELEN = 2;
const TYPE = 3;
const DATA = 4;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const MSG_DONTWAIT = 0x40;

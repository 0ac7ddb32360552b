/**
 * What the kernel's own IOAM nodes report: the multicast group `ioam6_events` of generic netlink family IOAM6 (Linux 6.8).
 * The kernel sends an event for every trace that it has filled in, on its way or at its end; it tells of the trace alone, not of
 * the packet. Source: include/uapi/linux/ioam6_genl.h; tried on 6.18.
 */
import type { Watch } from "../ffi.ts";
import { NETLINK_GENERIC } from "../netlink/constants.ts";
import { MulticastSocket } from "../netlink/multicast.ts";
import type { Netns } from "../netns.ts";
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
  readonly #socket: MulticastSocket;
  readonly #event;

  /** Opens in `netns`. `UnsupportedError` when this kernel sends no events. */
  constructor(netns: Netns) {
    const groups = [multicastGroup(netns, "IOAM6", "ioam6_events")];
    this.#socket = new MulticastSocket({
      protocol: NETLINK_GENERIC,
      groups,
      netns,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    });
    this.#event = { namespaceId: 0, nodeLength: 0, traceType: 0, bytes: this.#socket.bytes, offset: 0, length: 0 };
  }

  /** How often the kernel found no room for an event; how many it then dropped, it does not say. */
  get overruns(): number {
    return this.#socket.overruns;
  }

  /** Hands out what is there; returns how many events that were. */
  read(visit: (event: Ioam6TraceEvent) => void): number {
    let count = 0;
    this.#socket.read((_, start, end) => {
      if (!this.#parse(start, end)) return;
      count++;
      visit(this.#event);
    });
    return count;
  }

  /** Calls back whenever there is something to read. */
  watch(onReadable: () => void): Watch {
    return this.#socket.watch(onReadable);
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** False when the message tells of no trace. Attributes that the kernel may add are left alone. */
  #parse(start: number, end: number): boolean {
    const { view } = this.#socket;
    const event = this.#event;
    if (end < start + GENL_HEADER_BYTES || view.getUint8(start) !== IOAM6_EVENT_TRACE) return false;
    event.length = -1;
    for (let at = start + GENL_HEADER_BYTES; at + 4 <= end;) {
      const length = view.getUint16(at, true);
      if (length < 4 || at + length > end) return false;
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

/** Thousands of events. */
const RECEIVE_BUFFER_BYTES = 8 << 20;
const GENL_HEADER_BYTES = 4;
const IOAM6_EVENT_TRACE = 1;
const NAMESPACE = 1;
const NODELEN = 2;
const TYPE = 3;
const DATA = 4;

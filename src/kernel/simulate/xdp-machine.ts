import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import { Xdp, type XdpContextMachine } from "../context.ts";
import { ETHERNET_BYTES, PacketMachine } from "./packet-machine.ts";
import { PacketMemory } from "./packet-memory.ts";

/** Fields of an XDP program's context. */
export interface XdpFields {
  /** Number of the interface that the frame came in by. */
  readonly ifindex: number;
  /** Its receive queue, from 0. */
  readonly rxQueue: number;
}

/**
 * A frame's first buffer as TEST_RUN and most drivers lay it out: one page of 4096 bytes that starts with 256 bytes of
 * headroom, of which the kernel keeps 40, and ends with 320 bytes that are the kernel's. Without frags it is the only one.
 */
const HEADROOM = 256 - 40;
const LARGEST = 4096 - 256 - 320;
/** The others are pages, as TEST_RUN has them: the last may grow to one. Most drivers have none that may grow. */
const PAGE = 4096;

/** How a frame lies in memory. */
export interface XdpLayout {
  /** The program takes frames in several buffers. */
  readonly frags: boolean;
  /** Bytes in the first buffer. */
  readonly linear: number;
}

/** `struct xdp_md` in V8. */
export class XdpMachine extends PacketMachine<XdpFields> implements XdpContextMachine {
  /** Bytes behind the first buffer. */
  #beyond: number;
  /** Bytes that the first buffer may grow by at its end. */
  #room: number;

  constructor(packet: Uint8Array, fields: Partial<XdpFields>, layout: Partial<XdpLayout> = {}) {
    const linear = Math.min(layout.linear ?? LARGEST, packet.length);
    if (linear < packet.length && layout.frags !== true) {
      throw new HopmarkError("not-simulated", `an XDP frame of ${packet.length} bytes needs fragments`, {
        hint: `simulate frames of at most ${LARGEST} bytes, or make the program with { frags: true }`,
      });
    }
    if (linear < ETHERNET_BYTES || linear > LARGEST) {
      throw new RangeError(`${linear} bytes in a frame's first buffer: from ${ETHERNET_BYTES} to ${LARGEST} fit`);
    }
    const beyond = packet.length - linear;
    const tailroom = beyond > 0 ? PAGE : LARGEST - linear;
    super(new PacketMemory(packet, HEADROOM, tailroom), { ifindex: 1, rxQueue: 0, ...fields });
    this.#beyond = beyond;
    this.#room = LARGEST - linear;
  }

  adjustHead(delta: number): boolean {
    this.packet.invalidate("adjustHead");
    return this.packet.move(delta | 0, 0, ETHERNET_BYTES + this.#beyond);
  }

  adjustTail(delta: number): boolean {
    this.packet.invalidate("adjustTail");
    const by = delta | 0;
    const room = this.#beyond > 0 ? PAGE - 1 - ((this.#beyond - 1) % PAGE) : this.#room;
    if (by > room || !this.packet.move(0, by, ETHERNET_BYTES)) return false;
    const behind = this.#beyond > 0 ? Math.max(by, -this.#beyond) : 0;
    this.#beyond += behind;
    this.#room -= by - behind;
    return true;
  }

  store(offset: number, layout: Layout, value: unknown): boolean {
    return this.write(offset, layout, value);
  }

  protected override linearLength(): number {
    return this.packet.length - this.#beyond;
  }

  protected override missing(): null {
    return null;
  }

  /** The kernel knows no flags for a redirect to an interface. */
  redirect(ifindex: number, flags: number): number {
    if (flags !== 0) return Xdp.Aborted;
    this.redirected = { ifindex, flags };
    this.broadcast = [];
    return Xdp.Redirect;
  }
}

/** What a program is called with. Fields are read from the kernel's context; methods are its helpers. */
import { foldSum, sumWords } from "../wire/checksum.ts";
import type { Layout } from "../wire/layout.ts";

/** Verdicts of an XDP program. */
export const Xdp = { Aborted: 0, Drop: 1, Pass: 2, Tx: 3, Redirect: 4 } as const;

/** Verdicts of a tc program. `Next` asks the following program at the same hook; the others end the chain. */
export const Tc = { Next: -1, Ok: 0, Drop: 2, Redirect: 7 } as const;

/** Where `adjustRoom` opens or closes room: after the MAC header, or after the base IP header. */
export const Room = { Mac: 1, Network: 0 } as const;

/** Flags of `adjustRoom`, with the kernel's names. */
export const RoomFlag = { FixedGso: 1, NoChecksumReset: 32 } as const;

/** Clocks that `setTimestamp` understands. */
export const SkbClock = { Realtime: 0, Monotonic: 1, Tai: 2 } as const;

/** What `simulate()` puts behind a context. */
export interface ContextMachine {
  field(name: string): number | bigint;
  setField(name: string, value: number | bigint): void;
  packetLength(): number;
  view(layout: Layout, offset: number): unknown;
  bytes(offset: number, length: number): Uint8Array | null;
  load(layout: Layout, offset: number): unknown;
  loadInto(target: object, field: string, offset: number, length: number): boolean;
  store(offset: number, layout: Layout, value: unknown, recompute: boolean): boolean;
  pull(length: number): boolean;
  adjustRoom(delta: number, mode: number, flags: number): boolean;
  adjustHead(delta: number): boolean;
  adjustTail(delta: number): boolean;
  redirect(ifindex: number, flags: number): number;
  setTimestamp(ns: bigint, clock: number): boolean;
  egressBacklog(): number;
  fits(growth: number): boolean;
  mtu(): number;
  checksumPartial(): boolean;
}

/** The packet's bytes, from the MAC header on. */
export class Packet {
  readonly #machine: ContextMachine;

  constructor(machine: ContextMachine) {
    this.#machine = machine;
  }

  /** Bytes of the whole packet, those included that are not linear. */
  get length(): number {
    return this.#machine.packetLength();
  }

  /** A live view of `layout` at `offset` bytes, or null when the packet's (linear) bytes end before it does. */
  at<T>(layout: Layout<T>, offset: number): T | null {
    return this.#machine.view(layout as Layout, offset) as T | null;
  }

  /**
   * The ones' complement sum of `length` bytes at `offset` in 16 bits, an odd last byte padded with zero: a part for `checksum`.
   * -1 when the packet's (linear) bytes end before. Both must be proven to lie within the packet's limits; the length to
   * at most 9216.
   */
  sumWords(offset: number, length: number): number {
    const bytes = this.#machine.bytes(offset, length);
    return bytes === null ? -1 : foldSum(sumWords(bytes, 0, length));
  }
}

abstract class PacketContext {
  protected readonly machine: ContextMachine;
  readonly packet: Packet;

  constructor(machine: ContextMachine) {
    this.machine = machine;
    this.packet = new Packet(machine);
  }

  /** Interface the program runs on. */
  get ifindex(): number {
    return this.machine.field("ifindex") as number;
  }

  /** Sends the packet out of, or into, another interface: the verdict to return. */
  redirect(ifindex: number, flags = 0): number {
    return this.machine.redirect(ifindex, flags);
  }
}

/** `struct xdp_md`. */
export class XdpContext extends PacketContext {
  get rxQueue(): number {
    return this.machine.field("rxQueue") as number;
  }

  /** Moves the packet's start by `delta` bytes (negative: room in front). All views become stale. */
  adjustHead(delta: number): boolean {
    return this.machine.adjustHead(delta);
  }

  /** Moves the packet's end by `delta` bytes. All views become stale. */
  adjustTail(delta: number): boolean {
    return this.machine.adjustTail(delta);
  }
}

/** `struct __sk_buff`, at tc. */
export class TcContext extends PacketContext {
  get mark(): number {
    return this.machine.field("mark") as number;
  }

  set mark(value: number) {
    this.machine.setField("mark", value);
  }

  /** EtherType, as a plain number (0x86dd). */
  get protocol(): number {
    return this.machine.field("protocol") as number;
  }

  /** Interface the packet came in by; 0 when this host made it. */
  get ingressIfindex(): number {
    return this.machine.field("ingressIfindex") as number;
  }

  get packetType(): number {
    return this.machine.field("packetType") as number;
  }

  get queueMapping(): number {
    return this.machine.field("queueMapping") as number;
  }

  get vlanPresent(): number {
    return this.machine.field("vlanPresent") as number;
  }

  get gsoSegments(): number {
    return this.machine.field("gsoSegments") as number;
  }

  get gsoSize(): number {
    return this.machine.field("gsoSize") as number;
  }

  /** ns; of the clock that {@link timestampClock} says. */
  get timestamp(): bigint {
    return this.machine.field("timestamp") as bigint;
  }

  /** One of {@link SkbClock}. */
  get timestampClock(): number {
    return this.machine.field("timestampClock") as number;
  }

  /** Makes the first `length` bytes linear, so that `packet.at` reaches them. All views become stale. */
  pull(length: number): boolean {
    return this.machine.pull(length);
  }

  /** Opens (positive) or closes (negative) room in the packet. All views become stale. */
  adjustRoom(delta: number, mode: number, flags: number): boolean {
    return this.machine.adjustRoom(delta, mode, flags);
  }

  /** A copy of the bytes at `offset`, linear or not; null past the end. */
  load<T>(offset: number, layout: Layout<T>): T | null {
    return this.machine.load(layout as Layout, offset) as T | null;
  }

  /** Copies `length` bytes at `offset` into the front of an array field of a view; false past the packet's end. */
  loadInto<T extends object>(target: T, field: keyof T & string, offset: number, length: number): boolean {
    return this.machine.loadInto(target, field, offset, length);
  }

  /** Writes `value` at `offset` and keeps a checksum over the whole packet (CHECKSUM_COMPLETE) true. All views become stale. */
  store<T>(offset: number, layout: Layout<T>, value: T): boolean {
    return this.machine.store(offset, layout as Layout, value, true);
  }

  /** Whether the packet, `growth` bytes longer, still fits the device's MTU; of a GSO packet, each of its segments will. */
  fits(growth: number): boolean {
    return this.machine.fits(growth);
  }

  /** The device's MTU: bytes after the link-layer header. */
  mtu(): number {
    return this.machine.mtu();
  }

  /** Whether the device, or the kernel in its place, has still to fill in the transport checksum (CHECKSUM_PARTIAL). */
  checksumPartial(): boolean {
    return this.machine.checksumPartial();
  }

  /** Stamps the packet with a time, which survives forwarding when the clock is not Realtime. */
  setTimestamp(ns: bigint, clock: number): boolean {
    return this.machine.setTimestamp(ns, clock);
  }

  /** Bytes waiting in the queue the packet leaves by; 0xffffffff where the kernel keeps that per CPU or a program may not look. */
  egressBacklog(): number {
    return this.machine.egressBacklog();
  }
}

/** What a program is called with. Fields are read from the kernel's context; methods are its helpers. */
import type { Ipv4Address, Ipv6Address, Layout } from "../wire/layout.ts";
import type { FibQuery, Route } from "./fib.ts";
import { PacketContext, type PacketSource } from "./packet-context.ts";
import { runtime } from "./runtime.ts";
import { SkbContext } from "./skb-context.ts";

/** Verdicts of an XDP program. */
export const Xdp = { Aborted: 0, Drop: 1, Pass: 2, Tx: 3, Redirect: 4 } as const;

/** Verdicts of a tc program. `Next` asks the following program at the same hook; the others end the chain. */
export const Tc = { Next: -1, Ok: 0, Drop: 2, Redirect: 7 } as const;

/** Where `adjustRoom` opens or closes room: after the MAC header, or after the base IP header. */
export const Room = { Mac: 1, Network: 0 } as const;

/**
 * Flags of `adjustRoom`, with the kernel's names. `EncapL3Ipv6`: an outer IPv6 header goes into the room, what was the packet
 * becomes its inner one, also for cutting a GSO packet later; refused when the packet is in an outer header already.
 */
export const RoomFlag = { FixedGso: 1, EncapL3Ipv6: 4, NoChecksumReset: 32 } as const;

/** Clocks that `setTimestamp` understands. */
export const SkbClock = { Realtime: 0, Monotonic: 1, Tai: 2 } as const;

export interface XdpContextMachine extends PacketSource {
  adjustHead(delta: number): boolean;
  adjustTail(delta: number): boolean;
  store(offset: number, layout: Layout, value: unknown): boolean;
  redirect(ifindex: number, flags: number): number;
}

/** `struct xdp_md`. */
export class XdpContext extends PacketContext<XdpContextMachine> {
  /** Number of the device's receive queue that the frame came in by, from 0. */
  get rxQueue(): number {
    return this.machine.field("rxQueue") as number;
  }

  /** Moves the packet's start by `delta` bytes (negative: room in front). All views become stale. */
  adjustHead(delta: number): boolean {
    return this.machine.adjustHead(delta);
  }

  /** Moves the packet's end by `delta` bytes; of a frame in several buffers, most drivers let it shrink only. All views become stale. */
  adjustTail(delta: number): boolean {
    return this.machine.adjustTail(delta);
  }

  /** Writes `value` at `offset`, in whichever of the frame's buffers; false past its end. All views become stale. */
  store<T>(offset: number, layout: Layout<T>, value: T): boolean {
    return this.machine.store(offset, layout as Layout, value);
  }

  /** Sends the packet out of another interface: the verdict to return. */
  redirect(ifindex: number, flags = 0): number {
    return this.machine.redirect(ifindex, flags);
  }

  /**
   * Asks the kernel's forwarding tables for the way of a packet (`bpf_fib_lookup`): the interface, the next hop and both MAC addresses.
   *
   *     const route = ctx.fibLookup({ source: ip.source, destination: ip.destination, length: ip.totalLength });
   *     if (route.code !== Fib.Success) return Xdp.Pass;
   *     ethernet.source = route.sourceMac;
   *     ethernet.destination = route.destinationMac;
   *     return ctx.redirect(route.ifindex);
   *
   * `simulate()` answers from its `environment.routes`: a table, or a function of the query. A test build answers every lookup
   * with `route` of its environment map. `flags` are those of `FibFlag`.
   */
  fibLookup<A extends Ipv4Address | Ipv6Address>(query: FibQuery<A>, flags = 0): Route<A> {
    return runtime().route({ ifindex: this.ifindex, ...query }, flags) as Route<A>;
  }
}

export interface TcContextMachine extends PacketSource {
  store(offset: number, layout: Layout, value: unknown, recompute: boolean): boolean;
  pull(length: number): boolean;
  adjustRoom(delta: number, mode: number, flags: number): boolean;
  changeHead(growth: number): boolean;
  redirect(ifindex: number, flags: number): number;
  redirectNeigh(ifindex: number): number;
  cloneRedirect(ifindex: number, flags: number): boolean;
  setTimestamp(ns: bigint, clock: number): boolean;
  egressBacklog(): number;
  fits(growth: number): boolean;
  mtu(ifindex: number): number;
  checksumPartial(): boolean;
  vlanPush(protocol: number, tci: number): boolean;
  vlanPop(): boolean;
}

/** `struct __sk_buff`, at tc. */
export class TcContext extends SkbContext<TcContextMachine> {
  /** One of {@link SkbClock}: whose time {@link timestamp} is. */
  get timestampClock(): number {
    return this.machine.field("timestampClock") as number;
  }

  /** Transmit queue that the packet is to leave by; a device of several chooses anew. At most 0xfffe. */
  override get queueMapping(): number {
    return this.machine.field("queueMapping") as number;
  }

  override set queueMapping(value: number) {
    this.machine.setField("queueMapping", value);
  }

  /** EtherType of the VLAN tag that goes beside the packet, when `vlanPresent` says that there is one. */
  get vlanProtocol(): number {
    return this.machine.field("vlanProtocol") as number;
  }

  /** Its value: priority (3 bits), drop eligible (1), VLAN (12). */
  get vlanTci(): number {
    return this.machine.field("vlanTci") as number;
  }

  /** When the NIC received the packet, by its own clock, ns; 0 where it does not say. */
  get hardwareTimestamp(): bigint {
    return this.machine.field("hardwareTimestamp") as bigint;
  }

  /** Sends the packet out of, or into, another interface: the verdict to return. */
  redirect(ifindex: number, flags = 0): number {
    return this.machine.redirect(ifindex, flags);
  }

  /**
   * Sends an IP packet out of another interface, to the next hop of its destination's route by that interface, whose MAC
   * address the kernel finds (`bpf_redirect_neigh`): the verdict to return. Dropped where no route leads there.
   */
  redirectNeigh(ifindex: number): number {
    return this.machine.redirectNeigh(ifindex);
  }

  /**
   * Sends a copy of the packet out of, or with flag 1 into, another interface; the packet itself goes on. False when the
   * copy could not be made or was dropped. All views become stale.
   */
  cloneRedirect(ifindex: number, flags = 0): boolean {
    return this.machine.cloneRedirect(ifindex, flags);
  }

  /** Makes the first `length` bytes linear, so that `packet.at` reaches them. All views become stale. */
  pull(length: number): boolean {
    return this.machine.pull(length);
  }

  /** Opens (positive) or closes (negative) room in the packet. All views become stale. */
  adjustRoom(delta: number, mode: number, flags: number): boolean {
    return this.machine.adjustRoom(delta, mode, flags);
  }

  /**
   * Opens room before the packet, zeros: for an Ethernet header, where the device has none and the packet is to leave by one that
   * has. False where it would be longer than 16,064 bytes and is no GSO packet. All views become stale.
   */
  changeHead(growth: number): boolean {
    return this.machine.changeHead(growth);
  }

  /** Writes `value` at `offset` and keeps a checksum over the whole packet (CHECKSUM_COMPLETE) true. All views become stale. */
  store<T>(offset: number, layout: Layout<T>, value: T): boolean {
    return this.machine.store(offset, layout as Layout, value, true);
  }

  /** Whether the packet, `growth` bytes longer, still fits the device's MTU; of a GSO packet, each of its segments will. */
  fits(growth: number): boolean {
    return this.machine.fits(growth);
  }

  /** The MTU of this device, or of another one: bytes after the link-layer header. 0 when there is no such interface. */
  mtu(ifindex = 0): number {
    return this.machine.mtu(ifindex);
  }

  /**
   * Gives the packet a VLAN tag, of EtherType 0x8100 or 0x88a8, outside those that it has. The kernel carries the outermost tag
   * beside the packet: `vlanProtocol` and `vlanTci` tell it, `packet.at` does not show it. All views become stale.
   */
  vlanPush(protocol: number, tci: number): boolean {
    return this.machine.vlanPush(protocol, tci);
  }

  /** Takes the outermost VLAN tag away; one that lies within is then carried beside the packet. All views become stale. */
  vlanPop(): boolean {
    return this.machine.vlanPop();
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

  /** The way of a packet, as at XDP: {@link XdpContext.fibLookup}. A query without `length` is held against the device's MTU. */
  fibLookup<A extends Ipv4Address | Ipv6Address>(query: FibQuery<A>, flags = 0): Route<A> {
    return runtime().route({ ifindex: this.ifindex, ...query }, flags) as Route<A>;
  }
}

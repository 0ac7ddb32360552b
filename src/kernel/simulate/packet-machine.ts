import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import type { ContextMachine } from "../context.ts";
import type { PacketMemory } from "./packet-memory.ts";
import { view } from "./view.ts";

/** Where a program sent the packet, when its verdict is a redirect. */
export interface Redirect {
  readonly ifindex: number;
  readonly flags: number;
}

/** Ethernet's header: no program sees, or may leave, a shorter packet. */
export const ETHERNET_BYTES = 14;

/** What XDP and tc have in common. What a hook does not have is an error: its context has no such method. */
export abstract class PacketMachine<F extends object> implements ContextMachine {
  readonly packet: PacketMemory;
  redirected: Redirect | null = null;
  fields: F;

  constructor(packet: PacketMemory, fields: F) {
    this.packet = packet;
    this.fields = fields;
  }

  abstract redirect(ifindex: number, flags: number): number;

  field(name: string): number | bigint {
    const value: unknown = Reflect.get(this.fields, name);
    if (typeof value !== "number" && typeof value !== "bigint") throw unavailable(name);
    return value;
  }

  packetLength(): number {
    return this.packet.length;
  }

  view(layout: Layout, offset: number): object | null {
    if (!Number.isInteger(offset) || offset < 0) {
      throw new RangeError(`packet offset ${offset} of ${layout.name} is not a whole number from 0 on`);
    }
    return offset + layout.size > this.packet.length ? null : view(layout, this.packet, offset);
  }

  bytes(offset: number, length: number): Uint8Array | null {
    if (![offset, length].every((number) => Number.isInteger(number) && number >= 0)) {
      throw new RangeError(`${length} packet bytes at ${offset}: not whole numbers from 0 on`);
    }
    return offset + length > this.packet.length ? null : this.packet.bytes.subarray(offset, offset + length);
  }

  setField(name: string, _value: number | bigint): void {
    throw unavailable(name);
  }

  load(_layout: Layout, _offset: number): object | null {
    throw unavailable("load");
  }

  loadInto(_target: object, _field: string, _offset: number, _length: number): boolean {
    throw unavailable("loadInto");
  }

  store(_offset: number, _layout: Layout, _value: unknown, _recompute: boolean): boolean {
    throw unavailable("store");
  }

  pull(_length: number): boolean {
    throw unavailable("pull");
  }

  adjustRoom(_delta: number, _mode: number, _flags: number): boolean {
    throw unavailable("adjustRoom");
  }

  adjustHead(_delta: number): boolean {
    throw unavailable("adjustHead");
  }

  adjustTail(_delta: number): boolean {
    throw unavailable("adjustTail");
  }

  setTimestamp(_ns: bigint, _clock: number): boolean {
    throw unavailable("setTimestamp");
  }

  fits(_growth: number): boolean {
    throw unavailable("fits");
  }

  mtu(): number {
    throw unavailable("mtu");
  }

  checksumPartial(): boolean {
    throw unavailable("checksumPartial");
  }

  egressBacklog(): number {
    throw unavailable("egressBacklog");
  }
}

const unavailable = (what: string): HopmarkError =>
  new HopmarkError("not-here", `this kind of program has no ${what}`, { hint: "XDP and tc offer different contexts" });

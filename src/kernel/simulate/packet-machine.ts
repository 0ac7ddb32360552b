import { encodeLayout } from "../../wire/codec.ts";
import type { Layout } from "../../wire/layout.ts";
import type { PacketSource } from "../packet-context.ts";
import { Memory } from "./memory.ts";
import type { PacketMemory } from "./packet-memory.ts";
import { liveField, view } from "./view.ts";

/** Where a program sent the packet, when its verdict is a redirect. */
export interface Redirect {
  /** Number of the interface. */
  readonly ifindex: number;
  /** As they were given: 1 (BPF_F_INGRESS) is into the interface, 0 out of it. */
  readonly flags: number;
}

/** A copy that a program sent elsewhere (`cloneRedirect`), as the packet was then. */
export interface Clone extends Redirect {
  /** The frame's bytes, from its MAC header on. */
  readonly packet: Uint8Array;
  /** The packet's mark then. */
  readonly mark: number;
}

/** Ethernet's header: no program sees, or may leave, a shorter packet. */
export const ETHERNET_BYTES = 14;

/** What simulated contexts that show a packet have in common. `F`: the fields of the context. */
export abstract class PacketMachine<F extends object> implements PacketSource {
  readonly packet: PacketMemory;
  redirected: Redirect | null = null;
  /** Interfaces that a redirect to all of a map's sends a copy to, when the verdict is a redirect. */
  broadcast: readonly number[] = [];
  readonly clones: Clone[] = [];
  fields: F;
  /** Fields that programs may write. */
  readonly #writable: readonly (keyof F & string)[];

  constructor(packet: PacketMemory, fields: F, writable: readonly (keyof F & string)[] = []) {
    this.packet = packet;
    this.fields = fields;
    this.#writable = writable;
  }

  /** The bytes of the frame, as TEST_RUN gives them back. */
  frame(): Uint8Array {
    return this.packet.bytes.slice();
  }

  field(name: string): unknown {
    return Reflect.get(this.fields, name);
  }

  setField(name: string, value: number | bigint): void {
    if (!this.#writable.some((own) => own === name)) throw new TypeError(`${name} of the context cannot be written`);
    this.fields = { ...this.fields, [name]: Number(value) >>> 0 };
  }

  packetLength(): number {
    return this.packet.length;
  }

  view(layout: Layout, offset: number): object | null {
    if (!Number.isInteger(offset) || offset < 0) {
      throw new RangeError(`packet offset ${offset} of ${layout.name} is not a whole number from 0 on`);
    }
    return offset + layout.size > this.linearLength() ? null : view(layout, this.packet, offset);
  }

  bytes(offset: number, length: number): Uint8Array | null {
    if (![offset, length].every((number) => Number.isInteger(number) && number >= 0)) {
      throw new RangeError(`${length} packet bytes at ${offset}: not whole numbers from 0 on`);
    }
    return offset + length > this.linearLength() ? null : this.packet.bytes.subarray(offset, offset + length);
  }

  load(layout: Layout, offset: number): object | null {
    const bytes = this.read(offset, layout.size);
    return bytes === null ? null : view(layout, new Memory(bytes), 0);
  }

  loadInto(target: object, name: string, offset: number, length: number): boolean {
    const { state, field } = liveField(target, name);
    if (!Number.isInteger(length) || length < 1 || length * 8 > field.bits) {
      throw new RangeError(`${length} bytes for ${state.layout.name}.${name}: from 1 to ${field.bits / 8} fit`);
    }
    const bytes = this.read(offset, length);
    const filled = bytes ?? this.missing(length);
    if (filled !== null) state.memory.bytes.set(filled, state.offset + field.bitOffset / 8);
    return bytes !== null;
  }

  /** How far `packet.at` sees. */
  protected linearLength(): number {
    return this.packet.length;
  }

  /** What the kernel fills with where the packet ends too early: it clears the bytes it was to fill. Null: it leaves them. */
  protected missing(length: number): Uint8Array | null {
    return new Uint8Array(length);
  }

  protected write(offset: number, layout: Layout, value: unknown): boolean {
    const bytes = encodeLayout<unknown>(layout, value);
    this.packet.invalidate("store");
    if (this.read(offset, bytes.length) === null) return false;
    this.packet.bytes.set(bytes, offset);
    return true;
  }

  protected read(offset: number, length: number): Uint8Array | null {
    const at = offset >>> 0;
    return at + length > this.packet.length ? null : this.packet.bytes.slice(at, at + length);
  }
}

/** What programs that see packets have in common. */
import { foldSum, sumWords } from "../wire/checksum.ts";
import type { Layout } from "../wire/layout.ts";

/** What `simulate()` puts behind every context. */
export interface ContextMachine {
  field(name: string): unknown;
  setField(name: string, value: number | bigint): void;
}

/** What it puts behind the context of a program that sees packets. */
export interface PacketSource extends ContextMachine {
  packetLength(): number;
  view(layout: Layout, offset: number): unknown;
  bytes(offset: number, length: number): Uint8Array | null;
  load(layout: Layout, offset: number): unknown;
  loadInto(target: object, field: string, offset: number, length: number): boolean;
}

/** The packet's bytes: from the MAC header on at XDP and tc, from the IP header on in a cgroup. */
export class Packet {
  readonly #source: PacketSource;

  constructor(source: PacketSource) {
    this.#source = source;
  }

  /** Bytes of the whole packet, those included that are not linear. */
  get length(): number {
    return this.#source.packetLength();
  }

  /** A live view of `layout` at `offset` bytes, or null when the packet's (linear) bytes end before it does. */
  at<T>(layout: Layout<T>, offset: number): T | null {
    return this.#source.view(layout as Layout, offset) as T | null;
  }

  /**
   * The ones' complement sum of `length` bytes at `offset` in 16 bits, an odd last byte padded with zero: a part for `checksum`.
   * -1 when the packet's (linear) bytes end before; 0 of no bytes, wherever. The length must be proven to lie in 0..9216, the
   * offset and where the bytes end in 0..65535.
   */
  sumWords(offset: number, length: number): number {
    const bytes = length === 0 ? new Uint8Array() : this.#source.bytes(offset, length);
    return bytes === null ? -1 : foldSum(sumWords(bytes, 0, length));
  }
}

export abstract class PacketContext<M extends PacketSource = PacketSource> {
  protected readonly machine: M;
  readonly packet: Packet;

  constructor(machine: M) {
    this.machine = machine;
    this.packet = new Packet(machine);
  }

  /** Interface the program runs on; in a cgroup, the one the packet came in by or leaves by. */
  get ifindex(): number {
    return this.machine.field("ifindex") as number;
  }

  /** A copy of the bytes at `offset`, linear or not; null past the end. */
  load<T>(offset: number, layout: Layout<T>): T | null {
    return this.machine.load(layout as Layout, offset) as T | null;
  }

  /**
   * Copies `length` bytes at `offset`, linear or not, into the front of an array field of a map's value, a ring record or a
   * copy: the kernel does not copy into the packet itself. False past the packet's end: XDP then leaves the field as it was, the others clear those bytes.
   */
  loadInto<T extends object>(target: T, field: keyof T & string, offset: number, length: number): boolean {
    return this.machine.loadInto(target, field, offset, length);
  }
}

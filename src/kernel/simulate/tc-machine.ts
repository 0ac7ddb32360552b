import { HopmarkError } from "../../errors.ts";
import { encodeLayout } from "../../wire/codec.ts";
import type { Layout } from "../../wire/layout.ts";
import { Room, RoomFlag, SkbClock, Tc } from "../context.ts";
import { ETHERNET_BYTES, PacketMachine } from "./packet-machine.ts";
import { PacketMemory } from "./packet-memory.ts";
import { Memory } from "./memory.ts";
import { liveField, view } from "./view.ts";

/** Fields of a tc program's context. */
export interface TcFields {
  readonly ifindex: number;
  readonly mark: number;
  /** EtherType. */
  readonly protocol: number;
  readonly ingressIfindex: number;
  readonly packetType: number;
  readonly queueMapping: number;
  readonly vlanPresent: number;
  readonly gsoSegments: number;
  readonly gsoSize: number;
  readonly timestamp: bigint;
  readonly timestampClock: number;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
/** `bpf_skb_adjust_room`: the largest step, and the largest packet it makes of one that is not GSO. */
const LARGEST_STEP = 0xfff;
const LARGEST_PACKET = 16_384 - 320;
/** Flags that describe encapsulations (`BPF_F_ADJ_ROOM_ENCAP_…`, `DECAP_…`). */
const ENCAPSULATION_FLAGS = 0x1de;

/** `struct __sk_buff` in V8. All of the packet is linear. */
export class TcMachine extends PacketMachine<TcFields> {
  readonly #mtu: number;
  readonly #egressBacklog: () => number;

  constructor(packet: Uint8Array, fields: Partial<TcFields>, mtu: number, egressBacklog: () => number) {
    super(new PacketMemory(packet, 0, 0), { ...defaults(packet), ...fields });
    this.#mtu = mtu;
    this.#egressBacklog = egressBacklog;
  }

  override setField(name: string, value: number | bigint): void {
    if (name !== "mark") return super.setField(name, value);
    this.fields = { ...this.fields, mark: Number(value) >>> 0 };
  }

  override load(layout: Layout, offset: number): object | null {
    const bytes = this.#read(offset, layout.size);
    return bytes === null ? null : view(layout, new Memory(bytes), 0);
  }

  /** Past the packet's end the kernel clears the bytes it was to fill. */
  override loadInto(target: object, name: string, offset: number, length: number): boolean {
    const { state, field } = liveField(target, name);
    if (!Number.isInteger(length) || length < 1 || length * 8 > field.bits) {
      throw new RangeError(`${length} bytes for ${state.layout.name}.${name}: from 1 to ${field.bits / 8} fit`);
    }
    const bytes = this.#read(offset, length);
    state.memory.bytes.set(bytes ?? new Uint8Array(length), state.offset + field.bitOffset / 8);
    return bytes !== null;
  }

  /** The checksum over the whole packet that `recompute` keeps is not part of the packet's bytes. */
  override store(offset: number, layout: Layout, value: unknown, _recompute: boolean): boolean {
    const bytes = encodeLayout<unknown>(layout, value);
    this.packet.invalidate("store");
    if (this.#read(offset, bytes.length) === null) return false;
    this.packet.bytes.set(bytes, offset);
    return true;
  }

  override pull(length: number): boolean {
    this.packet.invalidate("pull");
    return length >>> 0 <= this.packet.length;
  }

  override adjustRoom(delta: number, mode: number, flags: number): boolean {
    this.packet.invalidate("adjustRoom");
    if ((flags & ENCAPSULATION_FLAGS) !== 0) {
      throw new HopmarkError("not-simulated", `adjustRoom with flags ${flags} is not simulated`);
    }
    if ((flags & ~(RoomFlag.FixedGso | RoomFlag.NoChecksumReset)) !== 0) return false;
    const { protocol } = this.fields;
    if (Math.abs(delta) > LARGEST_STEP || (protocol !== IPV4 && protocol !== IPV6)) return false;
    if (mode !== Room.Mac && mode !== Room.Network) return false;
    const base = protocol === IPV4 ? 20 : 40;
    const isGso = this.fields.gsoSize !== 0;
    const { length } = this.packet;
    if (delta < 0 ? length - ETHERNET_BYTES + delta < base : length + delta > LARGEST_PACKET && !isGso) return false;
    const at = ETHERNET_BYTES + (mode === Room.Network ? base : 0);
    if (at > length) throw new HopmarkError("not-simulated", "adjustRoom in a packet without a whole IP header");
    this.packet.splice(at, delta);
    if (isGso) this.#resizeSegments(delta, flags);
    return true;
  }

  /** A GSO packet is said to fit without a look at its segments: `adjustRoom` makes those smaller. */
  override fits(growth: number): boolean {
    return this.fields.gsoSize !== 0 || this.packet.length + growth <= this.#mtu + ETHERNET_BYTES;
  }

  override mtu(): number {
    return this.#mtu;
  }

  /** Packets that TEST_RUN makes have all of their checksums. */
  override checksumPartial(): boolean {
    return false;
  }

  override setTimestamp(ns: bigint, clock: number): boolean {
    const { protocol } = this.fields;
    if (protocol !== IPV4 && protocol !== IPV6) return false;
    const isDelivery = clock === SkbClock.Monotonic || clock === SkbClock.Tai;
    if (isDelivery ? BigInt.asUintN(64, ns) === 0n : clock !== SkbClock.Realtime) return false;
    this.fields = { ...this.fields, timestamp: BigInt.asUintN(64, ns), timestampClock: clock };
    return true;
  }

  override egressBacklog(): number {
    return this.#egressBacklog() >>> 0;
  }

  /** Flag 1 means the interface's ingress; the kernel drops packets redirected with others. */
  redirect(ifindex: number, flags: number): number {
    if ((flags & ~1) !== 0) return Tc.Drop;
    this.redirected = { ifindex, flags };
    return Tc.Redirect;
  }

  /** Segments of a TCP super-packet shrink by what its headers grow, and the other way round. */
  #resizeSegments(delta: number, flags: number): void {
    const { gsoSize } = this.fields;
    const isFixed = (flags & RoomFlag.FixedGso) !== 0;
    this.fields = { ...this.fields, gsoSize: isFixed ? gsoSize : gsoSize - delta, gsoSegments: 0 };
  }

  #read(offset: number, length: number): Uint8Array | null {
    const at = offset >>> 0;
    return at + length > this.packet.length ? null : this.packet.bytes.slice(at, at + length);
  }
}

/** A packet that came in by the loopback interface, as TEST_RUN pretends. */
const defaults = (packet: Uint8Array): TcFields => ({
  ifindex: 1,
  mark: 0,
  protocol: etherType(packet),
  ingressIfindex: 0,
  packetType: packetType(packet),
  queueMapping: 0,
  vlanPresent: 0,
  gsoSegments: 0,
  gsoSize: 0,
  timestamp: 0n,
  timestampClock: SkbClock.Realtime,
});

/** What the kernel calls an IEEE 802.3 frame, with a length in place of an EtherType. */
const NOVELL_RAW = 1;
const LLC = 4;

const etherType = (packet: Uint8Array): number => {
  const [high = 0, low = 0, first = 0, second = 0] = packet.subarray(12);
  const type = high * 256 + low;
  if (type >= 0x600) return type;
  return first === 0xff && second === 0xff ? NOVELL_RAW : LLC;
};

/** PACKET_HOST, PACKET_MULTICAST or PACKET_OTHERHOST, for an interface whose address is all zero. */
const packetType = (packet: Uint8Array): number => {
  const destination = packet.subarray(0, 6);
  if (destination.every((byte) => byte === 0)) return 0;
  return ((destination[0] ?? 0) & 1) === 1 ? 2 : 3;
};

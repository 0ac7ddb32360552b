import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import { Room, RoomFlag, SkbClock, Tc, type TcContextMachine } from "../context.ts";
import { ETHERNET_BYTES, PacketMachine } from "./packet-machine.ts";
import { PacketMemory } from "./packet-memory.ts";
import { etherTypeOf, skbDefaults, WRITABLE_SKB_FIELDS, type SkbFields } from "./skb-fields.ts";

/** Fields of a tc program's context. */
export interface TcFields extends SkbFields {
  /** One of `SkbClock`: whose time `timestamp` is. */
  readonly timestampClock: number;
  /** EtherType of the VLAN tag beside the packet, as a plain number (0x8100); means something with `vlanPresent`. */
  readonly vlanProtocol: number;
  /** The tag's value: priority (3 bits), drop eligible (1), VLAN (12). */
  readonly vlanTci: number;
  /** When the NIC received the packet, by its own clock, ns; 0 where it does not say. */
  readonly hardwareTimestamp: bigint;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN = 0x8100;
const SERVICE_VLAN = 0x88a8;
/** A tag in the packet: EtherType of the tag and its value, behind the MAC addresses. */
const VLAN_BYTES = 4;
const ETHER_TYPE_AT = 12;
/** `bpf_skb_adjust_room`: the largest step, and (`bpf_skb_change_head` too) the largest packet it makes of one that is not GSO. */
const LARGEST_STEP = 0xfff;
const LARGEST_PACKET = 16_384 - 320;
/** Flags that describe other encapsulations, and their end (`BPF_F_ADJ_ROOM_ENCAP_…`, `DECAP_…`). */
const OTHER_ENCAPSULATION_FLAGS = 0x1da;

/** `struct __sk_buff` in V8. All of the packet is linear. */
export class TcMachine extends PacketMachine<TcFields> implements TcContextMachine {
  readonly #mtu: number;
  readonly #egressBacklog: () => number;
  /** Whether the packet has an inner one, for the kernel. */
  #encapsulated = false;
  /** Where the kernel takes the network header to be, in bytes from the packet's start: what it looked at last stands there. */
  #network = ETHERNET_BYTES;

  constructor(packet: Uint8Array, fields: Partial<TcFields>, mtu: number, egressBacklog: () => number) {
    super(
      new PacketMemory(packet, 0, 0),
      {
        ...skbDefaults(packet),
        timestampClock: SkbClock.Realtime,
        vlanProtocol: 0,
        vlanTci: 0,
        hardwareTimestamp: 0n,
        ...fields,
      },
      [...WRITABLE_SKB_FIELDS, "queueMapping"],
    );
    this.#mtu = mtu;
    this.#egressBacklog = egressBacklog;
  }

  /** The checksum over the whole packet that `recompute` keeps is not part of the packet's bytes. */
  store(offset: number, layout: Layout, value: unknown, _recompute: boolean): boolean {
    return this.write(offset, layout, value);
  }

  pull(length: number): boolean {
    this.packet.invalidate("pull");
    return length >>> 0 <= this.packet.length;
  }

  adjustRoom(delta: number, mode: number, flags: number): boolean {
    this.packet.invalidate("adjustRoom");
    if ((flags & OTHER_ENCAPSULATION_FLAGS) !== 0) {
      throw new HopmarkError("not-simulated", `adjustRoom with flags ${flags} is not simulated`);
    }
    if ((flags & ~(RoomFlag.FixedGso | RoomFlag.EncapL3Ipv6 | RoomFlag.NoChecksumReset)) !== 0) return false;
    const { protocol } = this.fields;
    if (Math.abs(delta) > LARGEST_STEP || (protocol !== IPV4 && protocol !== IPV6)) return false;
    if (mode !== Room.Mac && mode !== Room.Network) return false;
    const base = protocol === IPV4 ? 20 : 40;
    const isGso = this.fields.gsoSize !== 0;
    const { length } = this.packet;
    if (delta < 0 ? length - this.#network + delta < base : length + delta > LARGEST_PACKET && !isGso) return false;
    const encapsulates = (flags & RoomFlag.EncapL3Ipv6) !== 0;
    if (encapsulates && (delta < 0 || this.#encapsulated)) return false;
    const at = this.#network + (mode === Room.Network ? base : 0);
    if (at > length) throw new HopmarkError("not-simulated", "adjustRoom in a packet without a whole IP header");
    this.packet.splice(at, delta);
    if (encapsulates) {
      this.#encapsulated = true;
      this.fields = { ...this.fields, protocol: IPV6 };
    }
    if (isGso) this.#resizeSegments(delta, flags);
    return true;
  }

  changeHead(growth: number): boolean {
    this.packet.invalidate("changeHead");
    const isGso = this.fields.gsoSize !== 0;
    if (growth < 0 || (this.packet.length + growth > LARGEST_PACKET && !isGso)) return false;
    this.packet.splice(0, growth);
    this.#network += growth;
    return true;
  }

  /** A GSO packet is said to fit without a look at its segments: `adjustRoom` makes those smaller. */
  fits(growth: number): boolean {
    return this.fields.gsoSize !== 0 || this.packet.length + growth <= this.#mtu + ETHERNET_BYTES;
  }

  /** Every interface has the one MTU. */
  mtu(_ifindex: number): number {
    return this.#mtu;
  }

  /** As the kernel has it: of other EtherTypes it makes 0x8100. */
  vlanPush(protocol: number, tci: number): boolean {
    this.packet.invalidate("vlanPush");
    const { vlanPresent, vlanProtocol, vlanTci } = this.fields;
    if (vlanPresent !== 0) {
      this.packet.splice(ETHER_TYPE_AT, VLAN_BYTES);
      const view = this.#view();
      view.setUint16(ETHER_TYPE_AT, vlanProtocol);
      view.setUint16(ETHER_TYPE_AT + 2, vlanTci);
      this.fields = { ...this.fields, protocol: vlanProtocol };
    }
    const type = (protocol & 0xffff) === SERVICE_VLAN ? SERVICE_VLAN : VLAN;
    this.fields = { ...this.fields, vlanPresent: 1, vlanProtocol: type, vlanTci: tci & 0xffff };
    return true;
  }

  vlanPop(): boolean {
    this.packet.invalidate("vlanPop");
    if (this.fields.vlanPresent !== 0) this.fields = { ...this.fields, vlanPresent: 0, vlanProtocol: 0, vlanTci: 0 };
    else if (!this.#isTagged()) return true;
    else if (this.#takeTag() === null) return false;
    if (!this.#isTagged()) return true;
    const vlanProtocol = this.fields.protocol;
    const vlanTci = this.#takeTag();
    if (vlanTci === null) return false;
    this.fields = { ...this.fields, vlanPresent: 1, vlanProtocol, vlanTci };
    return true;
  }

  /** Packets that TEST_RUN makes have all of their checksums. */
  checksumPartial(): boolean {
    return false;
  }

  setTimestamp(ns: bigint, clock: number): boolean {
    const { protocol } = this.fields;
    if (protocol !== IPV4 && protocol !== IPV6) return false;
    const isDelivery = clock === SkbClock.Monotonic || clock === SkbClock.Tai;
    if (isDelivery ? BigInt.asUintN(64, ns) === 0n : clock !== SkbClock.Realtime) return false;
    this.fields = { ...this.fields, timestamp: BigInt.asUintN(64, ns), timestampClock: clock };
    return true;
  }

  egressBacklog(): number {
    return this.#egressBacklog() >>> 0;
  }

  /** Flag 1 means the interface's ingress; the kernel drops packets redirected with others. */
  redirect(ifindex: number, flags: number): number {
    if ((flags & ~1) !== 0) return Tc.Drop;
    this.redirected = { ifindex, flags };
    return Tc.Redirect;
  }

  /** Which way the packet goes is not simulated: `redirect` tells the interface. */
  redirectNeigh(ifindex: number): number {
    this.redirected = { ifindex, flags: 0 };
    return Tc.Redirect;
  }

  cloneRedirect(ifindex: number, flags: number): boolean {
    this.packet.invalidate("cloneRedirect");
    if ((flags & ~1) !== 0) return false;
    this.clones.push({ ifindex, flags, packet: this.frame(), mark: this.fields.mark });
    return true;
  }

  #view(): DataView {
    const { bytes } = this.packet;
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #isTagged(): boolean {
    const { protocol } = this.fields;
    return protocol === VLAN || protocol === SERVICE_VLAN;
  }

  /** Takes the first tag out of the packet's bytes; null, and nothing done, when they end before it does. */
  #takeTag(): number | null {
    if (this.packet.length < ETHERNET_BYTES + VLAN_BYTES) return null;
    const tci = this.#view().getUint16(ETHER_TYPE_AT + 2);
    this.packet.splice(ETHER_TYPE_AT, -VLAN_BYTES);
    this.#network = Math.max(this.#network - VLAN_BYTES, ETHERNET_BYTES);
    this.fields = { ...this.fields, protocol: etherTypeOf(this.packet.bytes) };
    return tci;
  }

  /** Segments of a TCP super-packet shrink by what its headers grow, and the other way round. */
  #resizeSegments(delta: number, flags: number): void {
    const { gsoSize } = this.fields;
    const isFixed = (flags & RoomFlag.FixedGso) !== 0;
    this.fields = { ...this.fields, gsoSize: isFixed ? gsoSize : gsoSize - delta, gsoSegments: 0 };
  }
}

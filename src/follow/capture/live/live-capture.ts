/** Captures of what an interface receives and sends, as it comes: the kernel's ring, read where it lies. */
import { setImmediate } from "node:timers/promises";
import type { Netns } from "../../../linux/netns.ts";
import { PacketRing } from "../../../linux/packet-ring.ts";
import { LinkType } from "../../../wire/numbers.ts";
import { BatchColumns } from "../batch-columns.ts";
import { Direction, type PacketBatch } from "../batch.ts";
import type { Capture, CaptureCounts, CapturedFrame, CaptureInterface } from "../capture.ts";
import { decodedPackets } from "../decoded-packets.ts";
import { MarkReader } from "../mark-columns.ts";
import { RingWait } from "./ring-wait.ts";

export interface LiveCaptureOptions {
  readonly netns: Netns;
  /** `eth0`, or `any`. */
  readonly device: string;
  /** 0: all interfaces. */
  readonly ifindex: number;
  /** Its packets are seen twice, as they leave and as they come in: those that leave are left out. */
  readonly loopback: boolean;
  readonly linkType: number;
  readonly snapLength: number;
  readonly promiscuous: boolean;
  /** Classic BPF that says how much of a packet is kept. */
  readonly filter: Uint8Array;
  /** Room for packets in the kernel. */
  readonly bytes: number;
  readonly marks: boolean;
}

/** `struct tpacket3_hdr`, and `struct sockaddr_ll` behind it. */
const FRAME = { mac: 24, vlanTci: 32, vlanTpid: 36 } as const;
/** The same in words of 4 bytes; in the first of them is where the next frame is. */
const WORD = { seconds: 1, nanoseconds: 2, captured: 3, length: 4, status: 5, mac: 6 } as const;
const ADDRESS = 48;
const PROTOCOL = ADDRESS + 2;
const INTERFACE = ADDRESS + 4;
const HARDWARE_TYPE = ADDRESS + 8;
const PACKET_TYPE = ADDRESS + 10;
const ADDRESS_LENGTH = ADDRESS + 11;
const HARDWARE_ADDRESS = ADDRESS + 12;
const VLAN_VALID = 1 << 4;
const VLAN_TPID_VALID = 1 << 6;
const PACKET_OUTGOING = 4;
const VLAN_TAG = 0x8100;
const TAG_BYTES = 4;
const ADDRESSES_BYTES = 12;
const COOKED_BYTES = 20;
/** What is in a block that is not full comes within the kernel's time for it, 40 ms. */
const LAST_BLOCK_MS = 60;
/** How often an interface that is down is looked at. */
const LOOK_MS = 100;
/** And one that brings nothing more. */
const STOPPED_LOOK_MS = 10;
/** How long timers and signals may have to wait. */
const TURN_MS = 10;

export class LiveCapture implements Capture {
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  readonly #ring: PacketRing;
  readonly #wait: RingWait;
  readonly #options: LiveCaptureOptions;
  readonly #columns = new BatchColumns();
  readonly #marks: MarkReader | null;
  #read = 0;
  #stopped = false;
  #closed = false;
  #failure: string | null = null;

  constructor(options: LiveCaptureOptions) {
    const { netns, device, ifindex, promiscuous, filter, bytes, linkType, snapLength } = options;
    this.name = device;
    this.#options = options;
    this.#marks = options.marks ? new MarkReader() : null;
    this.interfaces = [
      { id: 0, name: device, description: null, linkType, snapLength, unitsPerSecond: 1_000_000_000n },
    ];
    this.#ring = new PacketRing(netns, { ifindex, promiscuous, filter, bytes, object: `interface ${device}` });
    this.#wait = new RingWait(this.#ring);
  }

  async *batches(): AsyncGenerator<PacketBatch, void, undefined> {
    let isDown = false;
    let full = 0;
    let last = Infinity;
    let turned = performance.now();
    try {
      while (!this.#closed) {
        const block = this.#ring.next();
        if (block !== undefined) {
          isDown = false;
          if (block.full) full++;
          this.#fill(block.at, block.packets);
          this.#read += this.#columns.count;
          this.#columns.marks = this.#marks?.read(this.#columns, () => this.#options.linkType) ?? null;
          if (this.#columns.count > 0) yield this.#columns;
          if (this.#closed) break;
          this.#ring.release();
          // While blocks come, nothing here waits: timers and signals would never have their turn.
          if (performance.now() - turned > TURN_MS) {
            await setImmediate();
            turned = performance.now();
          }
          continue;
        }
        if (this.#stopped && last === Infinity) last = performance.now() + LAST_BLOCK_MS;
        if (performance.now() >= last) break;
        if (this.#wait.hasFault()) isDown = true;
        if (isDown && this.#ring.isGone()) {
          this.#failure = `the interface ${this.name} disappeared`;
          break;
        }
        // It may come back, or go away: of that the socket tells nothing.
        await this.#wait.wait(full, this.#stopped ? STOPPED_LOOK_MS : isDown ? LOOK_MS : Infinity);
        full = 0;
        turned = performance.now();
      }
    } finally {
      this.#wait.close();
    }
  }

  packets(): AsyncIterable<CapturedFrame> {
    return decodedPackets(this.batches(), this.interfaces);
  }

  /** What came in so far stays to be read; then the batches end. */
  stop(): void {
    if (this.#stopped || this.#closed) return;
    this.#stopped = true;
    this.#ring.stop();
    this.#wait.wake();
  }

  /** Exact once the batches have ended: every packet that passed the filter was read, or is lost. */
  counts(): CaptureCounts {
    this.#ring.count();
    const { lost } = this.#ring;
    return { read: this.#read, lost, produced: this.#read + lost };
  }

  remark(): string | null {
    return this.#failure;
  }

  close(): void {
    if (this.#closed) return;
    this.#ring.count();
    this.#closed = true;
    this.#wait.close();
    this.#ring.close();
    this.#wait.wake();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The frames of a block as columns; what the kernel took off them, or what interfaces differ in, is put in front of them. */
  #fill(first: number, packets: number): void {
    const { words, bytes } = this.#ring;
    const { ifindex, loopback } = this.#options;
    const columns = this.#columns;
    columns.clear();
    columns.reserve(packets);
    columns.bytes = bytes;
    const { offset, captured, length, seconds, nanoseconds, direction } = columns;
    let count = 0;
    let at = first;
    for (let n = 0; n < packets; n++) {
      const frame = at >> 2;
      const leaves = bytes[at + PACKET_TYPE] === PACKET_OUTGOING;
      // Those of a loopback come in too, and were counted then.
      if (!(leaves && loopback)) {
        const status = words[frame + WORD.status]!;
        const extra = ifindex === 0 ? this.#cooked(at) : (status & VLAN_VALID) !== 0 ? this.#tagged(at, status) : 0;
        offset[count] = at + (words[frame + WORD.mac]! & 0xffff) - extra;
        captured[count] = words[frame + WORD.captured]! + extra;
        length[count] = words[frame + WORD.length]! + extra;
        seconds[count] = words[frame + WORD.seconds]!;
        nanoseconds[count] = words[frame + WORD.nanoseconds]!;
        direction[count] = leaves ? Direction.Out : Direction.In;
        count++;
      }
      at += words[frame]!;
    }
    columns.count = count;
  }

  /** The kernel took the VLAN tag off: it goes back between addresses and type. Returns by how much the frame grows. */
  #tagged(at: number, status: number): number {
    const { view, bytes } = this.#ring;
    const mac = at + view.getUint16(at + FRAME.mac, true);
    const tpid = (status & VLAN_TPID_VALID) === 0 ? VLAN_TAG : view.getUint16(at + FRAME.vlanTpid, true);
    bytes.copyWithin(mac - TAG_BYTES, mac, mac + ADDRESSES_BYTES);
    view.setUint16(mac - TAG_BYTES + ADDRESSES_BYTES, tpid);
    view.setUint16(mac - TAG_BYTES + ADDRESSES_BYTES + 2, view.getUint32(at + FRAME.vlanTci, true) & 0xffff);
    return TAG_BYTES;
  }

  /** Linux cooked, second version, in front of the network layer. */
  #cooked(at: number): number {
    const { view, bytes } = this.#ring;
    const header = at + view.getUint16(at + FRAME.mac, true) - COOKED_BYTES;
    view.setUint16(header, view.getUint16(at + PROTOCOL));
    view.setUint16(header + 2, 0);
    view.setUint32(header + 4, view.getInt32(at + INTERFACE, true));
    view.setUint16(header + 8, view.getUint16(at + HARDWARE_TYPE, true));
    bytes[header + 10] = bytes[at + PACKET_TYPE]!;
    bytes[header + 11] = bytes[at + ADDRESS_LENGTH]!;
    bytes.copyWithin(header + 12, at + HARDWARE_ADDRESS, at + HARDWARE_ADDRESS + 8);
    return COOKED_BYTES;
  }
}

/** Link types by Linux's ARPHRD numbers: what frames of an interface start with. */
export const linkTypeOf = (hardwareType: number): number | undefined => linkTypes[hardwareType];

const linkTypes: Readonly<Record<number, number>> = {
  1: LinkType.Ethernet,
  772: LinkType.Ethernet,
  768: LinkType.Raw,
  769: LinkType.Raw,
  776: LinkType.Raw,
  801: LinkType.Ieee80211,
  803: LinkType.Radiotap,
  65534: LinkType.Raw,
};

/**
 * Frames of an interface in memory that the kernel shares: TPACKET_V3, block by block. Source: packet_mmap.rst,
 * include/uapi/linux/if_packet.h.
 */
import { close, mmap, syscall, type Mapping } from "./ffi.ts";
import type { Netns } from "./netns.ts";
import {
  bindPacketSocket,
  ETH_P_ALL,
  LINK_ADDRESS_BYTES,
  openPacketSocket,
  PACKET_STATISTICS,
  PacketKind,
  setPacketOption,
  SOL_PACKET,
  SOL_SOCKET,
} from "./packet-family.ts";
import { attachSocketFilter } from "./socket-filter.ts";

export interface PacketRingOptions {
  /** 0: all interfaces, whose packets then come without their link-layer headers. */
  readonly ifindex: number;
  readonly promiscuous: boolean;
  /** Classic BPF: `struct sock_filter` after `struct sock_filter`; what it returns is how much of a packet is kept. */
  readonly filter: Uint8Array;
  /** Bytes that the kernel may fill before it loses packets: a multiple of {@link RING_BLOCK_BYTES}. */
  readonly bytes: number;
  /** For errors: `interface eth0`. */
  readonly object: string;
}

export const RING_BLOCK_BYTES = 1 << 18;
/** A block that is not full is handed over after so long. */
const RETIRE_MS = 40;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const PACKET_MR_PROMISC = 1;
const TPACKET_V3 = 2;
const SO_ERROR = 4;
/** `sll_ifindex` in `struct sockaddr_ll`, and what it becomes when the interface is unregistered. */
const INTERFACE_OFFSET = 4;
const NO_INTERFACE = -1;
const TP_STATUS_USER = 1;
const TP_STATUS_BLK_TMO = 1 << 5;
/**
 * Room in front of a frame for the VLAN tag that the kernel took off; so much that Ethernet's frames start at whole words, and
 * network layers do where frames come without their link-layer headers.
 */
const RESERVE_BYTES = { frames: 6, networkLayers: 8 } as const;

/** `struct tpacket_block_desc`, in words of 4 bytes. */
const BLOCK = { status: 2, packets: 3, first: 4 } as const;

/** Frames that the kernel has handed over, one behind the other. */
export interface RingBlock {
  /** Where the first of them is. */
  readonly at: number;
  readonly packets: number;
  /** It was handed over because the next frame did not fit, and not because it was time. */
  readonly full: boolean;
}

/** Needs CAP_NET_RAW. Close it. */
export class PacketRing {
  readonly fd: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Words of 4 bytes. */
  readonly words: Int32Array;
  readonly #mapping: Mapping;
  /** How many blocks it has. */
  readonly blocks: number;
  readonly #object: string;
  readonly #statistics = new Uint32Array(3);
  #block = 0;
  #closed = false;
  /** Since it was opened: frames that passed the filter, those lost for want of room among them. */
  received = 0;
  lost = 0;

  constructor(netns: Netns, { ifindex, promiscuous, filter, bytes, object }: PacketRingOptions) {
    this.#object = object;
    this.blocks = bytes / RING_BLOCK_BYTES;
    this.fd = openPacketSocket(netns, ifindex === 0 ? PacketKind.datagram : PacketKind.raw, object);
    try {
      setPacketOption(this.fd, SOL_PACKET, PACKET_VERSION, TPACKET_V3, object);
      const reserve = ifindex === 0 ? RESERVE_BYTES.networkLayers : RESERVE_BYTES.frames;
      setPacketOption(this.fd, SOL_PACKET, PACKET_RESERVE, reserve, object);
      attachSocketFilter(this.fd, filter, object);
      // struct tpacket_req3: block size and count, frame size and count (of no meaning here), time, private bytes, features.
      const request = Uint32Array.of(RING_BLOCK_BYTES, this.blocks, 2048, bytes / 2048, RETIRE_MS, 0, 0);
      syscall("setsockopt", object, this.fd, SOL_PACKET, PACKET_RX_RING, request, request.byteLength);
      this.#mapping = mmap(this.fd, bytes, { write: true, object });
      this.bytes = new Uint8Array(this.#mapping.buffer);
      this.view = new DataView(this.#mapping.buffer);
      this.words = new Int32Array(this.#mapping.buffer);
      if (promiscuous && ifindex !== 0) {
        // struct packet_mreq: interface i32, type u16, address length u16, address.
        const membership = new DataView(new ArrayBuffer(16));
        membership.setInt32(0, ifindex, true);
        membership.setUint16(4, PACKET_MR_PROMISC, true);
        syscall("setsockopt", object, this.fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership, 16);
      }
      bindPacketSocket(this.fd, ETH_P_ALL, ifindex, object);
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** The next block; undefined when none is ready. */
  next(): RingBlock | undefined {
    const start = this.#block * RING_BLOCK_BYTES;
    const { words } = this;
    const status = Atomics.load(words, start / 4 + BLOCK.status);
    if ((status & TP_STATUS_USER) === 0) return undefined;
    return {
      at: start + words[start / 4 + BLOCK.first]!,
      packets: words[start / 4 + BLOCK.packets]!,
      full: (status & TP_STATUS_BLK_TMO) === 0,
    };
  }

  /** Gives the block back: the frames in it are the kernel's again. */
  release(): void {
    Atomics.store(this.words, (this.#block * RING_BLOCK_BYTES) / 4 + BLOCK.status, 0);
    this.#block = (this.#block + 1) % this.blocks;
  }

  /** From now on nothing comes in; what is in a block that is not full is handed over within {@link RETIRE_MS}. */
  stop(): void {
    bindPacketSocket(this.fd, 0, 0, this.#object);
  }

  /** Brings `received` and `lost` up to date: the kernel counts from one look to the next. */
  count(): void {
    if (this.#closed) return;
    const size = Int32Array.of(12);
    syscall("getsockopt", this.#object, this.fd, SOL_PACKET, PACKET_STATISTICS, this.#statistics, size);
    this.received += this.#statistics[0]!;
    this.lost += this.#statistics[1]!;
  }

  /** Whether the interface went down or away since the last look: the descriptor was then said to be readable, once. */
  hasFault(): boolean {
    const error = new Int32Array(1);
    syscall("getsockopt", this.#object, this.fd, SOL_SOCKET, SO_ERROR, error, Int32Array.of(4));
    return error[0] !== 0;
  }

  /** Whether the interface that it was opened for is there no longer. */
  isGone(): boolean {
    const address = new DataView(new ArrayBuffer(LINK_ADDRESS_BYTES));
    syscall("getsockname", this.#object, this.fd, address, Int32Array.of(LINK_ADDRESS_BYTES));
    return address.getInt32(INTERFACE_OFFSET, true) === NO_INTERFACE;
  }

  /** Twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mapping.unmap();
    close(this.fd);
  }
}

/** Frames in and out of an interface, as they are: AF_PACKET. */
import { close, Errno, rawSyscall, syscall, syscallError } from "./ffi.ts";
import type { Netns } from "./netns.ts";
import {
  bindPacketSocket,
  ETH_P_IPV6,
  openPacketSocket,
  PACKET_STATISTICS,
  PACKET_VNET_HDR,
  PacketKind,
  setPacketOption,
  SO_MARK,
  SO_RCVBUFFORCE,
  SO_SNDBUFFORCE,
  SOL_PACKET,
  SOL_SOCKET,
} from "./packet-family.ts";
import { syscallNumber } from "./syscall-numbers.ts";

const MSG_TRUNC = 0x20;
const POLLIN = 1;

export interface PacketSocketOptions {
  /** EtherType of the frames to receive, all those that come in; 0 receives none. Default: IPv6. */
  readonly protocol?: number;
  /** Lets `send` say how much of a frame shall be linear. */
  readonly virtioHeader?: boolean;
  /** The mark of packets that are sent (SO_MARK). */
  readonly mark?: number;
}

/** One socket bound to one interface. Close it. */
export class PacketSocket {
  readonly fd: number;
  readonly #buffer = new Uint8Array(1 << 17);
  readonly #virtioHeader: boolean;

  constructor(
    netns: Netns,
    ifindex: number,
    { protocol = ETH_P_IPV6, virtioHeader = false, mark }: PacketSocketOptions = {},
  ) {
    const object = `interface ${ifindex}`;
    this.#virtioHeader = virtioHeader;
    this.fd = openPacketSocket(netns, PacketKind.raw, object);
    try {
      if (virtioHeader) setPacketOption(this.fd, SOL_PACKET, PACKET_VNET_HDR, 1, object);
      setPacketOption(this.fd, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26, object);
      setPacketOption(this.fd, SOL_SOCKET, SO_SNDBUFFORCE, 1 << 26, object);
      if (mark !== undefined) setPacketOption(this.fd, SOL_SOCKET, SO_MARK, mark, object);
      bindPacketSocket(this.fd, protocol, ifindex, object);
    } catch (error) {
      close(this.fd);
      throw error;
    }
  }

  /** Of a frame longer than a page, only the first `linear` bytes lie in one piece. */
  send(frame: Uint8Array, linear = 0): void {
    let bytes = frame;
    if (this.#virtioHeader) {
      // struct virtio_net_hdr: flags, kind of segmentation, bytes of headers; the rest is for segmentation and checksums
      bytes = new Uint8Array(10 + frame.length);
      new DataView(bytes.buffer).setUint16(2, linear, true);
      bytes.set(frame, 10);
    }
    syscall("sendto", `frame of ${frame.length} bytes`, this.fd, bytes, bytes.length, 0, null, 0);
  }

  /**
   * Sends a frame behind its `struct virtio_net_hdr` (10 bytes), for sockets with `virtioHeader`. False when there is no room
   * for it now.
   */
  sendPrepared(bytes: Uint8Array): boolean {
    const result = rawSyscall(syscallNumber("sendto"), this.fd, bytes, bytes.length, 0, null, 0);
    if (result >= 0) return true;
    if (result === -Errno.EAGAIN || result === -Errno.ENOBUFS) return false;
    throw syscallError("sendto", result, `frame of ${bytes.length - 10} bytes`);
  }

  /** The next frame that came in; null when there is none now. */
  receive(): Uint8Array | null {
    const flags = MSG_TRUNC;
    const length = rawSyscall(syscallNumber("recvfrom"), this.fd, this.#buffer, this.#buffer.length, flags, null, null);
    if (length === -Errno.EAGAIN) return null;
    if (length < 0 || length > this.#buffer.length) throw new Error(`recvfrom: ${length}`);
    return this.#buffer.slice(0, length);
  }

  /** The next frame, waited for; null when none comes in time. */
  next(timeoutMs: number): Uint8Array | null {
    const frame = this.receive();
    if (frame !== null) return frame;
    const poll = new DataView(new ArrayBuffer(8));
    poll.setInt32(0, this.fd, true);
    poll.setInt16(4, POLLIN, true);
    const time = BigInt64Array.of(BigInt(Math.floor(timeoutMs / 1000)), BigInt(timeoutMs % 1000) * 1_000_000n);
    syscall("ppoll", "AF_PACKET", poll, 1, time, null, 0);
    return this.receive();
  }

  /** Frames that the socket's buffer had no room for, since the last call. */
  lost(): number {
    const statistics = new Uint32Array(2);
    syscall("getsockopt", "AF_PACKET", this.fd, SOL_PACKET, PACKET_STATISTICS, statistics, Int32Array.of(8));
    return statistics[1] ?? 0;
  }

  close(): void {
    close(this.fd);
  }
}

/** Single fields of packets as columns of text, by the names that tshark gives them. */
import { ConfigError } from "../../errors.ts";
import { EtherType, IpProtocol, LinkType } from "../../wire/numbers.ts";
import { putDigits, putNumber, type LineWriter } from "../../wire/line/line-writer.ts";
import { putIpv4, putIpv6, putMac } from "../../wire/line/put-address.ts";
import { NetworkLayer } from "../../wire/packet/network-layer.ts";
import type { FouPorts } from "../../wire/packet/protocol.ts";
import type { PacketBatch } from "./batch.ts";
import type { CaptureInterface } from "./capture.ts";

/** Headers by their place in a table: numbers, so that finding one is no search by its name. */
const Header = { ethernet: 0, ipv4: 1, ipv6: 2, tcp: 3, udp: 4, icmp: 5, icmpv6: 6 } as const;
const HEADERS = 7;

/**
 * Where the headers of a packet start: its outermost ones, and within UDP that carries IP (FOU) those that there are none of
 * outside; -1 where it has none, or is cut before their fixed part ends.
 */
class Places {
  /** By {@link Header}. */
  readonly at = new Int32Array(HEADERS);
  /** Where the transport's contents end on the wire. */
  end = 0;
  readonly #layer = new NetworkLayer();
  readonly #fou: FouPorts | undefined;

  constructor(fou: FouPorts | undefined) {
    this.#fou = fou;
  }

  find(bytes: Uint8Array, start: number, end: number, linkType: number): void {
    for (let header = 0; header < HEADERS; header++) this.at[header] = -1;
    if (linkType === LinkType.Ethernet && start + 14 <= end) this.at[Header.ethernet] = start;
    const layer = this.#layer;
    if (layer.find(bytes, start, end, linkType)) this.#network(bytes, layer.offset, end, layer.etherType);
  }

  #network(bytes: Uint8Array, at: number, end: number, etherType: number): void {
    if (etherType === EtherType.Ipv4 && at + 20 <= end && bytes[at]! >> 4 === 4) {
      this.#found(Header.ipv4, at);
      this.end = at + word(bytes, at + 2);
      if ((word(bytes, at + 6) & 0x1fff) === 0)
        this.#transport(bytes, at + (bytes[at]! & 0x0f) * 4, end, bytes[at + 9]!);
    } else if (etherType === EtherType.Ipv6 && at + 40 <= end && bytes[at]! >> 4 === 6) {
      this.#found(Header.ipv6, at);
      this.end = at + 40 + word(bytes, at + 4);
      this.#behindExtensions(bytes, at + 40, end, bytes[at + 6]!);
    }
  }

  #behindExtensions(bytes: Uint8Array, from: number, end: number, protocol: number): void {
    let [at, next] = [from, protocol];
    while (next === IpProtocol.HopByHop || next === IpProtocol.DestinationOptions || next === IpProtocol.Routing) {
      if (at + 8 > end) return;
      next = bytes[at]!;
      at += (bytes[at + 1]! + 1) * 8;
    }
    this.#transport(bytes, at, end, next);
  }

  #transport(bytes: Uint8Array, at: number, end: number, protocol: number): void {
    if (protocol === IpProtocol.Tcp && at + 20 <= end) this.#found(Header.tcp, at);
    else if (protocol === IpProtocol.Udp && at + 8 <= end) {
      this.#found(Header.udp, at);
      const inner = this.#fou?.get(word(bytes, at + 2));
      if (inner !== undefined && at + 8 < end) this.#within(bytes, at + 8, end, inner);
    } else if (protocol === IpProtocol.Icmp && at + 4 <= end) this.#found(Header.icmp, at);
    else if (protocol === IpProtocol.Icmpv6 && at + 4 <= end) this.#found(Header.icmpv6, at);
  }

  /** What UDP carries without a header between. */
  #within(bytes: Uint8Array, at: number, end: number, protocol: number): void {
    if (protocol !== IpProtocol.Gre) {
      this.#network(bytes, at, end, bytes[at]! >> 4 === 6 ? EtherType.Ipv6 : EtherType.Ipv4);
      return;
    }
    const flags = bytes[at]! >> 4;
    // RFC 2784 and 2890: checksum, key and sequence number, four bytes each.
    const length = 4 + 4 * ((flags >> 3) + ((flags >> 1) & 1) + (flags & 1));
    if (at + length < end) this.#network(bytes, at + length, end, word(bytes, at + 2));
  }

  #found(header: number, at: number): void {
    if (this.at[header]! < 0) this.at[header] = at;
  }
}

/** Writes a field at `at`, of the header at `place`; returns where it ends. */
type Put = (to: Uint8Array, at: number, bytes: Uint8Array, place: number, places: Places) => number;

const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const long = (bytes: Uint8Array, at: number): number => word(bytes, at) * 0x10000 + word(bytes, at + 2);

const number8 =
  (offset: number): Put =>
  (to, at, bytes, place) =>
    putNumber(to, at, bytes[place + offset]!);
const number16 =
  (offset: number): Put =>
  (to, at, bytes, place) =>
    putNumber(to, at, word(bytes, place + offset));
const number32 =
  (offset: number): Put =>
  (to, at, bytes, place) =>
    putNumber(to, at, long(bytes, place + offset));
const address =
  (put: typeof putMac, offset: number): Put =>
  (to, at, bytes, place) =>
    put(to, at, bytes, place + offset);
const HEX = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const hex16 =
  (offset: number, mask = 0xffff): Put =>
  (to, at, bytes, place) => {
    const value = word(bytes, place + offset) & mask;
    to[at] = 0x30;
    to[at + 1] = 0x78;
    for (let digit = 0; digit < 4; digit++) to[at + 2 + digit] = HEX[(value >> (12 - digit * 4)) & 0x0f]!;
    return at + 6;
  };
const tcpLength: Put = (to, at, bytes, place, { end }) =>
  putNumber(to, at, Math.max(0, end - place - (bytes[place + 12]! >> 4) * 4));

/** One column: of a header, or of the packet in the capture. */
interface Column {
  /** Of {@link Header}; -1 when it is of none. */
  readonly header: number;
  readonly put: Put;
  readonly frame: FramePut | null;
}

type FramePut = (to: Uint8Array, at: number, batch: PacketBatch, n: number, number: number) => number;

const nothing: Put = (_to, at) => at;

const columnOf = (name: string): Column => {
  const [header, put] = ofHeaders[name] ?? [null, nothing];
  return { header: header === null ? -1 : Header[header], put, frame: ofFrames[name] ?? null };
};

const ofHeaders: Readonly<Record<string, readonly [keyof typeof Header, Put]>> = {
  "eth.src": ["ethernet", address(putMac, 6)],
  "eth.dst": ["ethernet", address(putMac, 0)],
  "eth.type": ["ethernet", hex16(12)],
  "ip.src": ["ipv4", address(putIpv4, 12)],
  "ip.dst": ["ipv4", address(putIpv4, 16)],
  "ip.ttl": ["ipv4", number8(8)],
  "ip.proto": ["ipv4", number8(9)],
  "ip.len": ["ipv4", number16(2)],
  "ip.id": ["ipv4", hex16(4)],
  "ipv6.src": ["ipv6", address(putIpv6, 8)],
  "ipv6.dst": ["ipv6", address(putIpv6, 24)],
  "ipv6.nxt": ["ipv6", number8(6)],
  "ipv6.hlim": ["ipv6", number8(7)],
  "ipv6.plen": ["ipv6", number16(4)],
  "tcp.srcport": ["tcp", number16(0)],
  "tcp.dstport": ["tcp", number16(2)],
  "tcp.seq_raw": ["tcp", number32(4)],
  "tcp.ack_raw": ["tcp", number32(8)],
  "tcp.flags": ["tcp", hex16(12, 0x0fff)],
  "tcp.window_size_value": ["tcp", number16(14)],
  "tcp.len": ["tcp", tcpLength],
  "udp.srcport": ["udp", number16(0)],
  "udp.dstport": ["udp", number16(2)],
  "udp.length": ["udp", number16(4)],
  "icmp.type": ["icmp", number8(0)],
  "icmp.code": ["icmp", number8(1)],
  "icmpv6.type": ["icmpv6", number8(0)],
  "icmpv6.code": ["icmpv6", number8(1)],
};

/** Of the packet in the capture. */
const ofFrames: Readonly<Record<string, FramePut>> = {
  "frame.number": (to, at, _batch, _n, number) => putNumber(to, at, number),
  "frame.len": (to, at, batch, n) => putNumber(to, at, batch.length[n]!),
  "frame.cap_len": (to, at, batch, n) => putNumber(to, at, batch.captured[n]!),
  "frame.time_epoch": (to, at, batch, n) => {
    const place = putNumber(to, at, batch.seconds[n]!);
    to[place] = 0x2e;
    return putDigits(to, place + 1, batch.nanoseconds[n]!, 9);
  },
};

/** All that can be asked for. */
export const packetFieldNames: readonly string[] = [...Object.keys(ofFrames), ...Object.keys(ofHeaders)];

const FIELD_BYTES = 48;
const TAB = 0x09;
const NEWLINE = 0x0a;

/** Packets to lines of values, parted by tabs; nothing stands where a packet has no such field. */
export class PacketFields {
  readonly #writer: LineWriter;
  readonly #interfaces: readonly CaptureInterface[];
  readonly #columns: readonly Column[];
  readonly #places: Places;
  #number = 0;

  /** `fou`: UDP ports whose packets carry IP. ConfigError for a name that is no field's. */
  constructor(writer: LineWriter, interfaces: readonly CaptureInterface[], names: readonly string[], fou?: FouPorts) {
    const unknown = names.find((name) => !packetFieldNames.includes(name));
    if (unknown !== undefined) {
      throw new ConfigError(`dump: there is no field ${unknown}`, {
        hint: `fields are ${packetFieldNames.join(", ")}`,
      });
    }
    this.#writer = writer;
    this.#interfaces = interfaces;
    this.#columns = names.map(columnOf);
    this.#places = new Places(fou);
  }

  add(batch: PacketBatch, n: number): void {
    const writer = this.#writer;
    const places = this.#places;
    const { bytes } = batch;
    const start = batch.offset[n]!;
    places.find(bytes, start, start + batch.captured[n]!, this.#interfaces[batch.interfaceId[n]!]!.linkType);
    this.#number++;
    writer.reserve(this.#columns.length * FIELD_BYTES + 1);
    const to = writer.bytes;
    let at = writer.at;
    for (let index = 0; index < this.#columns.length; index++) {
      const { header, put, frame } = this.#columns[index]!;
      if (index > 0) to[at++] = TAB;
      if (frame !== null) at = frame(to, at, batch, n, this.#number);
      else {
        const place = places.at[header]!;
        if (place >= 0) at = put(to, at, bytes, place, places);
      }
    }
    to[at] = NEWLINE;
    writer.at = at + 1;
  }
}

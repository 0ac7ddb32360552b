/** What following marks needs of a packet, read where it lies. */
import { EtherType, IpProtocol, LinkType } from "../../wire/numbers.ts";
import { NetworkLayer } from "../../wire/packet/network-layer.ts";
import { Ipv4OptionType } from "../../wire/protocols/ipv4-options.ts";

const IPV4_BYTES = 20;
const OPTION_BYTES = 12;
const SYN_OR_FIN = 3;
/** Sequence numbers are exact up to here. */
const HIGHEST_WORD = 1 << 21;

/** A place to be filled again and again. */
export class MarkedPacket {
  cpu = 0;
  seq = 0;
  /** Source address, destination address, ports, protocol. Ports are 0 where there are none, as in all but the first fragment. */
  readonly flow = new Int32Array(4);
  /** Source MAC address: its upper 16 and lower 32 bits; 0 where the link has none. */
  macHigh = 0;
  macLow = 0;
  /** Of the IP packet, bytes. */
  length = 0;
  /** In units of 8 bytes. */
  fragmentOffset = 0;
  moreFragments = false;
  /** IP's identification. */
  ipId = 0;
  /** Bytes after the IP header. */
  payloadBytes = 0;
  tcpSeq = 0;
  /** Sequence numbers that a TCP segment takes; 0: it takes none, or is no TCP segment's start. */
  tcpLength = 0;
  isSyn = false;
  readonly #layer = new NetworkLayer();

  /** Reads the frame from `start` to `end`; false when it has no mark. */
  read(bytes: Uint8Array, start: number, end: number, linkType: number): boolean {
    const layer = this.#layer;
    if (!layer.find(bytes, start, end, linkType) || layer.etherType !== EtherType.Ipv4) return false;
    const ip = layer.offset;
    if (ip + IPV4_BYTES > end || bytes[ip]! >> 4 !== 4) return false;
    const header = (bytes[ip]! & 15) * 4;
    const mark = markAt(bytes, ip + IPV4_BYTES, Math.min(end, ip + header));
    if (mark < 0) return false;
    const high = littleAt(bytes, mark + 8);
    if (high >= HIGHEST_WORD) return false;
    this.cpu = bytes[mark + 3]!;
    this.seq = high * 2 ** 32 + littleAt(bytes, mark + 4);
    const isEthernet = linkType === LinkType.Ethernet;
    this.macHigh = isEthernet ? shortAt(bytes, start + 6) : 0;
    this.macLow = isEthernet ? wordAt(bytes, start + 8) : 0;
    this.length = shortAt(bytes, ip + 2);
    this.payloadBytes = this.length - header;
    this.ipId = shortAt(bytes, ip + 4);
    const fragment = shortAt(bytes, ip + 6);
    this.fragmentOffset = fragment & 0x1fff;
    this.moreFragments = (fragment & 0x2000) !== 0;
    this.flow[0] = wordAt(bytes, ip + 12);
    this.flow[1] = wordAt(bytes, ip + 16);
    this.flow[2] = 0;
    this.flow[3] = bytes[ip + 9]!;
    this.tcpLength = 0;
    this.isSyn = false;
    if (this.fragmentOffset === 0) this.#readTransport(bytes, ip + header, end);
    return true;
  }

  #readTransport(bytes: Uint8Array, at: number, end: number): void {
    const protocol = this.flow[3];
    if (at + 4 > end || (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp)) return;
    this.flow[2] = wordAt(bytes, at);
    if (protocol !== IpProtocol.Tcp || at + 14 > end) return;
    this.tcpSeq = wordAt(bytes, at + 4) >>> 0;
    const flags = bytes[at + 13]! & SYN_OR_FIN;
    const data = this.payloadBytes - (bytes[at + 12]! >> 4) * 4;
    this.tcpLength = Math.max(0, data) + (flags & 1) + (flags >> 1);
    this.isSyn = (flags & 2) !== 0;
  }
}

/** Where the mark starts among the options; -1 without one. */
const markAt = (bytes: Uint8Array, start: number, end: number): number => {
  for (let at = start; at + OPTION_BYTES <= end;) {
    const type = bytes[at]!;
    if (type === Ipv4OptionType.EndOfList) return -1;
    if (type === Ipv4OptionType.NoOperation) {
      at++;
      continue;
    }
    const length = bytes[at + 1]!;
    if (type === Ipv4OptionType.Pval && length === OPTION_BYTES) return at;
    if (length < 2) return -1;
    at += length;
  }
  return -1;
};

const shortAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;

const littleAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

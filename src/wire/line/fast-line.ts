/**
 * The lines that make up nearly all of a capture (TCP, UDP and pings over IPv4 and IPv6, tagged or not), from the packet's
 * bytes to the line's without a string or an object between. What is in any way unusual is left to `formatPacket`, which
 * prints the same (`fast-line.test.ts`).
 */
import { EtherType, IpProtocol, LinkType } from "../numbers.ts";
import { NetworkLayer } from "../packet/network-layer.ts";
import type { Protocol } from "../packet/protocol.ts";
import { numbersIn, protocolFor } from "../packet/registry.ts";
import { tcpFlagTexts } from "../protocols/tcp.ts";
import { LinuxCooked } from "../protocols/linux-cooked.ts";
import { fastTcpOptions, putTcpOptions } from "./fast-tcp-options.ts";
import { putNumber, type LineWriter } from "./line-writer.ts";
import { putIpv4, putIpv6 } from "./put-address.ts";
import type { TcpConversations } from "./tcp-conversations.ts";

/** More than the longest of these lines. */
const LINE_BYTES = 512;
const DOT = 0x2e;
const PRINTED_UDP = 1;
const PRINTED_TCP = 2;

/** Whether it adds to a line that shows no more than lines here do. */
const prints = (protocol: Protocol | undefined): boolean => protocol !== undefined && protocol.onlyVerbose !== true;

export class FastLine {
  readonly #layer = new NetworkLayer();
  readonly #conversations: TcpConversations | null;
  /** For ports whose contents have a printer: 1 over UDP, 2 over TCP. */
  readonly #printedPorts = new Uint8Array(1 << 16);

  /** Without `conversations` TCP's sequence numbers are printed as they are. UDP to the ports of `tunnels` is left to others. */
  constructor(conversations: TcpConversations | null, tunnels: Iterable<number> = []) {
    this.#conversations = conversations;
    for (const port of numbersIn("udpPort")) this.#printedPorts[port]! |= PRINTED_UDP;
    for (const port of numbersIn("tcpPort"))
      if (prints(protocolFor("tcpPort", port))) this.#printedPorts[port]! |= PRINTED_TCP;
    for (const port of tunnels) this.#printedPorts[port]! |= PRINTED_UDP;
  }

  /** Appends the line of the packet from `start` to `end`, without its end; false, with nothing written, where it is unusual. */
  write(
    writer: LineWriter,
    bytes: Uint8Array,
    start: number,
    end: number,
    wireLength: number,
    linkType: number,
  ): boolean {
    const layer = this.#layer;
    // The second version says its interface in every line, the first what VLAN tags are before.
    if (linkType === LinkType.LinuxCooked2 || !layer.find(bytes, start, end, linkType)) return false;
    if (linkType === LinkType.LinuxCooked && layer.offset !== start + LinuxCooked.size) return false;
    if (layer.etherType === EtherType.Ipv4) return this.#ipv4(writer, bytes, layer.offset, end, start + wireLength);
    return layer.etherType === EtherType.Ipv6 && this.#ipv6(writer, bytes, layer.offset, end, start + wireLength);
  }

  #ipv4(writer: LineWriter, bytes: Uint8Array, ip: number, end: number, wireEnd: number): boolean {
    if (ip + 20 > end || bytes[ip]! >> 4 !== 4) return false;
    const headerLength = (bytes[ip]! & 0x0f) * 4;
    const ipEnd = ip + word(bytes, ip + 2);
    // Cut, longer than the frame, of length 0, or a fragment.
    if (headerLength < 20 || ipEnd > wireEnd || ipEnd < ip + headerLength || (word(bytes, ip + 6) & 0x3fff) !== 0)
      return false;
    const at = ip + headerLength;
    const protocol = bytes[ip + 9]!;
    const here = ipEnd < end ? ipEnd : end;
    if (protocol === IpProtocol.Tcp) return this.#tcp(writer, bytes, at, here, ipEnd, ip + 12, 4);
    if (protocol === IpProtocol.Udp) return this.#udp(writer, bytes, at, here, ipEnd, ip + 12, 4);
    if (protocol !== IpProtocol.Icmp || at + 8 > here || (bytes[at] !== 8 && bytes[at] !== 0)) return false;
    const place = this.#addresses(writer, bytes, ip + 12, 4);
    writer.at = putEcho(writer.bytes, putAscii(writer.bytes, place, ICMP), bytes, at, bytes[at] === 8, ipEnd - at);
    return true;
  }

  #ipv6(writer: LineWriter, bytes: Uint8Array, ip: number, end: number, wireEnd: number): boolean {
    if (ip + 40 > end || bytes[ip]! >> 4 !== 6) return false;
    const at = ip + 40;
    const length = word(bytes, ip + 4);
    const ipEnd = at + length;
    if (length === 0 || ipEnd > wireEnd) return false;
    const protocol = bytes[ip + 6]!;
    const here = ipEnd < end ? ipEnd : end;
    if (protocol === IpProtocol.Tcp) return this.#tcp(writer, bytes, at, here, ipEnd, ip + 8, 16);
    if (protocol === IpProtocol.Udp) return this.#udp(writer, bytes, at, here, ipEnd, ip + 8, 16);
    if (protocol !== IpProtocol.Icmpv6 || at + 8 > here || (bytes[at] !== 128 && bytes[at] !== 129)) return false;
    const place = this.#addresses(writer, bytes, ip + 8, 16);
    writer.at = putEcho(writer.bytes, putAscii(writer.bytes, place, ICMP6), bytes, at, bytes[at] === 128, ipEnd - at);
    return true;
  }

  #udp(
    writer: LineWriter,
    bytes: Uint8Array,
    at: number,
    end: number,
    wireEnd: number,
    source: number,
    size: 4 | 16,
  ): boolean {
    if (at + 8 > end) return false;
    const length = word(bytes, at + 4);
    if (
      length < 8 ||
      at + length > wireEnd ||
      ((this.#printedPorts[word(bytes, at)]! | this.#printedPorts[word(bytes, at + 2)]!) & PRINTED_UDP) !== 0
    )
      return false;
    const to = this.#endpoints(writer, bytes, at, source, size);
    writer.at = putNumber(writer.bytes, putAscii(writer.bytes, to, UDP), length - 8);
    return true;
  }

  #tcp(
    writer: LineWriter,
    bytes: Uint8Array,
    at: number,
    end: number,
    wireEnd: number,
    source: number,
    size: 4 | 16,
  ): boolean {
    if (at + 20 > end) return false;
    const headerLength = (bytes[at + 12]! >> 4) * 4;
    const contents = at + headerLength;
    if (headerLength < 20 || contents > end || !fastTcpOptions(bytes, at + 20, contents)) return false;
    if (
      contents < end &&
      ((this.#printedPorts[word(bytes, at)]! | this.#printedPorts[word(bytes, at + 2)]!) & PRINTED_TCP) !== 0
    )
      return false;
    const flags = bytes[at + 13]!;
    let sequence = long(bytes, at + 4);
    let acknowledgment = long(bytes, at + 8);
    const conversations = this.#conversations;
    if ((flags & ACK) !== 0 && conversations !== null) {
      conversations.follow(
        bytes,
        source,
        size,
        word(bytes, at),
        word(bytes, at + 2),
        sequence,
        acknowledgment,
        (flags & SYN) !== 0,
      );
      sequence = conversations.sequence;
      acknowledgment = conversations.acknowledgment;
    }
    let place = this.#endpoints(writer, bytes, at, source, size);
    const to = writer.bytes;
    place = putAscii(to, place, FLAGS);
    place = putAscii(to, place, flagTexts[flags]!);
    const payload = wireEnd - contents;
    if (payload > 0 || (flags & (FIN | SYN | RST)) !== 0) {
      place = putNumber(to, putAscii(to, place, SEQ), sequence);
      if (payload > 0) {
        to[place++] = COLON;
        place = putNumber(to, place, (sequence + payload) >>> 0);
      }
    }
    if ((flags & ACK) !== 0) place = putNumber(to, putAscii(to, place, ACKNOWLEDGES), acknowledgment);
    place = putNumber(to, putAscii(to, place, WIN), word(bytes, at + 14));
    if ((flags & URG) !== 0) place = putNumber(to, putAscii(to, place, URGENT), word(bytes, at + 18));
    if (headerLength > 20) place = putTcpOptions(to, place, bytes, at + 20, contents);
    writer.at = putNumber(to, putAscii(to, place, LENGTH), payload);
    return true;
  }

  /** `IP 10.0.0.2.5000 > 10.0.0.3.80: `; returns where it ends. */
  #endpoints(writer: LineWriter, bytes: Uint8Array, at: number, source: number, size: 4 | 16): number {
    writer.reserve(LINE_BYTES);
    const to = writer.bytes;
    let place = this.#address(to, putAscii(to, writer.at, size === 4 ? IP : IP6), bytes, source, size);
    to[place++] = DOT;
    place = putAscii(to, putNumber(to, place, word(bytes, at)), TO);
    place = this.#address(to, place, bytes, source + size, size);
    to[place++] = DOT;
    return putAscii(to, putNumber(to, place, word(bytes, at + 2)), ENDS);
  }

  /** The same without ports. */
  #addresses(writer: LineWriter, bytes: Uint8Array, source: number, size: 4 | 16): number {
    writer.reserve(LINE_BYTES);
    const to = writer.bytes;
    const place = this.#address(to, putAscii(to, writer.at, size === 4 ? IP : IP6), bytes, source, size);
    return putAscii(to, this.#address(to, putAscii(to, place, TO), bytes, source + size, size), ENDS);
  }

  #address(to: Uint8Array, at: number, bytes: Uint8Array, offset: number, size: 4 | 16): number {
    return size === 4 ? putIpv4(to, at, bytes, offset) : putIpv6(to, at, bytes, offset);
  }
}

/** `echo request, id 1, seq 2, length 64` */
const putEcho = (
  to: Uint8Array,
  start: number,
  bytes: Uint8Array,
  at: number,
  request: boolean,
  length: number,
): number => {
  let place = putAscii(to, start, request ? ECHO_REQUEST : ECHO_REPLY);
  place = putNumber(to, place, word(bytes, at + 4));
  place = putNumber(to, putAscii(to, place, SEQ), word(bytes, at + 6));
  return putNumber(to, putAscii(to, place, LENGTH), length);
};

const putAscii = (to: Uint8Array, at: number, text: Uint8Array): number => {
  const { length } = text;
  for (let index = 0; index < length; index++) to[at + index] = text[index]!;
  return at + length;
};

const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const long = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const [FIN, SYN, RST, ACK, URG] = [0x01, 0x02, 0x04, 0x10, 0x20] as const;
const COLON = 0x3a;
const IP = ascii("IP ");
const IP6 = ascii("IP6 ");
const TO = ascii(" > ");
const ENDS = ascii(": ");
const UDP = ascii("UDP, length ");
const ICMP = ascii("ICMP ");
const ICMP6 = ascii("ICMP6, ");
const ECHO_REQUEST = ascii("echo request, id ");
const ECHO_REPLY = ascii("echo reply, id ");
const FLAGS = ascii("Flags [");
const SEQ = ascii(", seq ");
const ACKNOWLEDGES = ascii(", ack ");
const WIN = ascii(", win ");
const URGENT = ascii(", urg ");
const LENGTH = ascii(", length ");

const flagTexts = tcpFlagTexts.map((text) => ascii(`${text}]`));

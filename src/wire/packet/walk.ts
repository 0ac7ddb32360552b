/** Finds where the layers of a packet lie. Allocates nothing once its pool of spans has grown. */
import { IpProtocol, LinkType } from "../numbers.ts";
import { isRawIp } from "./network-layer.ts";
import {
  FOU_IP,
  malformed,
  Step,
  truncated,
  type FouPorts,
  type PacketSpans,
  type Protocol,
  type Span,
  type Unread,
} from "./protocol.ts";
import { payload, protocolFor, trailer } from "./registry.ts";

/** More headers than any sane packet has. What lies behind that many is payload. */
export const maxLayers = 32;

/** What the bytes of a packet do not say of it. */
export interface WalkOptions {
  /** One of `LinkType`; Ethernet when left out. */
  readonly linkType?: number;
  /** Bytes the packet had on the wire, where only its front was captured. */
  readonly wireLength?: number;
  /** UDP ports that carry IP protocols: nothing in their packets says so. */
  readonly fou?: FouPorts | undefined;
}

/** A reusable walk: each {@link walk} overwrites what the last one found. */
export class PacketWalk implements PacketSpans {
  bytes: Uint8Array = new Uint8Array(0);
  readonly spans: Span[] = [];
  count = 0;
  truncated: string | null = null;
  malformed: string | null = null;
  unread: Unread | null = null;
  readonly #unread: Unread = { protocol: payload, fault: truncated, offset: 0, end: 0, wireEnd: 0 };
  readonly #step = new Step();

  walk(bytes: Uint8Array, options: WalkOptions = {}): this {
    this.bytes = bytes;
    this.count = 0;
    this.truncated = null;
    this.malformed = null;
    this.unread = null;
    const step = this.#step;
    let offset = 0;
    let end = bytes.length;
    let wireEnd = options.wireLength ?? bytes.length;
    let depth = 0;
    let quoted = false;
    let trailers = 0;
    let protocol = protocolFor("linkType", linkTypeOf(options.linkType ?? LinkType.Ethernet, bytes));
    while (protocol !== undefined && this.count < maxLayers) {
      step.reset(end, wireEnd);
      const length = protocol.measure(bytes, offset, end, step);
      if (length <= 0) {
        if (length === truncated || length === malformed)
          this.unread = Object.assign(this.#unread, { protocol, fault: length, offset, end, wireEnd });
        // A quotation may be cut anywhere.
        if (length === truncated && !quoted) this.truncated = protocol.abbreviation;
        if (length === malformed && !quoted) this.malformed = protocol.abbreviation;
        break;
      }
      const span = this.#push(protocol, offset, length, quoted, depth);
      span.end = step.end;
      span.wireEnd = step.wireEnd;
      if (step.end < end) trailers++;
      if (protocol.bounded === true) depth++;
      offset += length;
      end = step.end;
      wireEnd = step.wireEnd;
      quoted ||= step.quoted;
      protocol = following(step, options.fou, bytes[offset]);
    }
    if (offset < end) this.#contents(payload, offset, end, wireEnd, quoted, depth);
    for (let index = this.count - 1; trailers > 0; index--) {
      const inner = this.spans[index]!;
      const limit = index === 0 ? bytes.length : this.spans[index - 1]!.end;
      if (inner.protocol === payload || inner.end >= limit) continue;
      this.#contents(trailer, inner.end, limit, limit, inner.quoted, inner.depth);
      trailers--;
    }
    return this;
  }

  #contents(protocol: Protocol, offset: number, end: number, wireEnd: number, quoted: boolean, depth: number): void {
    const span = this.#push(protocol, offset, end - offset, quoted, depth);
    span.end = end;
    span.wireEnd = wireEnd;
  }

  #push(protocol: Protocol, offset: number, length: number, quoted: boolean, depth: number): Span {
    let span = this.spans[this.count];
    if (span === undefined) {
      span = { protocol, offset, length, end: 0, wireEnd: 0, quoted, depth };
      this.spans.push(span);
    } else {
      span.protocol = protocol;
      span.offset = offset;
      span.length = length;
      span.quoted = quoted;
      span.depth = depth;
    }
    this.count++;
    return span;
  }
}

/** `first`: of the contents' bytes. */
const following = (
  { space, key, alternative }: Step,
  fou: FouPorts | undefined,
  first: number | undefined,
): Protocol | undefined => {
  if (key < 0) return undefined;
  const inner = space === "udpPort" ? fou?.get(key) : undefined;
  if (inner !== undefined) return protocolFor("ipProtocol", inner === FOU_IP ? ipOf(first) : inner);
  return protocolFor(space, key) ?? (alternative < 0 ? undefined : protocolFor(space, alternative));
};

/** No protocol's: the packet is payload. */
const NO_LINK_TYPE = -1;

const ipOf = (first: number | undefined): number =>
  first !== undefined && first >> 4 === 6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4;

const linkTypeOf = (linkType: number, bytes: Uint8Array): number => {
  if (!isRawIp(linkType)) return linkType;
  const version = bytes.length > 0 ? bytes[0]! >> 4 : linkType === LinkType.Ipv6 ? 6 : 4;
  return version === 4 ? LinkType.Ipv4 : version === 6 ? LinkType.Ipv6 : NO_LINK_TYPE;
};

/**
 * What a protocol is to the packet machinery. A protocol is one file that exports one of these, plus one line in
 * `registry.ts`; walking, decoding, encoding, printing and JSON follow.
 */

import type { TcpConversations } from "../line/tcp-conversations.ts";

/** The number spaces in which one header names the next. */
export type KeySpace =
  | "etherType"
  | "ipProtocol"
  | "linkType"
  | "udpPort"
  | "tcpPort"
  | "pppProtocol"
  | "llcSap"
  | "ciscoProtocol";

/** The header does not fit in the bytes that are there. */
export const truncated = -1;
/** The header's own lengths contradict themselves. */
export const malformed = -2;
/** The bytes are something else than their number says, as segments within a stream are: no fault. */
export const foreign = -3;

/** What a header says about what follows it. {@link Protocol.measure} fills in one that is reset before each call. */
export class Step {
  space: KeySpace = "etherType";
  /** Number of the next header in `space`; -1: nothing known follows. */
  key = -1;
  /** A second number, for where the first is none's: UDP contents are known by either port. */
  alternative = -1;
  /** Where this header's contents end, among the captured bytes. */
  end = 0;
  /** Where they end by the header's own length, which snapped captures do not reach. */
  wireEnd = 0;
  /** What follows is a quotation (ICMP errors): it may be cut anywhere. */
  quoted = false;

  reset(end: number, wireEnd: number): void {
    this.key = -1;
    this.alternative = -1;
    this.end = end;
    this.wireEnd = wireEnd;
    this.quoted = false;
  }

  follow(space: KeySpace, key: number, alternative = -1): void {
    this.space = space;
    this.key = key;
    this.alternative = alternative;
  }

  /** The header says that its contents end at `wireEnd`. */
  bound(wireEnd: number): void {
    this.wireEnd = wireEnd;
    if (wireEnd < this.end) this.end = wireEnd;
  }
}

/** One layer's place in a packet, in bytes from the packet's start. */
export interface Span {
  protocol: Protocol;
  offset: number;
  /** Of the header. */
  length: number;
  /** Where header and contents end, among the captured bytes. */
  end: number;
  /** Where they end on the wire. */
  wireEnd: number;
  quoted: boolean;
  /** How many headers with a length of their own enclose the layer. */
  depth: number;
}

/** A packet taken apart: the places of its layers, no objects. */
export interface PacketSpans {
  readonly bytes: Uint8Array;
  readonly spans: readonly Span[];
  /** How many of `spans` count. */
  readonly count: number;
  /** Abbreviation of the protocol whose header the bytes cut, or null. */
  readonly truncated: string | null;
  /** Abbreviation of the protocol whose header contradicts itself, or null. */
  readonly malformed: string | null;
  /** The header that could not be read, in a quotation too, or null. */
  readonly unread: Unread | null;
}

/** A header that is cut, or contradicts itself: its bytes, up to `end`, are the payload. */
export interface Unread {
  readonly protocol: Protocol;
  readonly fault: typeof truncated | typeof malformed;
  readonly offset: number;
  /** Where the bytes end, among the captured ones. */
  readonly end: number;
  /** Where they end on the wire. */
  readonly wireEnd: number;
}

/** What an encoder is told about its surroundings. */
export interface EncodeContext {
  /** Bytes of contents after this header. */
  readonly contents: number;
  /** Number of the next layer in a space; undefined when it has none there or nothing follows. */
  next(space: KeySpace): number | undefined;
}

/** The IP header around a layer, for pseudo-headers: where it starts in the encoded bytes, or -1. */
export type IpOffset = number;

/** IP protocols that go in UDP without a header between (FOU), by the UDP port they go to; or {@link FOU_IP}. */
export type FouPorts = ReadonlyMap<number, number>;
/** In {@link FouPorts}: IP of the version that its first bits say. */
export const FOU_IP = -1;

/** How much of a packet its printed line shows. */
export interface FormatOptions {
  readonly fou?: FouPorts;
  /** Print the link-layer header too, as tcpdump's `-e` does. */
  readonly link?: boolean;
  /** How many times tcpdump's `-v` was given: IP headers and options in full, checksums checked, more lines. */
  readonly verbose?: number;
  /** Less of it, as with `-q`. */
  readonly quick?: boolean;
  /** Prints TCP's sequence numbers relative to where their conversations were first seen; else they are as they are. */
  readonly conversations?: TcpConversations;
  /** Bytes that nothing knows are not shown in hexadecimal, because all are. */
  readonly hexFollows?: boolean;
  /** What interfaces are called that packets name by index, where that is known. */
  readonly interfaceName?: InterfaceName;
}

/** The name of an interface of this index; undefined where there is none. */
export type InterfaceName = (index: number) => string | undefined;

/** A line being printed. */
export interface Printer extends FormatOptions {
  readonly packet: PacketSpans;
  /** Bytes of the packet on the wire, which may be more than were captured. */
  readonly wireLength: number;
  readonly level: number;
  text: string;
  /** What goes behind all that is printed: what a tunnel's line closes with. */
  ending: string;
  /** The layers that follow are part of a fragment: what a checksum covers is not here. */
  fragmented: boolean;
}

/**
 * One protocol. `Content` is what its decoded layer holds besides `protocol`, `offset` and `length`.
 * None of the functions throws on any bytes, and `encode` gives back what `decode` was given.
 */
export interface Protocol<Name extends string = string, Content = unknown> {
  readonly name: Name;
  /** tcpdump's name for it, as in `[|ip6]`. */
  readonly abbreviation: string;
  /** The numbers under which other headers announce it; the first is what encoders write. */
  readonly etherTypes?: readonly number[];
  readonly ipProtocols?: readonly number[];
  readonly linkTypes?: readonly number[];
  readonly udpPorts?: readonly number[];
  readonly tcpPorts?: readonly number[];
  readonly pppProtocols?: readonly number[];
  readonly llcSaps?: readonly number[];
  /** Behind SNAP, among those that Cisco numbered. */
  readonly ciscoProtocols?: readonly number[];
  /** Prints nothing but with `-v`. */
  readonly onlyVerbose?: boolean;
  /** The header says how long its contents are, so bytes may follow them that do not belong. */
  readonly bounded?: boolean;
  /** An IP header: checksums of what it carries include its addresses. */
  readonly network?: boolean;

  /** Length of the header at `offset`, at least 1, and through `step` what follows; or {@link truncated}, {@link malformed} or {@link foreign}. */
  measure(bytes: Uint8Array, offset: number, end: number, step: Step): number;
  decode(bytes: Uint8Array, offset: number, length: number): Content;
  /** The header's bytes; what was left out is filled in, checksums that need the contents as 0. */
  encode(content: ContentInput<Content>, context: EncodeContext): Uint8Array;
  /** Fills in a checksum over the contents, when it was left out. `end` is where they end. */
  seal?(content: ContentInput<Content>, bytes: Uint8Array, offset: number, end: number, ip: IpOffset): void;
  /** Prints the layer `index`; true when nothing after it is to be printed. */
  print?(printer: Printer, index: number): boolean;
  /** Prints what there is of a header that could not be read; ` [|ip6]` or `[bad ip6]` without. */
  printUnread?(printer: Printer, unread: Unread): void;
}

/** Content as an encoder takes it: any field of the header may be left out. */
export type ContentInput<C> = { readonly [K in keyof C]?: K extends "header" ? Readonly<Partial<C[K]>> : C[K] };

type ContentOf<P> = P extends Protocol<infer N, infer C> ? { readonly protocol: N } & C : never;
type InputOf<P> = P extends Protocol<infer N, infer C> ? { readonly protocol: N } & ContentInput<C> : never;

/** The decoded layer of a protocol, or the union over several. */
export type LayerOf<P> = P extends Protocol
  ? ContentOf<P> & { readonly offset: number; readonly length: number }
  : never;
/** A layer as {@link Protocol.encode} takes it. */
export type LayerInputOf<P> = P extends Protocol ? InputOf<P> : never;

/** A length for a field that holds at most `max`. Throws an Error that names what is too long. */
export const fitLength = (what: string, length: number, max: number): number => {
  if (length > max) throw new Error(`${what}: ${length} bytes do not fit a length of at most ${max}`);
  return length;
};

/** Whether a header that is understood follows the layer `index`, and not just bytes. */
export const hasContents = (packet: PacketSpans, index: number): boolean => {
  const next = index + 1 < packet.count ? packet.spans[index + 1]!.protocol.name : "payload";
  return next !== "payload" && next !== "trailer";
};

/** Whether a protocol here claims what follows the layer `index`, also where its header is cut or contradicts itself. */
export const isClaimed = (packet: PacketSpans, index: number): boolean =>
  hasContents(packet, index) || packet.unread !== null;

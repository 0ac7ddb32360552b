/** What an encapsulating program is made from. */
import type { Ipv6Address } from "../../../wire/layout.ts";
import type { IoamInterface, IoamNamespace, IoamNode } from "../node.ts";

/** What packets get, whatever their prefix: one piece of code for each that is different. */
export interface EncapProfile {
  readonly traceType: number;
  readonly namespace: IoamNamespace;
  /** Bytes of data, a multiple of 4. */
  readonly size: number;
  /** `packets` of every `of` packets get a trace. */
  readonly frequency: { readonly packets: number; readonly of: number };
  readonly mode: EncapMode;
  /** Null in mode inline only. */
  readonly tunnel: EncapTunnel | null;
  /** Packets are numbered: an Edge-to-Edge option stands before the trace. */
  readonly numbers?: Numbers;
  /** A Direct Export option in place of the trace. */
  readonly directExport?: DirectExportSettings;
}

/** Packets to one prefix, and the trace they get. */
export interface EncapRule extends EncapProfile {
  /** Network address in two halves, and their masks. */
  readonly prefix: { readonly high: bigint; readonly low: bigint; readonly highMask: bigint; readonly lowMask: bigint };
  /** Which of the device's rules this is: its place in the maps. */
  readonly slot: number;
  /** The number of its profile: the same for rules that differ in prefix and slot only. */
  readonly profile: number;
}

/**
 * Where the Hop-by-Hop header goes: `inline` into the packet itself; `encap` behind an outer IPv6 header; `auto` inline into
 * packets that this node made, behind an outer header in front of those it forwards, as RFC 8200 wants it.
 */
export type EncapMode = "inline" | "encap" | "auto";

/** Where a rule's sequence numbers come from. Numbered rules share their code with no other. */
export interface Numbers {
  /** Whose they are, 15 bits. */
  readonly origin: number;
  /** Where the counters of the rule's groups start. */
  readonly first: number;
}

/** What a Direct Export option says beside the trace type. Rules that ask for reports share their code with no other. */
export interface DirectExportSettings {
  /** 32 bits; no other rule of the node has it. */
  readonly flowId: number;
  /** Where the rule's counter is. */
  readonly counter: number;
}

/** The outer header's addresses, and the way it took to the destination when the rule was made. */
export interface EncapTunnel {
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
  readonly ifindex: number;
  readonly egress: IoamInterface;
  /** Bytes after the link-layer header, at that interface. */
  readonly mtu: number;
}

/** The node that encapsulates, and the device at whose egress it does. */
export interface EncapNode {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

export interface EncapConfig extends EncapNode {
  readonly rules: readonly EncapRule[];
  /** How a rule is found: `chain` (default) compares prefix by prefix, `trie` asks the map of prefixes. */
  readonly lookup?: "chain" | "trie";
}

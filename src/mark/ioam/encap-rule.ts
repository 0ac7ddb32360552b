/** What an encapsulating program is made from. */
import type { IoamInterface, IoamNamespace, IoamNode } from "./node.ts";

/** Packets to one prefix, and the trace they get. */
export interface EncapRule {
  /** Network address in two halves, and their masks. */
  readonly prefix: { readonly high: bigint; readonly low: bigint; readonly highMask: bigint; readonly lowMask: bigint };
  readonly traceType: number;
  readonly namespace: IoamNamespace;
  /** Bytes of data, a multiple of 4. */
  readonly size: number;
  /** `packets` of every `of` packets get a trace. */
  readonly frequency: { readonly packets: number; readonly of: number };
  /** Which of the device's rules this is: its place in the maps. */
  readonly slot: number;
}

/** The node that encapsulates, and the device at whose egress it does. */
export interface EncapNode {
  readonly node: IoamNode;
  readonly device: IoamInterface;
}

export interface EncapConfig extends EncapNode {
  readonly rules: readonly EncapRule[];
}

/** Packets as columns: one buffer, and for each property of a packet an array over all of them. */

/** Which way a packet went through its interface, where the capture says it: as pcapng numbers it. */
export const Direction = { Unknown: 0, In: 1, Out: 2 } as const;

/**
 * Some packets of a capture, in their order; no object a packet. Packet `n`, below `count`, lies in `bytes` at
 * `offset[n]`, `captured[n]` bytes long. The arrays may be longer than `count`, and are used again: they are valid until the
 * next batch is asked for.
 */
export interface PacketBatch {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Where the packet starts in `bytes`. */
  readonly offset: Uint32Array;
  /** Bytes of it that are there. */
  readonly captured: Uint32Array;
  /** Bytes it had on the wire. */
  readonly length: Uint32Array;
  /** Wall clock: seconds since 1970, and nanoseconds on top. */
  readonly seconds: Uint32Array;
  readonly nanoseconds: Uint32Array;
  /** Index in the capture's `interfaces`. */
  readonly interfaceId: Uint16Array;
  /** One of {@link Direction}. */
  readonly direction: Uint8Array;
  /** Where the times come from: indexes of `stampSourceNames`; null where the capture does not say. */
  readonly stampSource: Uint8Array | null;
  /** The packets' pval marks, where they were asked for. */
  readonly marks: MarkColumns | null;
}

/** The pval marks of a batch. A sequence number's 64 bits come in two halves, as nothing needs them together. */
export interface MarkColumns {
  /** 1: the packet is marked, else 0 and nothing else is said of it. */
  readonly present: Uint8Array;
  readonly cpu: Uint8Array;
  readonly seqLow: Uint32Array;
  readonly seqHigh: Uint32Array;
}

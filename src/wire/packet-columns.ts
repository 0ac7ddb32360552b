/**
 * Packets as columns, as those who write capture files want them: packet `n` lies at `offset[n]` of `bytes`, `captured[n]` of
 * its `length[n]` bytes long.
 */
export interface PacketColumns {
  readonly bytes: Uint8Array;
  readonly offset: Uint32Array;
  readonly captured: Uint32Array;
  readonly length: Uint32Array;
  /** Since 1970, and nanoseconds on top. */
  readonly seconds: Uint32Array;
  readonly nanoseconds: Uint32Array;
  /** As pcapng numbers it, `PacketDirection`. */
  readonly direction: Uint8Array;
  /** Where `present` is 1: which mark a packet bears. */
  readonly marks: {
    readonly present: Uint8Array;
    readonly cpu: Uint8Array;
    readonly seqLow: Uint32Array;
    readonly seqHigh: Uint32Array;
  } | null;
}

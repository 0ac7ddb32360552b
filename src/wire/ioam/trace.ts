/** An IOAM trace as an object, in path form. */

/** The opaque state snapshot of a hop. */
export interface IoamOpaqueState {
  /** Null: the node has no schema (0xffffff). */
  readonly schemaId: number | null;
  /** Words of data. */
  readonly length: number;
  /** `0x…`, empty when there is none. */
  readonly data: string;
}

/**
 * What one node wrote. Keys of bits that the trace type does not have are absent; what the node could not give (all ones
 * on the wire) is null.
 */
export interface IoamHop {
  readonly nodeId?: number | null;
  readonly ingressId?: number | null;
  readonly egressId?: number | null;
  readonly hopLimit?: number | null;
  /** Nanoseconds since 1970, from seconds and microseconds; null too when the fraction is not in microseconds. */
  readonly timestampNs?: string | null;
  /** In place of `timestampNs` when the trace has no fraction, and beside it when that is null. */
  readonly timestampSeconds?: number | null;
  /** In place of `timestampNs` when the trace has no seconds, and beside it when that is null. As on the wire. */
  readonly timestampFraction?: number | null;
  readonly transitDelayNs?: number | null;
  /** `0xdeadbeef` */
  readonly namespaceData?: string | null;
  /** Linux: bytes of backlog. */
  readonly queueDepth?: number | null;
  readonly checksumComplement?: number | null;
  /** 56 bits, in decimal. */
  readonly nodeIdWide?: string | null;
  /** Of bit 8, when the trace has bit 0 too and it says another. */
  readonly hopLimitWide?: number | null;
  readonly ingressIdWide?: number | null;
  readonly egressIdWide?: number | null;
  /** `0xdeadbeefcafedeca` */
  readonly namespaceDataWide?: string | null;
  readonly bufferOccupancy?: number | null;
  readonly opaqueState?: IoamOpaqueState;
  /** Undefined bits 12 to 21, `0x…`. */
  readonly [bit: `bit${number}`]: string | null;
}

/** An IOAM trace option, decoded: what each node wrote. */
export interface IoamTrace {
  readonly namespaceId: number;
  /** 24 bits; bit 0 is the most significant. */
  readonly traceType: number;
  readonly flags: { readonly overflow: boolean; readonly loopback: boolean; readonly active: boolean };
  /** Words a node writes, without the opaque state snapshot. */
  readonly nodeLength: number;
  /** Words that are still free. */
  readonly remainingWords: number;
  /** In path order: the first node of the path first. */
  readonly hops: readonly IoamHop[];
  /** The free words, `0x…`, when they are not zero. */
  readonly free?: string;
  /** The reserved flag and byte of the header, when they are not zero: flag * 256 + byte. */
  readonly reserved?: number;
  /** What is wrong with the trace; `hops` are then those found before it. */
  readonly malformed?: string;
}

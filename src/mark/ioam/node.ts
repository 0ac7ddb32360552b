/** What an IOAM node knows of itself: it goes into the kernel programs as constants. */
import { be24, be32, header, u8, type Layout } from "../../wire/layout.ts";

/** `data` and `dataWide` are all ones when not set; `schema` null when there is none. */
export interface IoamNamespace {
  readonly id: number;
  readonly data: number;
  readonly dataWide: bigint;
  readonly schema: IoamSchema | null;
}

/** An opaque state snapshot: 24-bit id and data in whole 4-byte words, up to 255. */
export interface IoamSchema {
  readonly id: number;
  readonly words: readonly number[];
}

/** Ids as the kernel's sysctls hold them: `ioam6_id` (24 bits), `ioam6_id_wide` (56), per interface 16 and 32 bits; all ones when not set. */
export interface IoamNode {
  readonly id: number;
  readonly idWide: bigint;
  readonly namespaces: readonly IoamNamespace[];
}

export interface IoamInterface {
  readonly id: number;
  readonly idWide: number;
  /** Bytes before the IP header: 14 on Ethernet, 0 on interfaces without a link-layer header. */
  readonly network: number;
}

/** An opaque state snapshot as the bytes a node writes last in its entry (RFC 9197, section 4.4.2.13). */
export interface OpaqueState {
  readonly layout: Layout<Record<string, number>>;
  readonly words: number;
  readonly values: readonly (readonly [name: string, value: number])[];
}

/** A node without a schema writes length 0 and an id of all ones. */
export const opaqueStateOf = (schema: IoamSchema | null): OpaqueState => {
  const words = schema?.words ?? [];
  const names = words.map((_, at) => `word${at}`);
  return {
    layout: header("opaque state snapshot", "RFC 9197, section 4.4.2.13", {
      length: u8,
      schemaId: be24,
      ...Object.fromEntries(names.map((name) => [name, be32])),
    }) as Layout<Record<string, number>>,
    words: 1 + words.length,
    values: [
      ["length", words.length],
      ["schemaId", schema?.id ?? 0xff_ffff],
      ...names.map((name, at) => [name, words[at] as number] as const),
    ],
  };
};

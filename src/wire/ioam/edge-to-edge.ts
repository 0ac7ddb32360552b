/** The IOAM Edge-to-Edge option: what the first node tells the last one, and nobody between (RFC 9197, section 4.6). */
import { readLayout, writeLayout } from "../codec.ts";
import { fromHex, toHex } from "../hex.ts";
import { be16, be32, be64, header } from "../layout.ts";

/** What every Edge-to-Edge option starts with; `e2eType` says what follows, most significant bit first. */
export const IoamE2eHeader = header("IoamE2eHeader", "RFC 9197, section 4.6", { namespaceId: be16, e2eType: be16 });

/** Bits of the IOAM-E2E-Type, in the order in which their data follows. */
export const E2eBit = { Sequence: 0x8000, ShortSequence: 0x4000, Seconds: 0x2000, Fraction: 0x1000 } as const;

/** The option that Hopmark writes: a 64-bit sequence number, and the time in seconds and microseconds. */
export const IoamE2eData = header("IoamE2eData", "RFC 9197, section 4.6", {
  namespaceId: be16,
  e2eType: be16,
  sequence: be64,
  timestampSeconds: be32,
  timestampFraction: be32,
});

/** The IOAM-E2E-Type of {@link IoamE2eData}. */
export const HOPMARK_E2E_TYPE: number = E2eBit.Sequence | E2eBit.Seconds | E2eBit.Fraction;

/** An Edge-to-Edge option as an object. Keys of bits that its type does not have are absent. */
export interface IoamEdgeToEdge {
  readonly namespaceId: number;
  /** 16 bits; bit 0 is the most significant. */
  readonly e2eType: number;
  /** 64 bits, in decimal. */
  readonly sequence?: string;
  /** 32 bits. */
  readonly shortSequence?: number;
  readonly timestampSeconds?: number;
  /** As on the wire; Linux and Hopmark write microseconds. */
  readonly timestampFraction?: number;
  /** What follows, `0x…`: data of bits that are undefined yet. */
  readonly rest?: string;
}

const Sequence = header("IOAM sequence number", "RFC 9197, section 4.6", { sequence: be64 });
const Word = header("IOAM E2E data", "RFC 9197, section 4.6", { value: be32 });

/** Fields behind the sequence number, and the bit of each. */
const words = [
  ["shortSequence", E2eBit.ShortSequence],
  ["timestampSeconds", E2eBit.Seconds],
  ["timestampFraction", E2eBit.Fraction],
] as const;

/** Why an option cannot be read; null when it can. */
type Malformed = "the Edge-to-Edge header is cut" | "two sequence numbers" | "the Edge-to-Edge data is cut";

/** Decodes the option's data, from its namespace on; a text says what is wrong with it. */
export const decodeEdgeToEdge = (bytes: Uint8Array, offset: number, length: number): IoamEdgeToEdge | Malformed => {
  if (length < IoamE2eHeader.size || offset + length > bytes.length) return "the Edge-to-Edge header is cut";
  const { namespaceId, e2eType } = readLayout(IoamE2eHeader, bytes, offset);
  if ((e2eType & E2eBit.Sequence) !== 0 && (e2eType & E2eBit.ShortSequence) !== 0) return "two sequence numbers";
  const end = offset + length;
  let at = offset + IoamE2eHeader.size;
  const values: { sequence?: string; shortSequence?: number; timestampSeconds?: number; timestampFraction?: number } =
    {};
  if ((e2eType & E2eBit.Sequence) !== 0) {
    if (at + Sequence.size > end) return "the Edge-to-Edge data is cut";
    values.sequence = readLayout(Sequence, bytes, at).sequence.toString();
    at += Sequence.size;
  }
  for (const [name, bit] of words) {
    if ((e2eType & bit) === 0) continue;
    if (at + Word.size > end) return "the Edge-to-Edge data is cut";
    values[name] = readLayout(Word, bytes, at).value;
    at += Word.size;
  }
  return { namespaceId, e2eType, ...values, ...(at < end && { rest: toHex(bytes, at, end - at) }) };
};

/** The option's data, from its namespace on. What its type has and the object has not is written as 0. */
export const encodeEdgeToEdge = (option: IoamEdgeToEdge): Uint8Array => {
  const { namespaceId, e2eType } = option;
  const present = words.filter(([, bit]) => (e2eType & bit) !== 0);
  const sequenceBytes = (e2eType & E2eBit.Sequence) === 0 ? 0 : Sequence.size;
  const rest = fromHex(option.rest ?? "0x");
  const fixed = IoamE2eHeader.size + sequenceBytes + present.length * Word.size;
  const bytes = new Uint8Array(fixed + rest.length);
  writeLayout(IoamE2eHeader, { namespaceId, e2eType }, bytes, 0);
  let at = IoamE2eHeader.size;
  if (sequenceBytes > 0) writeLayout(Sequence, { sequence: BigInt(option.sequence ?? 0) }, bytes, at);
  at += sequenceBytes;
  for (const [name] of present) {
    writeLayout(Word, { value: option[name] ?? 0 }, bytes, at);
    at += Word.size;
  }
  bytes.set(rest, fixed);
  return bytes;
};

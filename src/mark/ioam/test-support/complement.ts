/** The checksum complement of RFC 9197, section 4.4.2.8, as the sum of bytes and not as the programs reckon it. */
import { checksumOf, foldSum, sumWords } from "../../../wire/checksum.ts";
import { ioamFields, traceTypeBit } from "../../../wire/ioam/fields.ts";

/** Where the field lies in an entry of the type; -1 when the type has none. */
export const complementAt = (traceType: number): number =>
  (traceType & traceTypeBit(7)) === 0
    ? -1
    : ioamFields.reduce((at, { bit, size }) => at + (bit < 7 && (traceType & traceTypeBit(bit)) !== 0 ? size : 0), 0);

/** Writes it into the entry, in which it counts as zero until then. */
export const complete = (entry: Uint8Array, traceType: number): Uint8Array => {
  const at = complementAt(traceType);
  if (at < 0) return entry;
  entry.fill(0, at, at + 4);
  // Zeros became this entry, and the remaining length fell by its words.
  const value = checksumOf(sumWords(entry, 0, entry.length) + 0xffff - entry.length / 4);
  entry.set([value >> 8, value & 0xff], at + 2);
  return entry;
};

/** The 16-bit sum of bytes, of whose two zeros one. */
export const neutral = (bytes: Uint8Array): number => foldSum(sumWords(bytes, 0, bytes.length)) % 0xffff;

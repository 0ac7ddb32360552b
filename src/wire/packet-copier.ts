/** Copies packets from one buffer to others: short ones word by word, which takes a fraction of what `set` of a `subarray` does. */
import type { RecordBuffer } from "./record-buffer.ts";

/** Where the two cost the same. */
const SHORT = 192;

export class PacketCopier {
  /** Where the last packet came from; the whole words of the memory behind it, and where in them it starts. */
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #base = 0;

  /** `length` bytes from `start` on to `at`. */
  copy(bytes: Uint8Array, start: number, length: number, to: RecordBuffer, at: number): void {
    if (length > SHORT) {
      to.bytes.set(bytes.subarray(start, start + length), at);
      return;
    }
    if (bytes !== this.#bytes) this.#look(bytes);
    const target = to.bytes;
    const end = start + length;
    let [from, place] = [start, at];
    while ((place & 3) !== 0 && from < end) target[place++] = bytes[from++]!;
    const count = copyWords(this.#words, this.#base + from, to.words, place >> 2, (end - from) >> 2);
    from += count * 4;
    place += count * 4;
    while (from < end) target[place++] = bytes[from++]!;
  }

  #look(bytes: Uint8Array): void {
    const { buffer, byteOffset } = bytes;
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#words = new Int32Array(buffer as ArrayBuffer, 0, buffer.byteLength >> 2);
    this.#base = byteOffset;
  }
}

/** `count` words from byte `start` on to word `at`. Returns how many they were: no more than the source has words for. */
const copyWords = (from: Int32Array, start: number, to: Int32Array, at: number, count: number): number => {
  const shift = (start & 3) * 8;
  let source = start >> 2;
  let target = at;
  if (shift === 0) {
    const end = at + count;
    for (; target + 4 <= end; source += 4, target += 4) {
      to[target] = from[source]!;
      to[target + 1] = from[source + 1]!;
      to[target + 2] = from[source + 2]!;
      to[target + 3] = from[source + 3]!;
    }
    for (; target < end; source++, target++) to[target] = from[source]!;
    return count;
  }
  // Each word lies in two.
  const whole = Math.min(count, from.length - 1 - source);
  if (whole <= 0) return 0;
  let low = from[source]!;
  for (const end = at + whole; target < end; target++) {
    const high = from[++source]!;
    to[target] = (low >>> shift) | (high << (32 - shift));
    low = high;
  }
  return whole;
};

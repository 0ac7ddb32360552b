import { expect, test } from "vitest";
import { PacketCopier } from "./packet-copier.ts";
import { RecordBuffer } from "./record-buffer.ts";

test("copies what is there and nothing else, whatever the lengths and places", () => {
  const copier = new PacketCopier();
  // Views in larger buffers, of sources in turns, evenly and unevenly.
  const sources = [3, 8, 0].map((from, seed) =>
    new Uint8Array(4096).map((_, at) => at * 7 + seed).subarray(from, 3000),
  );
  const to = new RecordBuffer(2048);
  const target = to.bytes;
  for (const length of [0, 1, 2, 3, 4, 5, 7, 8, 60, 61, 62, 63, 64, 190, 191, 192, 193, 1500]) {
    // prettier-ignore
    for (const [start, at] of [[0, 0], [1, 2], [12, 20], [1486 - (length % 4), 5]] as const) {
      for (const bytes of sources) {
        target.fill(0xee);
        copier.copy(bytes, start, length, to, at);
        const expected = new Uint8Array(2048).fill(0xee);
        expected.set(bytes.subarray(start, start + length), at);
        expect(Buffer.compare(target, expected)).toBe(0);
      }
    }
  }
});

test("copies up to the last byte of memory that ends within a word", () => {
  const copier = new PacketCopier();
  const to = new RecordBuffer(64);
  for (const size of [41, 42, 43, 44]) {
    const bytes = new Uint8Array(new ArrayBuffer(size)).map((_, at) => at + 1);
    for (let start = 0; start < 8; start++) {
      for (let at = 0; at < 4; at++) {
        copier.copy(bytes, start, size - start, to, at);
        expect([...to.bytes.subarray(at, at + size - start)]).toEqual([...bytes.subarray(start)]);
      }
    }
  }
});

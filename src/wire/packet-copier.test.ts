import { expect, test } from "vitest";
import { PacketCopier } from "./packet-copier.ts";

test("copies what is there and nothing else, whatever the lengths and places", () => {
  const copier = new PacketCopier();
  // Views in larger buffers, of two sources in turns.
  const sources = [1, 2].map((seed) => new Uint8Array(4096).map((_, at) => at * 7 + seed).subarray(3, 3000));
  const target = new Uint8Array(2048);
  const to = new DataView(target.buffer);
  for (const length of [0, 1, 2, 3, 4, 5, 60, 61, 62, 63, 64, 511, 512, 513, 1500]) {
    // prettier-ignore
    for (const [start, at] of [[0, 0], [1, 2], [1497 - (length % 4), 5]] as const) {
      for (const bytes of sources) {
        target.fill(0xee);
        copier.copy(bytes, start, length, to, target, at);
        const expected = new Uint8Array(2048).fill(0xee);
        expected.set(bytes.subarray(start, start + length), at);
        expect(Buffer.compare(target, expected)).toBe(0);
      }
    }
  }
});

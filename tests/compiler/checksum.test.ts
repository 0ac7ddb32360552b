/** Checksums: the same in the kernel and in V8, and right. */
import { expect, test } from "vitest";
import { disassemble } from "../../src/compiler/backend/disassemble.ts";
import { compile } from "../../src/compiler/compile.ts";
import { updateChecksum } from "../../src/kernel/checksum.ts";
import { ipv4 } from "../../src/wire/address.ts";
import { checksum } from "../../src/wire/checksum.ts";
import { toHex } from "../fuzz/hex.ts";
import { Random } from "../fuzz/random.ts";
import { agreeOn } from "./agree.ts";
import {
  mixed,
  ofMap,
  pseudo,
  sums,
  sumOfBytes,
  sumOfFixed,
  update,
  verify,
  verifyOptions,
  write,
} from "./programs/checksums.bpf.ts";

/** Frames whose words are often all zeros or all ones, where sums have two zeros. */
const frames = (count: number): Uint8Array[] => {
  const random = new Random(5);
  return Array.from({ length: count }, () => {
    const style = random.below(4);
    return Uint8Array.from({ length: 80 }, () =>
      style === 0 ? 0xff : style === 1 ? 0 : style === 2 ? random.pick([0, 0xff]) : random.below(256),
    );
  });
};

const runs = frames(300).map((frame) => ({ packet: toHex(frame) }));

test.each([
  ["a header", verify],
  ["a header just written", write(ipv4("10.0.0.1"), ipv4("192.0.2.255"))],
  ["numbers, addresses and odd bytes", mixed],
  ["updates", update],
  ["a pseudo-header", pseudo],
])("%s", (_, program) => {
  expect(agreeOn(program, runs).runs.length).toBe(runs.length);
});

test("a map's value", () => {
  expect(agreeOn(ofMap, runs, [sums]).runs.length).toBe(runs.length);
});

test("costs a load and an addition for four bytes, and one fold", () => {
  expect(compile(verify).code.instructions.length / 8).toBeLessThanOrEqual(31);
  // Nothing of a header just written is read again: the loads are those of packet and end.
  const loads = disassemble(compile(write(ipv4("10.0.0.1"), ipv4("192.0.2.255"))).code).match(/= \*\(u/g);
  expect(loads?.length).toBe(2);
});

test("an update gives what summing again would", () => {
  const random = new Random(8);
  for (let round = 0; round < 1000; round++) {
    const bytes = random.chance(0.5) ? random.bytes(20) : Uint8Array.from({ length: 20 }, () => random.pick([0, 255]));
    bytes[0] = 0x45;
    const view = new DataView(bytes.buffer);
    view.setUint16(10, 0);
    view.setUint16(10, checksum(bytes, 0, 20));
    const [from, to] = [view.getUint32(12), random.pick([0, 0xffff_ffff, random.u32()])];
    const updated = updateChecksum(view.getUint16(10), from, to);
    view.setUint32(12, to);
    view.setUint16(10, 0);
    expect(updated).toBe(checksum(bytes, 0, 20));
  }
});

/** Frames of these lengths that say how many bytes to sum, and from where. */
const framesToSum = (
  lengths: readonly number[],
  counts: readonly number[],
  offsets: readonly number[],
): Uint8Array[] => {
  const random = new Random(6);
  return lengths.flatMap((length) =>
    counts.flatMap((count) =>
      offsets.map((offset) => {
        const style = random.below(3);
        const frame = Uint8Array.from({ length }, () => (style === 0 ? 0xff : style === 1 ? 0 : random.below(256)));
        frame.set([count >> 8, count & 0xff, offset], 14);
        return frame;
      }),
    ),
  );
};

test.each([
  [70, 1],
  [63, 4],
  [9216, 1],
  [1024, 8],
])("a run-time number of packet bytes, up to %i times %i", (longest, factor) => {
  const counts = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 33, 47, 50, 63, 64, 65, 70, 1024, 1055, 2999, 9217];
  const packets = framesToSum([60, 61, 82, 3000], counts, [0, 14, 17]);
  const runs = packets.map((frame) => ({ packet: toHex(frame) }));
  const verdicts = agreeOn(sumOfBytes(longest, factor), runs).runs.map(({ verdict }) => verdict);
  packets.forEach((frame, at) => {
    const [length, offset] = [frame[14]! * 256 + frame[15]!, frame[16]!];
    if (length > longest) return;
    const right =
      length > 0 && offset + length * factor > frame.length
        ? 0x7fff_ffff
        : checksum(frame, offset, length * factor) ^ 0xffff;
    expect([length, offset, verdicts[at]]).toEqual([length, offset, right]);
  });
});

test.each([0, 1, 20, 63, 64, 65, 99, 201])("a fixed number of packet bytes: %i", (length) => {
  const random = new Random(7);
  const frames = [-2, -1, 0, 1].map((more) => random.bytes(Math.max(14, 17 + length + more)));
  const verdicts = agreeOn(
    sumOfFixed(length),
    frames.map((frame) => ({ packet: toHex(frame) })),
  ).runs.map(({ verdict }) => verdict);
  expect(verdicts).toEqual(
    frames.map((frame) => (length > 0 && frame.length < 17 + length ? 0 : (checksum(frame, 17, length) ^ 0xffff) + 1)),
  );
});

test("an IPv4 header with its options", () => {
  const packets = framesToSum(
    [34, 73, 74, 80],
    Array.from({ length: 16 }, (_, words) => (words << 8) | (0x40 << 8)),
    [0, 1, 2],
  );
  for (const frame of packets) {
    frame.set([0, 0], 24);
    const right = checksum(frame, 14, Math.min((frame[14]! & 15) * 4, frame.length - 14));
    frame.set([right >> 8, right & 0xff], 24);
  }
  const verdicts = agreeOn(
    verifyOptions,
    packets.map((frame) => ({ packet: toHex(frame) })),
  ).runs.map(({ verdict }) => verdict);
  expect(new Set(verdicts)).toEqual(new Set([0, 1, 3]));
  packets.forEach((frame, at) => {
    const words = frame[14]! & 15;
    expect(verdicts[at]).toBe(words < 5 ? 0 : 14 + words * 4 > frame.length ? 1 : 3);
  });
});

/** XDP with frags: frames in several buffers, the same in the kernel, by TEST_RUN and on a large MTU, and in V8. */
import { describe, expect, onTestFinished, test } from "vitest";
import { vethPair } from "../../src/bpf/fixtures/veth.ts";
import { load } from "../../src/bpf/instance.ts";
import { xdpTestContext } from "../../src/bpf/test-run.ts";
import { compile } from "../../src/compiler/compile.ts";
import { HopmarkError } from "../../src/errors.ts";
import type { Program } from "../../src/kernel/program.ts";
import { decodeElement } from "../../src/kernel/simulate/element-bytes.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { toHex } from "../fuzz/hex.ts";
import { agreeOn } from "./agree.ts";
import { answer, longest, measure, reach, resize, seen, Seen } from "./programs/frags.bpf.ts";

/** A frame whose bytes 14 to 17 say `offset`. */
const frame = (length: number, offset = 0): Uint8Array => {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
  new DataView(bytes.buffer).setUint32(14, offset);
  return bytes;
};

const wordAt = (bytes: Uint8Array, offset: number): number => new DataView(bytes.buffer).getUint32(offset);

const LINEAR = 3520;

test.each([
  [100, 50],
  [100, 92],
  [100, 95],
  [9000, 50],
  [9000, LINEAR - 4],
  [9000, LINEAR - 3],
  [9000, LINEAR + 1000],
  [9000, 8992],
  [9000, 8995],
  [9000, 59_999],
])("a frame of %i bytes, read and written at %i", (length, offset) => {
  const packet = frame(length, offset);
  const { runs } = agreeOn(reach, [{ packet: toHex(packet) }], [], [seen]);
  const record = decodeElement(Seen, runs[0]!.records[0]!.bytes) as Record<string, unknown>;
  const [fits, isLinear] = [offset + 4 <= length, offset + 4 <= Math.min(length, LINEAR)];
  expect(record).toMatchObject({
    length,
    linear: isLinear ? wordAt(packet, offset) : 0,
    loaded: fits ? wordAt(packet, offset) : 0,
    stored: fits ? 1 : 2,
    into: offset + 8 <= length ? 1 : 2,
    copied: offset + 8 <= length ? [...packet.subarray(offset, offset + 8)] : [9, 0, 0, 0, 0, 0, 0, 9],
  });
  if (fits) expect(wordAt(runs[0]!.packet.slice(), offset)).toBe(0xa1b2c3d4);
});

describe("moving the ends", () => {
  test.each<[number, number, readonly number[]]>([
    [9000, 8, [-100]],
    [9000, -8, [-1]],
    [9000, LINEAR - 14, [-1]],
    [9000, LINEAR - 13, [-1]],
    [9000, 0, [0]],
    [9000, 0, [2712, 1]],
    [9000, 0, [2713]],
    [9000, 0, [-1384, 1, -4096, 1]],
    [9000, 0, [-1383, 4095, -10, 10, 1]],
    [9000, 0, [-(9000 - LINEAR), 4]],
    [9000, 0, [-(9000 - LINEAR), -20, 4, 17]],
    [9000, 0, [-(9000 - LINEAR) - 20, 20, 1]],
    [9000, 0, [-8986]],
    [9000, 0, [-8987]],
    [4000, 100, [-480, -100, 50]],
    [200, 0, [3320, 1]],
  ])("of %i bytes: the head by %i, the tail by %j", (length, head, tails) => {
    const program: Program = resize(head, ...tails);
    agreeOn(program, [{ packet: toHex(frame(length)) }], [answer]);
  });
});

test("a first buffer that ends where the simulation says", () => {
  const packet = frame(300, 100);
  const ofLinear = (linear: number): unknown =>
    decodeElement(Seen, simulate(reach, { packet, linear }).records(seen)[0]!);
  expect(ofLinear(103)).toMatchObject({ linear: 0, loaded: wordAt(packet, 100) });
  expect(ofLinear(104)).toMatchObject({ linear: wordAt(packet, 100), loaded: wordAt(packet, 100) });

  const program = load(compile(reach));
  onTestFinished(() => program.close());
  for (const linear of [103, 104]) {
    try {
      program.testRun(packet, { context: xdpTestContext(linear) });
    } catch (error) {
      if (!(error instanceof HopmarkError && error.code === "test-run")) throw error;
      console.warn(`skipped: ${error.message}: this kernel does not let a test say where the first buffer ends`);
      return;
    }
    let kernel: unknown;
    program.map(seen).poll((view, offset, length) => {
      kernel = decodeElement(Seen, new Uint8Array(view.buffer, view.byteOffset + offset, length));
    });
    expect(kernel).toEqual(ofLinear(linear));
  }
});

test("an interface with an MTU of 9000 takes it in the driver, and its jumbo frames are seen whole", () => {
  const { west, east } = vethPair(9000);
  const program = load(compile(measure));
  onTestFinished(() => program.close());
  const attachment = program.attachXdp(west, { mode: "native" });
  onTestFinished(() => attachment.close());
  expect(east.run("ping", "-q", "-c", "1", "-W", "2", "-s", "8000", "10.77.0.1")).toContain("1 received");
  expect(program.map(longest).value).toBe(8042);
});

test("simulating a long frame takes a program that asked for frags", () => {
  const { purpose: _, ...without } = measure;
  expect(() => simulate({ ...without, purpose: {} }, { packet: frame(4000) })).toThrow(/needs fragments/);
});

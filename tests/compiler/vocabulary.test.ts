/** The parts of the language that the IOAM programs brought: the same in the kernel and in V8. */
import { expect, onTestFinished, test } from "vitest";
import { compile } from "../../src/compiler/compile.ts";
import { CompileError } from "../../src/compiler/diagnostics.ts";
import type { Program } from "../../src/kernel/program.ts";
import { temporaryRtnetlink } from "../../src/linux/fixtures/temporary-netns.ts";
import { createVeth, linkByName } from "../../src/linux/rtnetlink/links.ts";
import { toHex } from "../../src/wire/hex.ts";
import { Twin } from "../support/twin.ts";
import { amend, copies, device, unproven, walk } from "./programs/vocabulary.bpf.ts";

const twinOf = (program: Program<"tc">): Twin => {
  const twin = new Twin(program);
  onTestFinished(() => twin.close());
  return twin;
};

const packet = (...bytes: number[]): Uint8Array => {
  const frame = new Uint8Array(64);
  frame.set([0x08, 0x06], 12);
  frame.set(bytes, 14);
  return frame;
};

test("a loop whose variable is masked at the end of each round", () => {
  const twin = twinOf(walk);
  expect(twin.run(packet()).verdict).toBe(14 + 16 * 2);
  expect(twin.run(packet(1, 10, ...Array<number>(10).fill(0), 2, 20)).verdict).toBe(64);
  expect(twin.run(packet(1, 255)).verdict).toBe(14 + 257);
});

test("views into the middle of an array", () => {
  const twin = twinOf(amend);
  const bytes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let at = 0; at <= 12; at++) twin.run(packet(...bytes, at));
  const { kernel, v8 } = twin.records(copies);
  const copied = kernel.map((record) => toHex(record, 4, 10));
  expect(copied).toEqual(v8.map((record) => toHex(record, 4, 10)));
  expect(copied[0]).toBe("0xa1b2c3d4040506070809");
  expect(copied[6]).toBe("0x000102030405a1b2c3d4");
  expect(copied[7]).toBe("0x00010203040506070809");
});

test("views that may end past their array are refused", () => {
  expect(() => compile(unproven)).toThrow(CompileError);
});

test("the device's MTU, and a packet whose checksums are all there", () => {
  const { netns, route } = temporaryRtnetlink();
  createVeth(route, { name: "one", mtu: 1280 }, { name: "other" });
  const twin = twinOf(device);
  const { index } = linkByName(route, "one");
  expect(twin.run(packet(), { context: { ifindex: index }, netns, mtu: 1280 }).verdict).toBe(1280);
  expect(twin.run(packet()).verdict).toBe(65_536);
});

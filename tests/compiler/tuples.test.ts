/** Arrays of run-time values, and values that may be missing: the same in the kernel and in V8. */
import { expect, test } from "vitest";
import { agreeOn } from "./agree.ts";
import { missing, results, tuples } from "./programs/tuples.bpf.ts";

const frames = [
  [0, 0, 0, 80, 10, 0, 0, 1, 10, 0, 0, 2],
  [1, 5, 1, 187, 10, 0, 0, 2, 10, 0, 0, 1],
  [6, 70, 0, 22, 9, 9, 9, 9, 10, 0, 0, 1],
  [70, 255, 0, 53, 10, 0, 0, 1, 1, 2, 3, 4],
  [55, 100, 0, 9, 10, 0, 0, 2, 1, 2, 3, 4],
  [101, 3, 0, 0, 10, 0, 0, 1, 1, 2, 3, 4],
  [250, 8, 255, 255, 10, 0, 0, 1, 1, 2, 3, 4],
].map((bytes) => ({ packet: Buffer.from([...Array<number>(14).fill(3), ...bytes, 0, 0]).toString("hex") }));

test.each([tuples, missing])("$name", (program) => {
  const { maps, runs } = agreeOn(program, [...frames, { packet: "00".repeat(16) }], [results]);
  expect(runs.map(({ verdict }) => verdict)).toEqual(Array(frames.length + 1).fill(0));
  // Written by most of them: zeros would agree, too.
  expect(maps.get("results")?.get("00000000")).toMatch(/^(?:(?!00000000).{8}){12}/);
});

/** Loops that carry sums, the same in the kernel and in V8. */
import { expect, test } from "vitest";
import { agreeOn } from "./agree.ts";
import { manyWays, nested, options, parts, shifted, sumOfBytes, wrapping } from "./programs/loops.bpf.ts";

const packet = `${"00".repeat(14)}${"0102030405060708".repeat(8)}`;
const marks = [0, 1, 2, 3, 7, 31, 64, 100, 127];

test.each([
  ["sums of bytes", sumOfBytes, [0, 0, 0, 0, 0, 10, 0, 0, 10]],
  ["sums that go down, behind tests in the middle and at the end", manyWays, null],
  ["sums in loops in loops", nested, [0, 1, 3, 6, 28, 350, 0, 350, 350]],
  ["sums as offsets", options, null],
  ["bigints that wrap", wrapping, null],
  ["objects taken apart", parts, null],
  ["what is shifted away", shifted, [100_000, 110_102, 110_104, 110_205, 210_310, 320_509, 430_117, 430_308, 420_717]],
] as const)("%s", (_, program, expected) => {
  const { runs } = agreeOn(
    program,
    marks.map((mark) => ({ packet, mark })),
  );
  if (expected !== null) expect(runs.map(({ verdict }) => verdict)).toEqual(expected);
});

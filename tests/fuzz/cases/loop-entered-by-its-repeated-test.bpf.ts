/** A loop whose test is repeated wherever the loop is entered leaves no test behind that nothing leads to. */
import { header, randomU32, u16, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Bytes = header("bytes", "", { kind: u16, other: u8, last: u8 });

export const program = xdp((ctx) => {
  const bytes = ctx.packet.at(Bytes, 0);
  if (bytes === null) return 0;
  let differs = randomU32() !== 0;
  let round = bytes.last & 15;
  do {
    if (differs) differs = bytes.other !== round;
    round++;
  } while (round < 40);
  return differs ? 1 : 2;
});

export const runs: readonly CaseRun[] = [
  { packet: `0000 13 00 ${"00".repeat(10)}`, random: 1, expected: { verdict: 2 } },
  { packet: `0000 63 00 ${"00".repeat(10)}`, random: 1, expected: { verdict: 1 } },
  { packet: `0000 63 00 ${"00".repeat(10)}`, expected: { verdict: 2 } },
];

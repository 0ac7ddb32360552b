/** A loop up to a quotient, of which the verifier knows no bound, ends for it too. */
import { header, u32, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Count = header("count", "", { value: u32 });

export const program = xdp((ctx) => {
  const count = ctx.packet.at(Count, 0);
  if (count === null) return 0;
  const rounds = Math.trunc(count.value / 0x0800_0000);
  let sum = 0;
  for (let round = 0; round < rounds; round++) sum = (sum + round) & 0xffff;
  return sum;
});

export const runs: readonly CaseRun[] = [
  { packet: "ffffffff 00000000000000000000", expected: { verdict: 465 } },
  { packet: "ffffff07 00000000000000000000", expected: { verdict: 0 } },
];

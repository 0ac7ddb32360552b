/** What a branch proved of a loop's counter still holds of `choice ? counter : constant`. */
import { array, header, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Bytes = header("bytes", "", { limit: u8, byte: array(u8, 40) });

export const program = xdp((ctx) => {
  const bytes = ctx.packet.at(Bytes, 0);
  if (bytes === null) return 0;
  let sum = 0;
  for (let at = 0; at < 40; at++) sum = (sum + bytes.byte[at < bytes.limit ? at : 0]! * (at === 3 ? at : 1)) & 0xffff;
  return sum;
});

export const runs: readonly CaseRun[] = [
  { packet: `05 0102030405 ${"00".repeat(35)}`, expected: { verdict: 1 + 2 + 3 + 12 + 5 + 35 } },
];

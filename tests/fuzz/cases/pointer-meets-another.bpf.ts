/** A view is replaced on one of two ways, so that its first pointer is used in a block that it does not dominate. */
import { header, tc, u32 } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Word = header("word", "", { value: u32 });

export const program = tc((ctx) => {
  const moved = !ctx.mark;
  if (moved) {
    if (moved) ctx.pull(0);
    if (ctx.priority) return 0;
  }
  let word = ctx.packet.at(Word, 0);
  if (moved) word = ctx.packet.at(Word, 1);
  return word ? 3 : 2;
});

export const runs: readonly CaseRun[] = [
  { packet: "00".repeat(14), mark: 1, expected: { verdict: 3 } },
  { packet: "00".repeat(14), mark: 0, expected: { verdict: 3 } },
];

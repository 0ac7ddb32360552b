/** Records reach user space in the order in which they were reserved, not in that in which they were submitted. */
import { ringBuffer, struct, u32, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Word = struct("word", { value: u32 });
export const ring = ringBuffer({ bytes: 4096, name: "ring" });

export const program = xdp(() => {
  const first = ring.reserve(Word);
  if (first === null) return 0;
  first.value = 1;
  const second = ring.reserve(Word);
  if (second !== null) {
    second.value = 2;
    ring.submit(second);
  }
  ring.submit(first);
  return 2;
});

export const runs: readonly CaseRun[] = [
  { packet: "00".repeat(14), expected: { verdict: 2, records: ["01000000", "02000000"] } },
];

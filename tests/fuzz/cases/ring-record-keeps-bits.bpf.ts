/** Bit fields of a submitted record were zeroed with its holes. The hole between them is zero all the same. */
import { bits, ringBuffer, struct, tc } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Flags = struct("flags", { first: bits(1), second: bits(3), third: bits(9) });
export const ring = ringBuffer({ bytes: 4096, name: "ring" });

export const program = tc(() => {
  const record = ring.reserve(Flags);
  if (record === null) return 2;
  record.first = 1;
  record.second = 5;
  record.third = 0x101;
  ring.submit(record);
  return 0;
});

export const runs: readonly CaseRun[] = Array.from({ length: 3 }, () => ({
  packet: "00".repeat(14),
  expected: { verdict: 0, records: ["d808"] },
}));

/** `fetchAdd` on a signed field gives the signed value that was there. */
import { arrayMap, fetchAdd, i32, i64, struct, variable, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Signed = struct("signed", { narrow: i32, wide: i64 });
export const signed = arrayMap(Signed, { entries: 1, name: "signed" });
export const seen = variable(i64, 0n, { name: "seen" });

export const program = xdp(() => {
  const found = signed.lookup(0);
  if (found === null) return 1;
  const before = fetchAdd(found, "narrow", -3);
  seen.value = BigInt(before) * 1000n + fetchAdd(found, "wide", -5n);
  return before < 0 ? 7 : 8;
});

export const runs: readonly CaseRun[] = [
  { packet: "00".repeat(14), expected: { verdict: 8 } },
  { packet: "00".repeat(14), expected: { verdict: 7 } },
];
export const maps = {
  signed: { "00000000": "faffffff00000000f6ffffffffffffff" },
  seen: { "00000000": "43f4ffffffffffff" },
};

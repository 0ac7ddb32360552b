/** Elements of a copy on the stack lie at any alignment; the verifier takes aligned accesses only. */
import { array, be48, header, macAddress, tc, u8 } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Copy = header("copy", "", { wide: array(be48, 2), macs: array(macAddress, 3), index: u8 });

export const program = tc((ctx) => {
  const copy = ctx.load(0, Copy);
  if (copy === null) return 1;
  copy.macs[copy.index & 1] = "02:00:00:00:00:01" as (typeof copy.macs)[number];
  copy.wide[Math.min(copy.index, 1)]! += 3;
  return copy.macs[copy.index & 1] === copy.macs[2] ? copy.wide[copy.index & 1]! : 2;
});

export const runs: readonly CaseRun[] = [
  { packet: "000000000004 00000000000a 111111111111 222222222222 020000000001 01", expected: { verdict: 13 } },
  { packet: "000000000004 00000000000a 111111111111 222222222222 020000000001 00", expected: { verdict: 7 } },
  { packet: "000000000004 00000000000a 111111111111 222222222222 020000000002 00", expected: { verdict: 2 } },
];

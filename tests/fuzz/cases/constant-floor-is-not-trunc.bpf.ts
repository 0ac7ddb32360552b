/** `Math.floor` of a constant negative quotient rounds down, `Math.trunc` towards 0. */
import { variable, i32, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const step = -3;
export const floor = variable(i32, 0, { name: "floor" });

export const program = xdp(() => {
  floor.value = Math.floor(step / 2);
  return Math.trunc(step / 2) + 10;
});

export const runs: readonly CaseRun[] = [{ packet: "00".repeat(14), expected: { verdict: 9 } }];
export const maps = { floor: { "00000000": "feffffff" } };

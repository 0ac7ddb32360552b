/** `a -= a++`: the left side is read before the right side changes it. */
import { be48, variable, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

export const global = variable(be48, 5, { name: "global" });
export const local = variable(be48, 0, { name: "local" });

export const program = xdp(() => {
  global.value -= global.value++;
  let own = 7;
  own += (own = 100) * 2;
  local.value = own;
  return 4;
});

export const runs: readonly CaseRun[] = [{ packet: "00".repeat(14), expected: { verdict: 4 } }];
export const maps = { global: {}, local: { "00000000": "0000000000cf" } };

/** `break` without a label leaves the switch around it, also one that has a label. */
import { xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

export const program = xdp((ctx) => {
  let sum = 0;
  for (let round = 0; round < 3; round++) {
    one: switch ((ctx.packet.length + round) % 3) {
      case 0:
        sum += 1;
        break;
      case 1:
        if (round === 1) break one;
        sum += 10;
        break;
      default:
        sum += 100;
    }
    sum += 1000;
  }
  return sum;
});

export const runs: readonly CaseRun[] = [
  { packet: "00".repeat(15), expected: { verdict: 3101 } },
  { packet: "00".repeat(16), expected: { verdict: 3111 } },
];

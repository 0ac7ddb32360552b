/** changeHead moves the packet away from where the kernel takes its network header to be; room opens there. */
import { Tc, tc } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

export const program = tc((ctx) => {
  if (!ctx.changeHead(4)) return Tc.Drop;
  return ctx.adjustRoom(2, 1, 0) ? Tc.Ok : Tc.Drop;
});

const ethernet = "020000000002 020000000001 0800";
const ip = "45000014000000004011 0000 0a000001 0a000002";

export const runs: readonly CaseRun[] = [
  {
    packet: ethernet + ip,
    expected: { verdict: 0, packet: `00000000${ethernet}0000${ip}`.replaceAll(" ", "") },
  },
];

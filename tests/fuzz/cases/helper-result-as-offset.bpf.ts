/** What a kernel helper returns has no bounds for the verifier, whatever its manual says. */
import { header, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });

export const program = xdp((ctx) => {
  const byte = ctx.packet.at(Byte, Math.max(0, ctx.redirect(1)));
  return byte === null ? 0 : byte.value;
});

export const runs: readonly CaseRun[] = [{ packet: "0001020304050607 000000000000", expected: { verdict: 4 } }];

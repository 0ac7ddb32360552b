/** What a loop's body proves of its variable does not hold before the loop. */
import { header, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });

export const program = xdp((ctx) => {
  const byte = ctx.packet.at(Byte, 0);
  if (byte === null) return 0;
  let at = Math.imul(byte.value, byte.value) >>> 7;
  while (at < 12) {
    if (at !== 0) return 1;
    at += 2;
  }
  return 2;
});

export const runs: readonly CaseRun[] = [
  { packet: `70 ${"00".repeat(13)}`, expected: { verdict: 2 } },
  { packet: `00 ${"00".repeat(13)}`, expected: { verdict: 1 } },
  { packet: `11 ${"00".repeat(13)}`, expected: { verdict: 1 } },
];

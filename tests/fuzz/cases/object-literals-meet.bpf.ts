/** An object of constants on one path and one of run-time values on the other are one object afterwards. */
import { header, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });

export const program = xdp((ctx) => {
  const byte = ctx.packet.at(Byte, 0);
  if (byte === null) return 0;
  let choice = { width: 3, isSet: false };
  if (byte.value > 7) choice = { width: byte.value, isSet: byte.value > 9 };
  return choice.isSet ? choice.width * 2 : choice.width;
});

export const runs: readonly CaseRun[] = [
  { packet: `07 ${"00".repeat(13)}`, expected: { verdict: 3 } },
  { packet: `08 ${"00".repeat(13)}`, expected: { verdict: 8 } },
  { packet: `0a ${"00".repeat(13)}`, expected: { verdict: 20 } },
];

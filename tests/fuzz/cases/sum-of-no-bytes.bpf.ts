/** A sum that may be of no bytes must not compare the packet's start, as it stands, with its end. */
import { header, u8, variable, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Pair = header("pair", "", { count: u8, other: u8 });

export const absent = variable(u8, 0, {});

export const program = xdp((ctx) => {
  let pair = ctx.packet.at(Pair, 0);
  if (absent.value > 0) pair = null;
  if (pair === null) return 0;
  let sum = 1;
  if (pair.count > 1) sum = ctx.packet.sumWords(0, pair.count & 3);
  return sum * 256 + pair.other;
});

export const runs: readonly CaseRun[] = [
  { packet: "01 0203 0405 0607 0809 0a0b 0c0d 0e0f", expected: { verdict: 0x0102 } },
  { packet: "04 0203 0405 0607 0809 0a0b 0c0d 0e0f", expected: { verdict: 2 } },
  { packet: "02 0203 0405 0607 0809 0a0b 0c0d 0e0f", expected: { verdict: 0x020202 } },
];

/** Bit fields that lie across three and five bytes of a struct too small to read around them. */
import { arrayMap, bits, header, struct, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Three = struct("three", { a: bits(5), b: bits(12), c: bits(7) });
const Five = header("five", "", { a: bits(4), b: bits(32), c: bits(4) });
export const threes = arrayMap(Three, { entries: 1, name: "threes" });

export const program = xdp((ctx) => {
  const three = threes.lookup(0);
  const five = ctx.packet.at(Five, 0);
  if (three === null || five === null) return 0;
  three.b = five.b;
  five.b = (five.b + three.b) >>> 0;
  return three.b;
});

export const runs: readonly CaseRun[] = [
  {
    packet: "a1234567fb 000000000000000000",
    expected: { verdict: 0x67f, packet: "a12345cfeb000000000000000000" },
  },
];
export const maps = { threes: { "00000000": "033f80" } };

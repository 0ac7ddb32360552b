/** The verifier knows nothing of quotients, remainders and shifts by a register: offsets and indexes made of them are bounded for it. */
import { array, arrayMap, header, struct, u16, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });
const Words = struct("words", { word: array(u16, 5) });
export const words = arrayMap(Words, { entries: 1, name: "words" });

export const program = xdp((ctx) => {
  const first = ctx.packet.at(Byte, 0);
  const second = ctx.packet.at(Byte, 1);
  const found = words.lookup(0);
  if (first === null || second === null || found === null) return 1;
  found.word[first.value % 5] = 7;
  found.word[1 >> (first.value & 1)]! += 1;
  const atRemainder = ctx.packet.at(Byte, first.value % 61);
  const atQuotient = ctx.packet.at(Byte, 2 + Math.min(Math.floor(first.value / (second.value | 1)), 1));
  const atDistance = ctx.packet.at(Byte, Math.max(0, 3 - ctx.packet.length));
  if (atRemainder === null || atQuotient === null || atDistance === null) return 2;
  return atRemainder.value * 65_536 + atQuotient.value * 256 + atDistance.value;
});

export const runs: readonly CaseRun[] = [
  { packet: "03 02 aa bb cc dd ee ff 00 00 00 00 00 00", expected: { verdict: 0xbbbb03 } },
  { packet: "05 20 aa bb cc dd ee ff 00 00 00 00 00 00", expected: { verdict: 0xddaa05 } },
  { packet: "3c 20 aa bb cc dd ee ff 00 00 00 00 00 00", expected: { verdict: 2 } },
];
export const maps = { words: { "00000000": "07000100000007000000" } };

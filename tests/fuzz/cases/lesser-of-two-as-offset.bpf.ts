/** Verifiers before Linux 6.8 learn of no register by comparing it with another. */
import { array, arrayMap, header, struct, u16, u32, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });
const Pair = header("pair", "", { first: u32, second: u8 });
const Words = struct("words", { word: array(u16, 4) });
export const words = arrayMap(Words, { entries: 1, name: "words" });

export const program = xdp((ctx) => {
  const pair = ctx.packet.at(Pair, 0);
  const found = words.lookup(0);
  if (pair === null || found === null) return 1;
  const { first } = pair;
  const limit = pair.second & 3;
  const lesser = ctx.packet.at(Byte, Math.min(first, limit));
  if (lesser === null) return 2;
  if (first > limit) return lesser.value;
  found.word[first] = 7;
  return 256 + lesser.value;
});

export const runs: readonly CaseRun[] = [
  { packet: "02 00 00 00 03 dd ee ff 00 00 00 00 00 00", expected: { verdict: 256 } },
  { packet: "02 01 00 00 01 dd ee ff 00 00 00 00 00 00", expected: { verdict: 1 } },
];
export const maps = { words: { "00000000": "0000000007000000" } };

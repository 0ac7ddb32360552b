/** The verifier keeps the constant of a sum with its register, and would not add such a register to a pointer, small as it may be. */
import { array, arrayMap, header, struct, tc, u16, u32, u8 } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });
const Word = header("word", "", { value: u32 });
const Words = struct("words", { word: array(u16, 4) });
export const words = arrayMap(Words, { entries: 1, name: "words" });

export const program = tc((ctx) => {
  const found = words.lookup(0);
  const word = ctx.packet.at(Word, 0);
  if (word === null || found === null) return 1;
  const { value } = word;
  found.word[Math.max(0, Math.min(value - 1_915_118_120, 3))]! += 1;
  const lesser = ctx.packet.at(Byte, Math.max(0, Math.min(value - 1_915_118_120, 1)));
  const range = ctx.packet.at(Byte, Math.max(0, Math.min(value - 1_915_118_122, 40)));
  if (lesser === null || range === null) return 2;
  if (value >= 1_915_118_121 && value < 1_915_118_130) {
    const tested = ctx.packet.at(Byte, value - 1_915_118_121);
    if (tested === null) return 3;
    tested.value = 0x55;
    found.word[(value - 1_915_118_120) >>> 2]! += 16;
  }
  return lesser.value * 65_536 + range.value * 256 + (value & 255);
});

export const runs: readonly CaseRun[] = [
  {
    packet: "29 62 26 72 aa bb cc dd ee ff 00 00 00 00",
    expected: { verdict: 0x625529, packet: "55622672aabbccddeeff00000000" },
  },
  {
    packet: "2e 62 26 72 aa bb cc dd ee ff 00 00 00 00",
    expected: { verdict: 0x62aa2e, packet: "2e622672aa55ccddeeff00000000" },
  },
  { packet: "00 00 00 00 aa bb cc dd ee ff 00 00 00 00", expected: { verdict: 0 } },
];
export const maps = { words: { "00000000": "1100110000000100" } };

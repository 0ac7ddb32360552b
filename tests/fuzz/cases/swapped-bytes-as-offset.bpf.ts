/** Verifiers of older kernels know nothing of bytes that were swapped, not even how many they are. */
import { array, arrayMap, be16, be32, bits, header, struct, u16, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });
const Lengths = header("lengths", "", { length: be16, flow: be32, flag: bits(1), rest: bits(31) });
const Words = struct("words", { word: array(u16, 4) });
export const words = arrayMap(Words, { entries: 1, name: "words" });

export const program = xdp((ctx) => {
  const lengths = ctx.packet.at(Lengths, 0);
  const found = words.lookup(0);
  if (lengths === null || found === null) return 1;
  found.word[lengths.flow >>> 30] = 7;
  found.word[lengths.flag + 1]! += 1;
  const atLength = ctx.packet.at(Byte, lengths.length >>> 1);
  return atLength === null ? 2 : atLength.value;
});

export const runs: readonly CaseRun[] = [
  { packet: "00 1a c0 00 00 00 80 00 00 00 00 00 00 55", expected: { verdict: 0x55 } },
  { packet: "ff ff 00 00 00 00 7f ff ff ff 00 00 00 00", expected: { verdict: 2 } },
];
export const maps = { words: { "00000000": "0700010001000700" } };

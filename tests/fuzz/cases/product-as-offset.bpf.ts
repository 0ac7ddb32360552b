/** Verifiers before Linux 6.11 know nothing of products, unions and differences of bits of two registers, be they of 32 bits or 64. */
import { array, arrayMap, header, struct, u16, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });
const Words = struct("words", { word: array(u16, 4) });
export const words = arrayMap(Words, { entries: 1, name: "words" });

export const program = xdp((ctx) => {
  const first = ctx.packet.at(Byte, 0);
  const second = ctx.packet.at(Byte, 1);
  const found = words.lookup(0);
  if (first === null || second === null || found === null) return 1;
  found.word[((first.value * second.value * 16_777_216) >>> 0) >>> 30] = 7;
  found.word[((first.value | second.value) * 16_777_216) >>> 30]! += 1;
  const atProduct = ctx.packet.at(Byte, first.value * second.value);
  const atUnion = ctx.packet.at(Byte, first.value | second.value);
  const atDifference = ctx.packet.at(Byte, first.value ^ second.value);
  if (atProduct === null || atUnion === null || atDifference === null) return 2;
  return atProduct.value * 65_536 + atUnion.value * 256 + atDifference.value;
});

export const runs: readonly CaseRun[] = [
  { packet: "03 02 aa bb cc dd ee ff 00 00 00 00 00 00", expected: { verdict: 0xeebb02 } },
  { packet: "3c 20 aa bb cc dd ee ff 00 00 00 00 00 00", expected: { verdict: 2 } },
];
export const maps = { words: { "00000000": "0900000007000000" } };

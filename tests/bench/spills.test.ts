/** More values than registers: what a round does not change stays where it is. */
import { expect, test } from "vitest";
import { twins } from "../../bench/compiler/twins.ts";
import { disassemble } from "../../src/compiler/backend/disassemble.ts";
import { compile } from "../../src/compiler/compile.ts";

const ROUNDS = 16;
/** The start of the packet is read back, two values are written where an option sets them; some rounds are not all. */
const MOST = 6;

test("reading options of TCP touches the stack for what an option changes, not for what it leaves", () => {
  const lines = disassemble(compile(twins["tcp-options"]!.program).code).split("\n");
  expect(lines.filter((line) => line.includes("(r10 ")).length).toBeLessThanOrEqual(ROUNDS * MOST);
});

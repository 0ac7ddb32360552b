/** A struct copied over itself, a few bytes further on: read whole, then written. */
import { be24, bits, header, nested, tc, u8 } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Inner = header("inner", "", { a: bits(1), b: bits(7), c: be24, d: bits(2), e: bits(14) });
const Outer = header("outer", "", { first: u8, second: u8, inner: nested(Inner) });

export const program = tc((ctx) => {
  const inner = ctx.packet.at(Inner, 0);
  const outer = ctx.packet.at(Outer, 1);
  if (inner === null || outer === null) return 1;
  outer.inner = inner;
  return 0;
});

export const runs: readonly CaseRun[] = [
  { packet: "000102030405060708090a0b0c0d", expected: { verdict: 0, packet: "000102000102030405090a0b0c0d" } },
];

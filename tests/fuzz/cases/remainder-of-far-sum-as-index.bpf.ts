/** A remainder is a sum less a product, and the verifier may know the product to be a large constant. */
import { array, be16, bits, header, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Header = header("header", "", { port: be16, high: bits(4), low: bits(4), bytes: array(u8, 30) });

export const program = xdp((ctx) => {
  const view = ctx.packet.at(Header, 0);
  if (view === null) return 4;
  // Nobody needs this one; the proof that it is there stays.
  const _unused = view.bytes[(681_828_220 + view.high) % 30]!;
  return view.bytes[(681_828_219 + view.low) % 30]!;
});

export const runs: readonly CaseRun[] = [
  { packet: `0000 03 ${"00".repeat(12)}2a${"00".repeat(17)}`, expected: { verdict: 0x2a } },
  { packet: `0000 0f ${"00".repeat(24)}2b${"00".repeat(5)}`, expected: { verdict: 0x2b } },
];

/** `viewInto` an array of the packet, at an offset that the verifier cannot bound by itself. */
import { array, be16, header, u8, viewInto, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Bytes = header("bytes", "", { index: u8, bytes: array(u8, 8) });
const Word = header("word", "", { value: be16 });

export const program = xdp((ctx) => {
  const view = ctx.packet.at(Bytes, 0);
  if (view === null) return 0;
  const word = viewInto(view, "bytes", Word, view.index % 7);
  word.value += 1;
  return word.value;
});

export const runs: readonly CaseRun[] = [
  { packet: "06 0001020304050607 0000000000", expected: { verdict: 0x0608, packet: "0600010203040506080000000000" } },
  { packet: "08 0001020304050607 0000000000", expected: { verdict: 0x0103 } },
];

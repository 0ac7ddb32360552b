/** What is known of a number from before a range loop is still known in its later rounds, although they differ otherwise. */
import { header, hashMap, range, tc, u32, u8 } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Start = header("start", "", { to: u8, step: u8 });
const Byte = header("byte", "", { value: u8 });
const counts = hashMap(u32, u32, { entries: 4, name: "counts" });

export const program = tc((ctx) => {
  const start = ctx.packet.at(Start, 0);
  if (start === null) return 0;
  const { to, step } = start;
  const entry = counts.lookup(ctx.mark);
  let found = 0;
  for (const at of range(0, to)) {
    if (at === 5) {
      const byte = ctx.packet.at(Byte, step);
      if (byte !== null) found = (found + byte.value) & 0xff;
    } else {
      if (step > 30) found = found ^ 1;
      if (entry === null) continue;
      found = (found + entry.value) & 0xff;
    }
  }
  return found;
});

export const runs: readonly CaseRun[] = [
  { packet: "08020900000000000000000000000000", expected: { verdict: 9 } },
  { packet: "08ff0900000000000000000000000000", expected: { verdict: 1 } },
];

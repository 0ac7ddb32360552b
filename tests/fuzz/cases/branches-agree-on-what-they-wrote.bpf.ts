/** Both branches wrote 0 over a 1 on the stack: after them it is 0, and a 1 must be written again. */
import { be48, be56, header, lruHashMap, struct, u32, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Byte = header("byte", "", { value: u8 });
const Value = struct("value", { narrow: u32, wide: be48 });
export const known = lruHashMap(be56, Value, { entries: 64, name: "known" });

export const program = xdp((ctx) => {
  known.update(1n, { narrow: 8, wide: 0 });
  const byte = ctx.packet.at(Byte, 0);
  if (byte === null) return 0;
  const nothing = byte.value > 3 ? known.lookup(0n) : known.lookup(0n);
  const one = known.lookup(1n);
  return nothing === null && one !== null ? one.narrow : 1;
});

export const runs: readonly CaseRun[] = [{ packet: "00".repeat(14), expected: { verdict: 8 } }];

/** `?.` and `??` on views: a value where the view is there, another where it is not, and comparisons of both. */
import { array, be16, hashMap, header, nested, struct, u32, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Near = header("near", "", { kind: u8, port: be16, rest: array(u8, 17) });
const Far = header("far", "", { skipped: array(u8, 30), port: be16 });
const Inner = struct("inner", { value: u32 });
const Entry = struct("entry", { inner: nested(Inner), other: u32 });

export const map = hashMap(u8, Entry, { entries: 4, name: "map" });

export const program = xdp((ctx) => {
  let sum = ctx.packet.at(Near, 0)?.port ?? 1;
  sum += ctx.packet.at(Far, 0)?.port ?? 2;
  if (ctx.packet.at(Far, 0)?.port === 0x0102) sum += 0x10000;
  if (ctx.packet.at(Far, 0)?.port !== 0x0102) sum += 0x20000;
  if (!(ctx.packet.at(Far, 0)?.port === 0x0102) && (ctx.packet.at(Near, 0)?.kind ?? 9) === 1) sum += 0x40000;
  sum += map.lookup(1)?.inner.value ?? 0x80000;
  const entry = map.lookup(1) ?? map.lookup(2);
  if (entry !== null) sum += entry.other;
  map.update(2, { inner: { value: 3 }, other: 0x100000 });
  return sum >>> 0;
});

export const runs: readonly CaseRun[] = [
  { packet: `01 0005 ${"00".repeat(17)}`, expected: { verdict: 5 + 2 + 0x20000 + 0x40000 + 0x80000 } },
  {
    packet: `01 0005 ${"00".repeat(27)} 0102`,
    expected: { verdict: 5 + 0x102 + 0x10000 + 0x80000 + 0x100000 },
  },
  { packet: `02 0005 ${"00".repeat(27)} 0103`, expected: { verdict: 5 + 0x103 + 0x20000 + 0x80000 + 0x100000 } },
];

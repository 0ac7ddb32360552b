/** A 32-bit result that JavaScript reads as negative fills a 48-bit field with its sign, also where it joined a wide value. */
import { be48, header, tc } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Fields = header("fields", "", { masked: be48, chosen: be48 });

export const program = tc((ctx) => {
  const fields = ctx.packet.at(Fields, 0);
  if (fields === null) return 1;
  const wide = fields.masked;
  fields.masked &= -1;
  fields.chosen = ctx.mark === 1 ? wide : fields.chosen | 0x8000_0000;
  return 0;
});

const rest = "00 00";
export const runs: readonly CaseRun[] = [
  {
    packet: `6063f21f2ffe 000000000001 ${rest}`,
    mark: 1,
    expected: { verdict: 0, packet: "fffff21f2ffe6063f21f2ffe0000" },
  },
  { packet: `606372000001 000000000001 ${rest}`, expected: { verdict: 0, packet: "000072000001ffff800000010000" } },
];

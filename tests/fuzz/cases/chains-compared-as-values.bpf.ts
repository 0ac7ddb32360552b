/** Comparisons with `?.` as values, on either side and on both: what is missing equals undefined, and another that is missing. */
import { be16, header, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Near = header("near", "", { kind: be16, port: be16 });
const Far = header("far", "", { skipped: be16, port: be16 });

export const program = xdp((ctx) => {
  const far = ctx.packet.at(Far, 30);
  const same = far?.port === 5;
  const other = 5 !== far?.port;
  const both = ctx.packet.at(Near, 0)?.port === far?.port;
  const neither = ctx.packet.at(Far, 40)?.port === ctx.packet.at(Far, 50)?.port;
  const missing = far?.port === undefined;
  return (
    (same ? 1 : 0) +
    (other ? 2 : 0) +
    (both ? 4 : 0) +
    (neither ? 8 : 0) +
    (missing ? 16 : 0) +
    Number(far?.port !== 6) * 32
  );
});

export const runs: readonly CaseRun[] = [
  { packet: "00".repeat(20), expected: { verdict: 2 + 8 + 16 + 32 } },
  { packet: `0000 0005 ${"00".repeat(28)} 0005 ${"00".repeat(4)}`, expected: { verdict: 1 + 4 + 8 + 32 } },
  { packet: `0000 0006 ${"00".repeat(28)} 0006 ${"00".repeat(8)}0006${"00".repeat(4)}`, expected: { verdict: 2 + 4 } },
];

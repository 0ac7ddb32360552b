/** The low half of a register that is compared and then added to a pointer: the comparison is of what is added. */
import { be32, header, monotonicNs, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Fields = header("fields", "", { first: u8, second: be32 });

export const program = xdp((ctx) => {
  const fields = ctx.packet.at(Fields, Math.min(Number(BigInt.asUintN(32, monotonicNs())), 1));
  return fields === null ? 0 : fields.second;
});

export const runs: readonly CaseRun[] = [
  { packet: "00 01020304 05 0000000000000000", monotonicNs: 1n << 32n, expected: { verdict: 0x01020304 } },
  { packet: "00 01020304 05 0000000000000000", monotonicNs: 0xffff_ffffn, expected: { verdict: 0x02030405 } },
];

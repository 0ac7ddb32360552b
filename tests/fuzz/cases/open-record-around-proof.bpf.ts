/** Where the program would end for a bound that only the verifier doubts, an open ring record is given back. */
import { array, header, ringBuffer, struct, u32, u8, xdp } from "../../../src/kernel/index.ts";
import type { CaseRun } from "../case.ts";

const Bytes = header("bytes", "", { index: u8, bytes: array(u8, 5) });
const Seen = struct("seen", { byte: u32 });
export const ring = ringBuffer({ bytes: 4096, name: "ring" });

export const program = xdp((ctx) => {
  const view = ctx.packet.at(Bytes, 0);
  if (view === null) return 1;
  const record = ring.reserve(Seen);
  if (record === null) return 2;
  record.byte = view.bytes[view.index % 5]!;
  ring.submit(record);
  return 3;
});

export const runs: readonly CaseRun[] = [
  { packet: "07 0a0b0c0d0e 0000000000000000", expected: { verdict: 3, records: ["0c000000"] } },
];

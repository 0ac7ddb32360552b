/** The ring buffer's consumer: records a second drained by JavaScript, against reading the same bytes as plain memory. */
import { load } from "../../src/bpf/instance.ts";
import { compile } from "../../src/compiler/compile.ts";
import { compare, type Area } from "../row.ts";
import { produce, Record, ring } from "../ring/produce.bpf.ts";

/** Fills the ring nearly: a record takes 8 bytes more than its own. */
const RECORDS = 200_000;
const packet = new Uint8Array(64);

export const area: Area = (report) => {
  const program = load(compile(produce));
  try {
    const reader = program.map(ring);
    const fill = (): void => {
      reader.skip();
      program.testRun(packet, { repeat: RECORDS });
    };
    const memory = new DataView(new ArrayBuffer(RECORDS * (Record.size + 8)));
    let sum = 0n;
    const drained = (): number => {
      fill();
      sum = 0n;
      const start = process.hrtime.bigint();
      const records = reader.poll((view, offset) => {
        sum += BigInt(view.getUint32(offset, true));
      });
      const elapsed = process.hrtime.bigint() - start;
      if (records !== RECORDS || sum !== BigInt(RECORDS) * 7n)
        throw new Error(`${records} records with a sum of ${sum} came out of ${RECORDS}`);
      return (records * 1e9) / Number(elapsed);
    };
    const walked = (): number => {
      fill();
      const start = process.hrtime.bigint();
      let total = 0n;
      for (let at = 0; at < memory.byteLength; at += Record.size + 8) total += BigInt(memory.getUint32(at, true));
      const elapsed = process.hrtime.bigint() - start;
      sum = total;
      return (RECORDS * 1e9) / Number(elapsed);
    };
    report(
      compare({
        name: "ring drained",
        unit: "records/s",
        better: "higher",
        peerName: "a walk over plain memory",
        ours: drained,
        peer: walked,
      }),
    );
  } finally {
    program.close();
  }
};

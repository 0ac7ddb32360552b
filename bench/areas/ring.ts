/** The ring buffer's consumer: records a second, drained and live, against a reader in C and against reading plain memory. */
import { once } from "node:events";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { RingReader } from "../../src/bpf/ring.ts";
import { compile } from "../../src/compiler/compile.ts";
import { buildCReader, type CReader } from "../ring/c-reader.ts";
import { produce, Record, ring, VALUE } from "../ring/produce.bpf.ts";
import { compare, type Area, type Row } from "../row.ts";

/** Fills the ring nearly: a record takes 8 bytes more than its own. */
const RECORDS = 200_000;
const LIVE_MS = 300;
const packet = new Uint8Array(64);

export const area: Area = async (report) => {
  const program = load(compile(produce));
  const peer = buildCReader();
  try {
    report(plainMemory(program));
    if (peer === undefined) return;
    report(drainedBesideC(program, peer));
    report(await liveBesideC(program, peer));
  } finally {
    peer?.close();
    program.close();
  }
};

/** A reader of its own each time: the one in C has moved on meanwhile. */
const withReader = <R>(program: LoadedProgram, run: (reader: RingReader) => R): R => {
  const reader = new RingReader(program.map(ring).raw);
  try {
    return run(reader);
  } finally {
    reader.close();
  }
};

const fill = (program: LoadedProgram): void => {
  withReader(program, (reader) => reader.skip());
  program.testRun(packet, { repeat: RECORDS });
};

/** Records a second of what is there, their first words added up. */
const drained = (program: LoadedProgram): number => {
  fill(program);
  return withReader(program, (reader) => {
    let sum = 0;
    const start = process.hrtime.bigint();
    const records = reader.poll((view, offset) => {
      sum += view.getUint32(offset, true);
    });
    const elapsed = process.hrtime.bigint() - start;
    if (records !== RECORDS || sum !== RECORDS * VALUE)
      throw new Error(`${records} records with a sum of ${sum} came out of ${RECORDS}`);
    return (records * 1e9) / Number(elapsed);
  });
};

const plainMemory = (program: LoadedProgram): Row => {
  const memory = new DataView(new ArrayBuffer(RECORDS * (Record.size + 8)));
  return compare({
    name: "ring drained",
    unit: "records/s",
    better: "higher",
    peerName: "a walk over plain memory",
    ours: () => drained(program),
    peer: () => {
      fill(program);
      const start = process.hrtime.bigint();
      let total = 0;
      for (let at = 0; at < memory.byteLength; at += Record.size + 8) total += memory.getUint32(at, true);
      const elapsed = process.hrtime.bigint() - start;
      if (total !== 0) throw new Error("unreachable: there is nothing in it");
      return (RECORDS * 1e9) / Number(elapsed);
    },
  });
};

const mapOf = (program: LoadedProgram): number => program.map(ring).raw.info.id;

const drainedBesideC = (program: LoadedProgram, peer: CReader): Row =>
  compare({
    name: "ring drained, beside C",
    unit: "records/s",
    better: "higher",
    peerName: "a reader in C",
    ours: () => drained(program),
    peer: () => {
      fill(program);
      return peer.drain(mapOf(program), RECORDS, VALUE);
    },
  });

/** While another process writes as fast as it can. */
const liveBesideC = async (program: LoadedProgram, peer: CReader): Promise<Row> => {
  const producer = peer.produce(program.info().id);
  try {
    return compare({
      name: "ring live, beside C",
      unit: "records/s",
      better: "higher",
      peerName: "a reader in C",
      ours: () =>
        withReader(program, (reader) => {
          let sum = 0;
          const add = (view: DataView, offset: number): void => {
            sum += view.getUint32(offset, true);
          };
          const start = performance.now();
          let records = 0;
          while (performance.now() - start < LIVE_MS) records += reader.poll(add);
          const seconds = (performance.now() - start) / 1000;
          if (records === 0 || sum !== records * VALUE) throw new Error(`${records} records with a sum of ${sum}`);
          return records / seconds;
        }),
      peer: () => peer.live(mapOf(program), LIVE_MS, VALUE),
    });
  } finally {
    producer.kill("SIGKILL");
    await once(producer, "exit");
  }
};

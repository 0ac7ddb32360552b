/** The ring buffer's consumer: records a second, drained and live, against libbpf's and a loop in C that does no more than it must. */
import { once } from "node:events";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { RingReader } from "../../src/bpf/ring.ts";
import { compile } from "../../src/compiler/compile.ts";
import { pinToOneCpu } from "../../tests/fuzz/pin-cpu.ts";
import { buildCReader, type CReader, type CReaderKind } from "../ring/c-reader.ts";
import { produce, produceTimed, ring, VALUE } from "../ring/produce.bpf.ts";
import { wakeUpRows } from "../ring/wake-up.ts";
import { compare, type Area, type Row } from "../row.ts";

/** Fills the ring nearly: a record takes 8 bytes more than its own. */
const RECORDS = 200_000;
const LIVE_MS = 300;
const START_MS = 10_000;
const packet = new Uint8Array(64);

/** What comes to the ring's cache between two measurements is others' work: the best of so many counts, for either side. */
const TRIES = 3;

export const area: Area = async (report) => {
  const peer = buildCReader();
  if (peer === undefined)
    return void process.stderr.write("without a C compiler there is nothing to measure against\n");
  if (!peer.hasLibbpf)
    process.stderr.write("libbpf's headers are not installed (Debian's libbpf-dev): no rows against it\n");
  const program = load(compile(produce));
  const timed = load(compile(produceTimed));
  const kinds: readonly CReaderKind[] = peer.hasLibbpf ? ["libbpf", "loop"] : ["loop"];
  try {
    // What fills the ring, and who reads it, find the same caches as warm.
    const cpu = pinToOneCpu();
    for (const kind of kinds) report(drainedBesideC(program, peer, kind));
    for (const kind of kinds) report(await liveBesideC(program, peer, kind, cpu));
    for (const row of await wakeUpRows(timed, peer, cpu)) report(row);
  } finally {
    peer.close();
    timed.close();
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
  // A process in C starts with a slice of time of its own; where others want the CPU too, ours is over after filling.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
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

const mapOf = (program: LoadedProgram): number => program.map(ring).raw.info.id;

/**
 * The producer takes its time to start, and to have a CPU again that others want too (tens of ms were seen): neither side's
 * clock starts before it writes, or stops before it has written.
 */
const untilWritten = (reader: RingReader): void => {
  reader.skip();
  for (const start = performance.now(); reader.skip() === 0;)
    if (performance.now() - start > START_MS) throw new Error("the producer writes nothing");
};

const best = (measure: () => number): number => Math.max(...Array.from({ length: TRIES }, measure));

const peerName = (kind: CReaderKind): string => (kind === "libbpf" ? "libbpf" : "a tight loop in C");

const drainedBesideC = (program: LoadedProgram, peer: CReader, kind: CReaderKind): Row =>
  compare({
    name: `ring drained, beside ${peerName(kind)}`,
    unit: "records/s",
    better: "higher",
    peerName: peerName(kind),
    ours: () => best(() => drained(program)),
    peer: () =>
      best(() => {
        fill(program);
        return peer.drain(kind, mapOf(program), RECORDS, VALUE);
      }),
  });

/** While another process writes as fast as it can. */
const liveBesideC = async (program: LoadedProgram, peer: CReader, kind: CReaderKind, cpu: number): Promise<Row> => {
  const producer = peer.produce(program.info().id, cpu);
  try {
    return compare({
      name: `ring live, beside ${peerName(kind)}`,
      unit: "records/s",
      better: "higher",
      peerName: peerName(kind),
      ours: () =>
        withReader(program, (reader) => {
          let sum = 0;
          const add = (view: DataView, offset: number): void => {
            sum += view.getUint32(offset, true);
          };
          untilWritten(reader);
          const start = performance.now();
          let records = 0;
          while (records === 0 || performance.now() - start < LIVE_MS) records += reader.poll(add);
          const seconds = (performance.now() - start) / 1000;
          if (sum !== records * VALUE) throw new Error(`${records} records with a sum of ${sum}`);
          return records / seconds;
        }),
      peer: () => peer.live(kind, mapOf(program), LIVE_MS, VALUE),
    });
  } finally {
    producer.kill("SIGKILL");
    await once(producer, "exit");
  }
};

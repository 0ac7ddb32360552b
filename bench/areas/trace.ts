/** Traces to paths and links: records of three hops, of 64 paths, read where they lie. */
import { TraceStatistics } from "../../src/follow/trace/statistics.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { fieldOf, writeField } from "../../src/wire/codec.ts";
import { encodeIoamTrace } from "../../src/wire/ioam/encode.ts";
import { TraceReader } from "../../src/wire/ioam/trace-reader.ts";
import { compare, type Area } from "../row.ts";

const PATHS = 64;
const START_US = 1_763_704_833_000_000;

const TRACES = 300_000;

export const area: Area = (report) => {
  const records = makeRecords();
  const perSecond = (run: () => void): number => {
    const start = performance.now();
    run();
    return (TRACES * 1000) / (performance.now() - start);
  };
  const summed = (): number => {
    const statistics = new TraceStatistics();
    const rate = perSecond(() => {
      for (let count = 0; count < TRACES; count++) statistics.add(records, (count % PATHS) * TraceRecord.size);
    });
    check(statistics, TRACES);
    return rate;
  };
  const reader = new TraceReader();
  const traceAt = fieldOf(TraceRecord, "trace").bitOffset / 8;
  const traceBytes = 8 + 84;
  const read = (): number =>
    perSecond(() => {
      let hops = 0;
      for (let count = 0; count < TRACES; count++) {
        reader.read(records, (count % PATHS) * TraceRecord.size + traceAt, traceBytes);
        hops += reader.hopCount;
      }
      if (hops !== TRACES * 3) throw new Error(`${hops} hops in ${TRACES} traces of 3`);
    });
  report(
    compare({
      name: "traces decoded and summed by path and link",
      unit: "traces/s",
      better: "higher",
      peerName: "finding their hops alone",
      ours: summed,
      peer: read,
    }),
  );
};

const makeRecords = (): Uint8Array => {
  const records = new Uint8Array(PATHS * TraceRecord.size);
  for (let path = 0; path < PATHS; path++) {
    const at = path * TraceRecord.size;
    const trace = encodeIoamTrace({
      namespaceId: 123,
      traceType: 0xfe0000,
      size: 84,
      hops: [0, 1, 2].map((hop) => ({
        nodeId: hop * 1000 + path,
        ingressId: hop * 10 + 1,
        egressId: hop * 10 + 2,
        hopLimit: 64 - hop,
        timestampNs: `${START_US + hop * (10 + path)}000`,
        transitDelayNs: 1000 + path,
        namespaceData: "0xdeadbeef",
        queueDepth: 0,
      })),
    });
    writeField(fieldOf(TraceRecord, "segments"), 1, records, at);
    writeField(fieldOf(TraceRecord, "traceLength"), trace.length, records, at);
    records.set(trace, at + fieldOf(TraceRecord, "trace").bitOffset / 8);
  }
  return records;
};

const check = (statistics: TraceStatistics, traces: number): void => {
  const summed = statistics.links.reduce((sum, { delaysUs }) => sum + delaysUs.count, 0);
  if (statistics.paths.length !== PATHS || summed !== 2 * traces || statistics.malformed !== 0) {
    throw new Error(`${statistics.paths.length} paths and ${summed} delays of ${traces} traces`);
  }
};

/** How many traces a second the hot path sums up: records of three hops, of 64 paths, read where they lie. */
import { TraceStatistics } from "../src/follow/trace/statistics.ts";
import { TraceRecord } from "../src/mark/ioam/record.ts";
import { fieldOf, writeField } from "../src/wire/codec.ts";
import { encodeIoamTrace } from "../src/wire/ioam/encode.ts";

const PATHS = 64;
const START_US = 1_763_704_833_000_000;

export interface TraceDecodeResult {
  readonly traces: number;
  readonly seconds: number;
  readonly tracesPerSecond: number;
}

/** Sums up `traces` records; throws an Error when the sums are not those of the records. */
export const traceDecode = (traces = 1_000_000): TraceDecodeResult => {
  const records = makeRecords();
  const statistics = new TraceStatistics();
  const start = performance.now();
  for (let count = 0; count < traces; count++) statistics.add(records, (count % PATHS) * TraceRecord.size);
  const seconds = (performance.now() - start) / 1000;
  check(statistics, traces);
  return { traces, seconds, tracesPerSecond: traces / seconds };
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

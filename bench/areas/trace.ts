/** Traces to paths, links and flows: records of three hops, of 64 paths, read where they lie. */
import { TraceStatistics } from "../../src/follow/trace/statistics.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { fieldOf } from "../../src/wire/codec.ts";
import { TraceReader } from "../../src/wire/ioam/trace-reader.ts";
import { compare, type Area } from "../row.ts";
import { labRow } from "../trace/lab.ts";
import { liveRow } from "../trace/live.ts";
import { recordingRows } from "../trace/recording.ts";
import { makeRecords, PATHS } from "../trace/records.ts";

const TRACES = 300_000;

export const area: Area = async (report) => {
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
      name: "traces decoded and summed by path, link and flow",
      unit: "traces/s",
      better: "higher",
      peerName: "finding their hops alone",
      ours: summed,
      peer: read,
    }),
  );
  for (const row of recordingRows(records)) report(row);
  report(liveRow(records));
  report(await labRow());
};

const check = (statistics: TraceStatistics, traces: number): void => {
  const summed = statistics.links.reduce((sum, { delaysUs }) => sum + delaysUs.count, 0);
  if (statistics.paths.length !== PATHS || summed !== 2 * traces || statistics.malformed !== 0) {
    throw new Error(`${statistics.paths.length} paths and ${summed} delays of ${traces} traces`);
  }
};

/** Recordings: how fast records are written, and how fast a recording is read and summed up again. */
import { PcapngRecorder } from "../../src/follow/trace/recording/pcapng-recorder.ts";
import { PcapngReplay } from "../../src/follow/trace/recording/pcapng-replay.ts";
import { factsOfNothing } from "../../src/follow/trace/recording/session.ts";
import { TraceStatistics } from "../../src/follow/trace/statistics.ts";
import { TraceRecord } from "../../src/mark/ioam/record.ts";
import { compare, type Row } from "../row.ts";
import { PATHS } from "./records.ts";

const TRACES = 50_000;
const CHUNK = 1 << 20;

const perSecond = (run: () => void): number => {
  const start = performance.now();
  run();
  return (TRACES * 1000) / (performance.now() - start);
};

const recorded = (records: Uint8Array): Uint8Array => {
  const recorder = new PcapngRecorder("hopmark");
  recorder.begin({ ...factsOfNothing, source: "bench" });
  for (let count = 0; count < TRACES; count++) recorder.add(records, (count % PATHS) * TraceRecord.size);
  return recorder.take();
};

const summed = (records: Uint8Array): void => {
  const statistics = new TraceStatistics();
  for (let count = 0; count < TRACES; count++) statistics.add(records, (count % PATHS) * TraceRecord.size);
};

export const recordingRows = (records: Uint8Array): Row[] => {
  const file = recorded(records).slice();
  const replayed = (): number => {
    const statistics = new TraceStatistics();
    let bytes = new Uint8Array(0);
    const replay = new PcapngReplay({
      begin: () => {},
      state: () => {},
      record: (view, offset) => {
        if (bytes.buffer !== view.buffer) bytes = new Uint8Array(view.buffer as ArrayBuffer);
        statistics.add(bytes, offset);
      },
    });
    const rate = perSecond(() => {
      for (let at = 0; at < file.length; at += CHUNK) replay.push(file.subarray(at, at + CHUNK));
    });
    if (replay.end() !== null || statistics.packets !== TRACES) throw new Error(`${statistics.packets} of ${TRACES}`);
    return rate;
  };
  const shared = { unit: "traces/s", better: "higher", peerName: "summing them up alone", rounds: 5 } as const;
  const peer = (): number => perSecond(() => summed(records));
  return [
    compare({ ...shared, name: "traces recorded as pcapng", ours: () => perSecond(() => recorded(records)), peer }),
    compare({ ...shared, name: "a recording read and summed up", ours: replayed, peer }),
  ];
};

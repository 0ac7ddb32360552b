/** Reports of nodes elsewhere as something to follow: live through pipes, or from files. */
import { ConfigError } from "../../errors.ts";
import type { Counted } from "../../follow/trace/loss.ts";
import { ExportNodes, type ExportNodesOptions } from "./export-nodes.ts";
import type { LiveSource } from "./live-source.ts";
import { isRegularFile, ReportFile } from "./report-files.ts";

/** Writers write each 50 ms; what comes over a network is spread further. */
const PIPES: ExportNodesOptions = { lagMs: 200 };
/** Nothing tells files' clocks apart: they may differ by as much. */
const FILES: ExportNodesOptions = { lagMs: 1500, holdMs: 3000 };

export interface ReportsSource extends LiveSource {
  /** When the first of them has ended: of what comes then some reports are missing. */
  readonly finished: Promise<void>;
  /** What could not be read, or is missing; null when nothing is. */
  remark(): string | null;
  close(): void;
}

/** Opens them all. ConfigError when one is none. */
export const openReports = async (paths: readonly string[]): Promise<ReportsSource> => {
  if (new Set(paths).size < paths.length)
    throw new ConfigError("--reports names a file twice", { hint: "name each node's once" });
  const files: ReportFile[] = [];
  try {
    // One after the other: of pipes, all have been begun before the first is waited for.
    for (const opening of paths.map((path) => ReportFile.open(path))) files.push(await opening);
  } catch (error) {
    for (const { readers } of files) readers.close();
    throw error;
  }
  return paths.every(isRegularFile) ? fromFiles(files) : fromPipes(files);
};

const fromPipes = (files: readonly ReportFile[]): ReportsSource => {
  const read = async (file: ReportFile): Promise<void> => {
    while (file.next !== undefined) await file.step();
  };
  return sourceOf(files, { ...PIPES, now: () => performance.now() }, () => Promise.race(files.map(read)));
};

/** By the writers' clocks, in the order of time: as if they came now. */
const fromFiles = (files: readonly ReportFile[]): ReportsSource => {
  const startMs = Math.max(...files.map(({ next }) => msOf(next!.atNs)));
  let nowMs = startMs;
  const read = async (): Promise<void> => {
    for (;;) {
      const [earliest] = files.toSorted((one, other) => timeOf(one) - timeOf(other));
      if (earliest?.next === undefined || files.some(({ next }) => next === undefined)) return;
      nowMs = msOf(earliest.next.atNs);
      await earliest.step();
    }
  };
  return sourceOf(files, { ...FILES, now: () => nowMs }, read);
};

const msOf = (ns: bigint): number => Number(ns / 1000n) / 1000;

const timeOf = ({ next }: ReportFile): number => (next === undefined ? Infinity : msOf(next.atNs));

const sourceOf = (
  files: readonly ReportFile[],
  options: ExportNodesOptions & { readonly now: () => number },
  read: () => Promise<void>,
): ReportsSource => {
  const { now } = options;
  const nodes = new ExportNodes(files, options);
  const source = files.map(({ node }) => node.node).join(", ");
  const startMs = now();
  const counted = (): Counted => ({ encap: [], transit: [], sink: nodes.arrived(), exports: nodes.counts() });
  const secondsSoFar = (): number => Math.round(now() - startMs) / 1000;
  let started = false;
  let finish: (reading: Promise<void>) => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  finished.catch(() => {}); // whoever waits for it hears of it
  return {
    title: "hopmark trace",
    note: `${source} · Ctrl-C ends`,
    reader: {
      poll: (callback) => nodes.poll(callback),
      watch: (callback, afterBatch) => {
        const watch = nodes.watch(callback, afterBatch);
        if (!started) finish(read());
        started = true;
        return watch;
      },
    },
    begin: () => {
      nodes.skip();
      return {
        source,
        startNs: files.reduce((latest, { next }) => (next!.atNs > latest ? next!.atNs : latest), 0n),
        transit: null,
        names: new Map(files.flatMap(({ node }) => [...node.names])),
        sharedClock: false,
        ifindex: nodes.ifindex,
        linkHeaderBytes: nodes.linkHeaderBytes,
        before: counted(),
        clock: null,
      };
    },
    secondsSoFar,
    state: (last) => ({ seconds: secondsSoFar(), after: counted(), clock: null, ended: last }),
    finished,
    remark: () => files.map(({ wrong }) => wrong).find((wrong) => wrong !== null) ?? null,
    close: () => nodes.close(),
  };
};

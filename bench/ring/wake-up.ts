/** From a record in the kernel to JavaScript that sees it: how late, and what waiting costs; beside C that blocks in epoll_wait. */
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { RingReader } from "../../src/bpf/ring.ts";
import { quantile, rowOf, type Row } from "../row.ts";
import type { CReader } from "./c-reader.ts";
import { timedRing } from "./produce.bpf.ts";

const ROUNDS = 31;
const RECORDS = 40;
/** Long enough for a CPU with nothing else to do to go to sleep. */
const PAUSE_US = 2000;
const IDLE_MS = 1000;
const NS_PER_US = 1000;

/** A reader that is called by the event loop, and one that has the thread to itself. */
export const wakeUpRows = async (program: LoadedProgram, peer: CReader, cpu: number): Promise<readonly Row[]> => {
  const { raw } = program.map(timedRing);
  const idle = await idleShare(raw);
  const idleThere = peer.idle(raw.info.id, IDLE_MS) / (IDLE_MS * 1e6);
  const ticker = peer.tick(program.info().id, cpu, PAUSE_US);
  try {
    const rows: Row[] = [];
    for (const [name, late] of [
      ["wake-up of a thread that waits, p50", lateByWait],
      ["wake-up of a watch, p50", lateByWatch],
    ] as const) {
      const rounds: Round[] = [];
      await late(raw);
      for (let round = 0; round < ROUNDS; round++)
        rounds.push({ ours: await late(raw), peer: peer.wake(raw.info.id, RECORDS).slice(0, RECORDS) });
      const [usual, rare] = [rowAt(name, rounds, 0.5), rowAt(name, rounds, 0.99)];
      const details = { "us p99": rare.ours, "us p99 there": rare.peer.value };
      rows.push({ ...usual, details: { ...details, "% CPU idle": idle * 100, "% CPU idle there": idleThere * 100 } });
    }
    return rows;
  } finally {
    ticker.kill("SIGKILL");
    await once(ticker, "exit");
  }
};

interface Round {
  /** ns */
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

const rowAt = (name: string, rounds: readonly Round[], part: number): Row =>
  rowOf(
    { name, unit: "us", better: "lower", peerName: "C in epoll_wait" },
    rounds.map(({ ours, peer }) => ({
      ours: quantile(ours, part) / NS_PER_US,
      peer: quantile(peer, part) / NS_PER_US,
    })),
  );

/** How much later than they were written records are seen, ns. What has waited before does not count. */
const lateByWatch = async (raw: RingReader["raw"]): Promise<readonly number[]> => {
  const reader = new RingReader(raw);
  try {
    reader.skip();
    const seen: number[] = [];
    await new Promise<void>((resolve) => {
      const watch = reader.watch((view, offset) => {
        seen.push(ageOf(view, offset));
        if (seen.length < RECORDS) return;
        watch.close();
        resolve();
      });
    });
    return seen;
  } finally {
    reader.close();
  }
};

const lateByWait = (raw: RingReader["raw"]): readonly number[] => {
  const reader = new RingReader(raw);
  try {
    reader.skip();
    const seen: number[] = [];
    const take = (view: DataView, offset: number): void => void seen.push(ageOf(view, offset));
    while (seen.length < RECORDS) if (reader.wait(IDLE_MS)) reader.poll(take);
    return seen;
  } finally {
    reader.close();
  }
};

const ageOf = (view: DataView, offset: number): number =>
  Number(process.hrtime.bigint() - view.getBigUint64(offset, true));

/** The part of a CPU that this process takes while it waits and nothing comes. */
const idleShare = async (raw: RingReader["raw"]): Promise<number> => {
  const reader = new RingReader(raw);
  const watch = reader.watch(() => {});
  try {
    // Compilers of functions that were hot a moment ago.
    await setTimeout(IDLE_MS);
    const before = process.cpuUsage();
    await setTimeout(IDLE_MS);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (IDLE_MS * 1000);
  } finally {
    watch.close();
    reader.close();
  }
};

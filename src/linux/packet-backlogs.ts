/** Packets that wait between two interfaces of this machine. Source: `softnet_seq_show` in net/core/net-procfs.c. */
import { readFileSync } from "node:fs";

/** Columns of a CPU's line in hexadecimal numbers: how many wait, and which CPU it is. */
const [WAITING, CPU] = [11, 12];
const PAUSE_MS = 1;

/**
 * Blocks this thread until each CPU has handed on what it had been given by then: a packet that one end of a veth pair has sent waits for
 * the other end among the CPU's others. False when that takes longer than `withinMs`.
 */
export const waitForBacklogs = (withinMs: number, read = statistics): boolean => {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + withinMs;
  const emptied = new Set<number>();
  for (;;) {
    const waiting = backlogs(read());
    for (const [cpu, packets] of waiting) if (packets === 0) emptied.add(cpu);
    if ([...waiting.keys()].every((cpu) => emptied.has(cpu))) return true;
    if (performance.now() >= deadline) return false;
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
};

const statistics = (): string => readFileSync("/proc/net/softnet_stat", "utf8");

/** By CPU. */
const backlogs = (text: string): Map<number, number> =>
  new Map(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const columns = line.split(" ").map((text) => Number.parseInt(text, 16));
        return [columns[CPU] ?? 0, columns[WAITING] ?? 0];
      }),
  );

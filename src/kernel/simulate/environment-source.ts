import type { SimulatedRoutes } from "./simulated-routes.ts";

/** A value that a run sees each time it asks, or one after another (the last one stays). */
export type Sequence<T> = T | readonly T[];

/** What a run sees of the world, by the names of `Environment`; everything is 0 unless said. */
export interface SimulatedEnvironment {
  /** What `monotonicNs()` answers: ns since the machine started. */
  readonly monotonicNs?: Sequence<bigint>;
  /** What `taiNs()` answers: ns since 1970, leap seconds included. */
  readonly taiNs?: Sequence<bigint>;
  /** What `objectAddress()` answers. */
  readonly objectAddress?: Sequence<bigint>;
  /** What `cpuId()` answers, and whose value of a per-CPU map the program sees: from 0. */
  readonly cpu?: number;
  /** What `randomU32()` answers: 0 to 2^32 - 1. */
  readonly random?: Sequence<number>;
  /** What `ctx.egressBacklog()` answers: bytes that wait in the queue the packet leaves by. */
  readonly egressBacklog?: Sequence<number>;
  /** What `fibLookup` answers; without it nothing is forwarded (`Fib.NotFwded`). */
  readonly routes?: SimulatedRoutes;
  /** Who runs. */
  readonly process?: Partial<SimulatedProcess>;
}

/** The process that a tracing program finds running. */
export interface SimulatedProcess {
  /** What `currentPid()` answers. */
  readonly pid: number;
  /** `pid` unless said. */
  readonly tid: number;
  /** What `commInto()` writes: the thread's name, of which 15 bytes fit. */
  readonly comm: string;
  /** What `currentCgroupId()` answers. */
  readonly cgroupId: bigint;
}

/** Hands out a sequence's values. */
export const reader = <T>(sequence: Sequence<T> | undefined, otherwise: T): (() => T) => {
  if (!isList(sequence)) return () => sequence ?? otherwise;
  let next = 0;
  return () => {
    const value = sequence[Math.min(next++, sequence.length - 1)];
    return value ?? otherwise;
  };
};

const isList = <T>(sequence: Sequence<T> | undefined): sequence is readonly T[] => Array.isArray(sequence);

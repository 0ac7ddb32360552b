import type { SimulatedRoutes } from "./simulated-routes.ts";

/** A value that a run sees each time it asks, or one after another (the last one stays). */
export type Sequence<T> = T | readonly T[];

/** What a run sees of the world, by the names of `Environment`; everything is 0 unless said. */
export interface SimulatedEnvironment {
  readonly monotonicNs?: Sequence<bigint>;
  readonly taiNs?: Sequence<bigint>;
  readonly objectAddress?: Sequence<bigint>;
  readonly cpu?: number;
  readonly random?: Sequence<number>;
  readonly egressBacklog?: Sequence<number>;
  /** What `fibLookup` answers; without it nothing is forwarded (`Fib.NotFwded`). */
  readonly routes?: SimulatedRoutes;
  /** Who runs. */
  readonly process?: Partial<SimulatedProcess>;
}

/** The process that a tracing program finds running. */
export interface SimulatedProcess {
  readonly pid: number;
  /** `pid` unless said. */
  readonly tid: number;
  readonly comm: string;
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

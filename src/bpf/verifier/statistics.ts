/** What the verifier writes of a program it takes: totals, and each instruction as often as it walked it. */

/** Asks {@link load} for the verifier's log of a program that is taken. It is verified once more, which takes longer. */
export interface VerifierLogRequest {
  /** `statistics`: totals alone. `steps`: every instruction each time it was walked; hundreds of bytes each. */
  readonly detail: "statistics" | "steps";
  readonly take: (log: string) => void;
}

/** What the verifier needed to check a program. */
export interface VerifierStatistics {
  /** Instructions walked, each as often as it was. */
  readonly processed: number;
  /** As many as the kernel allows. */
  readonly limit: number;
  /** States kept to compare others with, in all. */
  readonly totalStates: number;
  /** At most at once: what memory verification takes. */
  readonly peakStates: number;
  /** Bytes of stack of each function, the program's own first; empty when the kernel does not say. */
  readonly stackBytes: readonly number[];
  /** Microseconds that verification took; null when the kernel does not say. */
  readonly microseconds: number | null;
}

const TOTALS = /processed (\d+) insns \(limit (\d+)\) max_states_per_insn \d+ total_states (\d+) peak_states (\d+)/;

/** Undefined when the log does not hold them: it was cut, or the kernel words them otherwise. */
export const readStatistics = (log: string): VerifierStatistics | undefined => {
  const found = TOTALS.exec(log)?.slice(1).map(Number);
  if (found === undefined) return undefined;
  const [processed = 0, limit = 0, totalStates = 0, peakStates = 0] = found;
  const depths = /^stack depth ([\d+]+)$/m.exec(log)?.[1];
  const time = /^verification time (\d+) usec$/m.exec(log)?.[1];
  return {
    processed,
    limit,
    totalStates,
    peakStates,
    stackBytes: depths === undefined ? [] : depths.split("+").map(Number),
    microseconds: time === undefined ? null : Number(time),
  };
};

/** How often each instruction (8-byte slot) was walked, from a log of steps; one where it turns back as it knows the rest counts, too. */
export const readSteps = (log: string): ReadonlyMap<number, number> => {
  const walks = new Map<number, number>();
  const walked = /^(?:from \d+ to )?(\d+)(?: \(speculative execution\))?: (?:\([0-9a-f]{2}\)|safe$)/gm;
  for (const [, slot] of log.matchAll(walked)) {
    walks.set(Number(slot), (walks.get(Number(slot)) ?? 0) + 1);
  }
  return walks;
};

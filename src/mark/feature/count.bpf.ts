import type { Counters } from "./counters.ts";

/** Counts one packet, or `amount`, under a reason. */
export const count = (counters: Counters, reason: number, amount = 1n): void => {
  const counter = counters.lookup(reason);
  if (counter !== null) counter.value += amount;
};

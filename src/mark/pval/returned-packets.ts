import { counters } from "../feature/counters.ts";

/** Packets that came out of the cutter. */
export const returnedPackets = counters("pval_returned", 1);

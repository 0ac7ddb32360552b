import { FIRST_DROPPED, outcomeNames } from "../../../src/mark/ioam/outcome.ts";
import { sumOf, type Counted, type Tally } from "./subject.ts";

const dropping = outcomeNames.slice(FIRST_DROPPED);

/** A packet with a Hop-by-Hop header is counted at least once; it is dropped under one reason and counted under that. */
export const outcomesRight = (counted: Counted, tally: Tally): string => {
  const drops = sumOf(counted, dropping);
  if (drops !== tally.dropped) return `${tally.dropped} packets dropped, ${drops} counted as such`;
  const all = sumOf(counted, outcomeNames);
  return all < tally.packets ? `${tally.packets} packets, ${all} outcomes` : "";
};

/** What marking counts, per CPU. */
import { perCpuArrayMap } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";
import { counters } from "../feature/counters.ts";

/** Of the whole option. */
export const MARK_BYTES = 12;

/** What became of a packet where marks are put in: each is counted under exactly one of these. */
export const MarkOutcome = {
  Marked: 0,
  NotIpv4: 1,
  /** The IP header is cut short, or does not say how long it is. */
  Malformed: 2,
  /** With the mark the IP header would pass 60 bytes. */
  HeaderFull: 3,
  /** With the mark the packet would not fit the device that it leaves by. */
  TooBig: 4,
  /** A packet that the kernel has yet to cut in several: they would all carry one mark. Counted per packet of the wire. */
  NotSegmented: 5,
  /** The kernel opened no room. */
  NoRoom: 6,
} as const;

export const markOutcomeNames: readonly string[] = [
  "marked",
  "notIpv4",
  "malformed",
  "headerFull",
  "tooBig",
  "notSegmented",
  "noRoom",
];

export const markCounters = counters("pval_mark", markOutcomeNames.length);

/** The number that the next mark of each CPU gets. */
export const markSequences = perCpuArrayMap(u64, { entries: 1, name: "pval_seq" });

/** CPUs that a mark can name. */
export const MAX_CPUS = 256;

/** What an exporter counts, and when its records are wanted. */
import { ringBuffer, variable } from "../../../kernel/maps.ts";
import { u64 } from "../../../wire/layout.ts";
import { counters } from "../../feature/counters.ts";

/** Reports on their way to user space: 512 KiB hold about 1,400. */
export const exportRing = ringBuffer({ bytes: 1 << 19, name: "ioam_exports" });

/** TAI, ns: until then somebody reads. Without a reader nothing is copied. */
export const exportWanted = variable(u64, 0n, { name: "export_wanted" });

const names = [
  /** Records for user space. What a node knows when a packet comes is one, what it knows when it leaves another. */
  "exported",
  /** Packets that came in and ask for a report. */
  "received",
  /** The wire packets that those stand for. */
  "segments",
  /** Records that nobody wanted. */
  "idle",
  /** Records that found no room. */
  "ringFull",
  /** Records that were never read: their reader had ended. Counted by the next one. */
  "discarded",
  /** Options of a namespace that is not one of this node's. */
  "namespaceUnknown",
  /** Options that end before their data does. */
  "malformed",
] as const;

export const ExportCounter = Object.fromEntries(names.map((name, at) => [name, at])) as Readonly<
  Record<(typeof names)[number], number>
>;
export const exportCounterNames: readonly string[] = names;
export const exportCounters = counters("export_count", names.length);

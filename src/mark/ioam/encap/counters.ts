/** What encapsulation counts, per rule. */
import { arrayMap } from "../../../kernel/maps.ts";
import { u64 } from "../../../wire/layout.ts";
import { counters } from "../../feature/counters.ts";

/** What became of a packet to a rule's prefix: each is counted under one of these, and those sent under `Segments` too. */
export const EncapCounter = {
  Sent: 0,
  Segments: 1,
  NotSampled: 2,
  HopByHopPresent: 3,
  TooBig: 4,
  NoRoom: 5,
  /** No route leads to the tunnel's destination. */
  NoRoute: 6,
} as const;
export const encapReasons: readonly string[] = [
  "sent",
  "segments",
  "notSampled",
  "hopByHopPresent",
  "tooBig",
  "noRoom",
  "noRoute",
];

/** Rules that one device can have: a power of two. */
export const MAX_RULES = 4096;
/** Rules of a device that differ in more than their prefix. */
export const MAX_PROFILES = 32;

/** A rule's counters start at its slot times the number of reasons. */
export const encapCounters = counters("encap_count", MAX_RULES * encapReasons.length);
/** Per rule, the packets that its frequency chooses from. */
export const encapSamples = arrayMap(u64, { entries: MAX_RULES, name: "encap_samples" });

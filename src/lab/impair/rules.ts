/** What is done to which packets. */
import type { Pattern } from "./pattern.ts";

/** Which packets are counted, and may be hit. Neighbour discovery and ARP never are. */
export interface Match {
  readonly family: "any" | "ipv4" | "ipv6";
  /** IP protocol; of IPv6 the first next header. Null: all. */
  readonly protocol: number | null;
  /** Source or destination port of TCP or UDP; null: all. What is no first fragment has none. */
  readonly port: number | null;
  /** IPv4 packets with a mark alone. */
  readonly marked: boolean;
}

/** What is done to matching packets, by patterns over their numbers; null: not done. Loss comes first. */
export interface ImpairRules {
  readonly seed: bigint;
  readonly match: Match;
  readonly loss: Pattern | null;
  readonly duplicate: Pattern | null;
  /** Held back until `by` later ones have come. */
  readonly reorder: { readonly pattern: Pattern; readonly by: number } | null;
  /** Held back for a time between `delayNs - jitterNs` and `delayNs + jitterNs`. */
  readonly delay: { readonly pattern: Pattern; readonly delayNs: number; readonly jitterNs: number } | null;
  /** All that is not lost is held until it is let go; at most `limit` packets at once. */
  readonly hold: { readonly limit: number } | null;
}

/** Whether packets wait in user space. */
export const needsRelay = ({ reorder, delay, hold }: ImpairRules): boolean =>
  reorder !== null || delay !== null || hold !== null;

/** What became of a packet that a rule chose. */
import { Tc } from "../../../kernel/context.ts";
import type { HopByHopLayout } from "../../../wire/ioam/hop-by-hop.ts";
import type { InsertedOption } from "./inserted.bpf.ts";

export type InsertedHeader = HopByHopLayout<InsertedOption>;

export interface Inserted {
  /** One of `EncapCounter`. */
  readonly counter: number;
  /** Packets of the wire that carry the trace. */
  readonly segments: number;
  /** What the program returns. */
  readonly verdict: number;
}

/** The packet goes on as it came. */
export const leftAlone = (counter: number): Inserted => ({ counter, segments: 0, verdict: Tc.Next });

/** What a run came to: every map's entries at its end, and how many records each ring brought. */
import type { Style } from "../framework/style.ts";
import { mapTable } from "./map-table.ts";
import type { MapWatch } from "./map-watch.ts";
import type { RingWatch } from "./ring-watch.ts";
import { ringText } from "./run-screen.ts";

export interface RunSummary {
  readonly type: "summary";
  readonly program: string;
  readonly seconds: number;
  readonly rings: readonly {
    readonly name: string;
    readonly records: number;
    readonly discarded: number;
    /** The program found no room in it at times: records are missing. */
    readonly wasFull: boolean;
  }[];
  readonly maps: readonly {
    readonly name: string;
    readonly type: string;
    readonly entries: readonly { readonly key: unknown; readonly cpu?: number; readonly value: unknown }[];
    /** There were more than were read. */
    readonly more: boolean;
  }[];
}

const ROWS = 20;
/** How fast it went at the very end says nothing of the whole. */
const NO_RATES: ReadonlySet<string> = new Set();

export const summaryOf = (
  program: string,
  seconds: number,
  maps: readonly MapWatch[],
  rings: readonly RingWatch[],
): RunSummary => ({
  type: "summary",
  program,
  seconds,
  rings: rings.map(({ name, wasFull, reader: { records, discarded } }) => ({ name, records, discarded, wasFull })),
  maps: maps.map(({ name, descriptor: { type }, last: { entries, more } }) => ({
    name,
    type,
    entries: entries.map(({ key, cpu, value }) => ({ key, ...(cpu !== undefined && { cpu }), value })),
    more,
  })),
});

/** For people: the same, of each map what fits on a screen. */
export const summaryText = (
  title: string,
  seconds: number,
  maps: readonly MapWatch[],
  rings: readonly RingWatch[],
  style: Style,
  width = Infinity,
): string =>
  [
    `${title}: ${seconds.toFixed(1)} s`,
    ...maps.flatMap((map) => mapTable(map, { growing: NO_RATES, rows: ROWS, width }, style)),
    ...rings.map((ring) => `${style("bold", ring.name)}  ${ringText(ring)}`),
  ].join("\n");

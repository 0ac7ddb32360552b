/** Programs that once went wrong, with what they are run on and what must come of it. */
import { noRoute } from "../../src/kernel/environment.ts";
import { fromHex, toHex } from "./hex.ts";
import { noSkb, type Input } from "./inputs.ts";
import type { Outcome } from "./outcome.ts";

/** One run of a case's program; what is left out is zero, and of what is expected, not looked at. */
export interface CaseRun {
  /** Hexadecimal. */
  readonly packet: string;
  readonly mark?: number;
  readonly random?: number;
  readonly monotonicNs?: bigint;
  readonly taiNs?: bigint;
  readonly expected: {
    /** As a signed number of 32 bits. */
    readonly verdict: number;
    readonly packet?: string;
    readonly mark?: number;
    /** Ring records in order. */
    readonly records?: readonly string[];
  };
}

/** What a `cases/*.bpf.ts` exports beside `program` and its maps. */
export interface CaseModule {
  readonly runs: readonly CaseRun[];
  /** Contents of maps after the last run, by name and key, both in hexadecimal. */
  readonly maps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const inputOf = ({ packet, mark = 0, random = 0, monotonicNs = 0n, taiNs = 0n }: CaseRun): Input => ({
  packet: fromHex(packet),
  more: 0,
  surroundings: { monotonicNs, taiNs, random, objectAddress: 0n, egressBacklog: 0, route: noRoute },
  skb: { ...noSkb, mark },
});

/** The part of an outcome that a case says something of, in the case's own words. */
export const seenBy = (
  { runs, maps }: CaseModule,
  outcome: Outcome,
): { readonly runs: CaseRun["expected"][]; readonly maps: CaseModule["maps"] } => ({
  runs: runs.map(({ expected }, at) => {
    const run = outcome.runs[at];
    if (run === undefined) throw new Error(`run ${at} is missing`);
    return {
      verdict: run.verdict,
      ...(expected.packet === undefined ? {} : { packet: toHex(run.packet) }),
      ...(expected.mark === undefined ? {} : { mark: run.mark }),
      ...(expected.records === undefined ? {} : { records: run.records.map(({ bytes }) => toHex(bytes)) }),
    };
  }),
  maps:
    maps &&
    Object.fromEntries(Object.keys(maps).map((name) => [name, Object.fromEntries(outcome.maps.get(name) ?? [])])),
});

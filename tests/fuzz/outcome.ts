/** What running a program on its inputs left behind, from either side, in a form that compares and prints. */
import type { MapDescriptor } from "../../src/kernel/maps.ts";
import { toHex } from "./hex.ts";

export interface RunOutcome {
  /** As a signed 32-bit number. */
  readonly verdict: number;
  readonly packet: Uint8Array;
  /** Fields of the context afterwards; 0 at XDP. */
  readonly mark: number;
  readonly priority: number;
  readonly timestamp: bigint;
  /** Records by ring, in order. */
  readonly records: readonly { readonly ring: string; readonly bytes: Uint8Array }[];
}

/** At XDP, where programs write no fields. */
export const noContext = { mark: 0, priority: 0, timestamp: 0n } as const;

/** A map's elements as bytes; per-CPU values one after another. */
export type MapContents = ReadonlyMap<string, string>;

export interface Outcome {
  readonly runs: readonly RunOutcome[];
  /** After the last run, by the map's name. */
  readonly maps: ReadonlyMap<string, MapContents>;
}

export interface Difference {
  /** Which input; -1 when it is the maps after all of them. */
  readonly input: number;
  readonly what: string;
  readonly kernel: string;
  readonly v8: string;
}

/** The first thing that differs, or null. */
export const firstDifference = (kernel: Outcome, v8: Outcome): Difference | null => {
  for (const [input, run] of kernel.runs.entries()) {
    const other = v8.runs[input];
    if (other === undefined) throw new Error("both sides run all inputs");
    const [ours, theirs] = [describeRun(run), describeRun(other)];
    for (const [what, text] of ours) {
      const second = theirs.get(what) ?? "(none)";
      if (text !== second) return { input, what, kernel: text, v8: second };
    }
  }
  for (const [name, contents] of kernel.maps) {
    const difference = mapDifference(name, contents, v8.maps.get(name) ?? new Map());
    if (difference !== null) return difference;
  }
  return null;
};

const mapDifference = (name: string, kernel: MapContents, v8: MapContents): Difference | null => {
  for (const key of new Set([...kernel.keys(), ...v8.keys()])) {
    const [a, b] = [kernel.get(key) ?? "(no such key)", v8.get(key) ?? "(no such key)"];
    if (a !== b) return { input: -1, what: `map ${name}, key ${key}`, kernel: a, v8: b };
  }
  return null;
};

const describeRun = (run: RunOutcome): Map<string, string> =>
  new Map([
    ["verdict", String(run.verdict)],
    ["packet", toHex(run.packet)],
    ["mark", String(run.mark)],
    ["priority", String(run.priority)],
    ["timestamp", String(run.timestamp)],
    ["records", run.records.map(({ ring, bytes }) => `${ring}:${toHex(bytes)}`).join(" ")],
  ]);

/** A map's contents with no element that is still all zero: arrays are all there from the start. */
export const contentsOf = (map: MapDescriptor, elements: Iterable<readonly [Uint8Array, Uint8Array]>): MapContents => {
  const isArray = map.type === "array" || map.type === "percpu_array";
  const contents = new Map<string, string>();
  for (const [key, value] of elements) {
    if (!isArray || value.some((byte) => byte !== 0)) contents.set(toHex(key), toHex(value));
  }
  return contents;
};

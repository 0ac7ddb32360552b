/**
 * What a program of the comparison must do, as data: whatever compiler made it. The runner checks both sides against the
 * samples before it times them.
 */
import type { KernelMap } from "../../src/bpf/maps/kernel-map.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";

/** A program that is loaded, from C or from TypeScript. Maps and variables have the names of `README.md`. */
export interface Contestant {
  readonly program: LoadedProgram;
  /** The same, and then undone where it changes its packet: for running it again and again on one packet. */
  readonly repeat: LoadedProgram;
  map(name: string): KernelMap;
  setVariable(name: string, value: bigint): void;
}

export interface Sample {
  readonly name: string;
  readonly packet: Uint8Array;
  /** Brings maps and variables into the state the sample is for. */
  readonly before?: (contestant: Contestant) => void;
  readonly verdict: number;
  /** The packet afterwards; unchanged when left out. */
  readonly after?: Uint8Array;
  /** Bytes of `after` that hold the time of the run. */
  readonly clock?: readonly { readonly start: number; readonly end: number }[];
  /** What `counters` grow by, summed over CPUs: for each index that grows, the 8-byte words of its value. */
  readonly counts: Readonly<Record<number, readonly number[]>>;
  /** Values that maps have afterwards. */
  readonly values?: readonly { readonly map: string; readonly key: number; readonly value: Uint8Array }[];
}

export interface Spec {
  /** Name of the file in `c/`. */
  readonly name: string;
  /** Names of the functions. */
  readonly program: string;
  readonly repeat: string;
  /** Fills the maps. */
  readonly prepare?: (contestant: Contestant) => void;
  /** The first one is what is timed. */
  readonly samples: readonly Sample[];
}

/** Writes an element of an array map. */
export const setElement = (map: KernelMap, index: number, value: Uint8Array): void => {
  new DataView(map.key.buffer, map.key.byteOffset).setUint32(0, index, true);
  map.value.set(value);
  map.update(0);
};

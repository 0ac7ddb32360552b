/** One kernel program of IOAM, with what it is fed and what must hold of what comes out. */
import type { LoadedProgram } from "../../../src/bpf/loaded-program.ts";
import type { SkbTestFields } from "../../../src/bpf/test-run.ts";
import { noRoute, type EnvironmentRoute } from "../../../src/kernel/environment.ts";
import { Fib } from "../../../src/kernel/fib.ts";
import type { RingBuffer } from "../../../src/kernel/maps.ts";
import type { Program } from "../../../src/kernel/program.ts";
import type { SimulatedMaps } from "../../../src/kernel/simulate/simulated-maps.ts";
import { mac } from "../../../src/wire/address.ts";
import type { TypeOf } from "../../../src/wire/layout.ts";
import type { Counters } from "../../../src/mark/feature/counters.ts";
import type { Random } from "../../fuzz/random.ts";

/** What went in and came out of many packets. */
export interface Tally {
  packets: number;
  dropped: number;
  changed: number;
  /** Packets that left with another length. */
  resized: number;
}

export type Counted = Readonly<Record<string, number>>;

export interface Subject {
  readonly name: string;
  readonly program: Program<"tc"> | Program<"xdp">;
  /** The verdict that drops. */
  readonly drop: number;
  /** What every lookup of a route answers; {@link route} without it. */
  readonly route?: TypeOf<typeof EnvironmentRoute>;
  /** Before the first packet. */
  prepare?(kernel: LoadedProgram, v8: SimulatedMaps): void;
  /** Before a packet that goes through V8, too: brings there what the kernel's maps hold, as far as the packet's bytes depend on it. */
  follow?(kernel: LoadedProgram, v8: SimulatedMaps): void;
  counters?(kernel: LoadedProgram): Counted;
  readonly ring?: RingBuffer;
  packet(random: Random): Uint8Array;
  /** How it comes; tc only. */
  context?(random: Random): SkbTestFields;
  /** What is wrong with one packet's way, or nothing. */
  check(given: Uint8Array, verdict: number, output: Uint8Array, context: SkbTestFields | undefined): string;
  /** Looks at a record of the ring. */
  record?(view: DataView, offset: number): void;
  /** What is wrong with the counters of many, or nothing; `records` came out of the ring. */
  checkCounters?(counted: Counted, tally: Tally, records: number, kernel: LoadedProgram): string;
}

/** What the counters of a map hold, by name. */
export const countersOf =
  (map: Counters, names: readonly string[]) =>
  (kernel: LoadedProgram): Counted =>
    Object.fromEntries(names.map((name, index) => [name, Number(kernel.map(map).sum(index)?.value ?? 0n)]));

/** Says when a verdict is none of these. */
export const named = (...verdicts: readonly number[]): ((verdict: number) => string) => {
  const all: ReadonlySet<number> = new Set(verdicts);
  return (verdict) => (all.has(verdict) ? "" : `verdict ${verdict} has no name`);
};

export const route = {
  ...noRoute,
  code: Fib.Success as number,
  ifindex: 5,
  mtu: 1500,
  sourceMac: mac("02:00:00:00:00:03"),
  destinationMac: mac("02:00:00:00:00:04"),
};

export const sumOf = (counted: Counted, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (counted[name] ?? 0), 0);

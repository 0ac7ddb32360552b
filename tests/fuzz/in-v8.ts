/** A program's runs in V8, by simulation. */
import type { MapDescriptor } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";
import type { SimulatedEnvironment } from "../../src/kernel/simulate/environment-source.ts";
import { environmentRoutes } from "../../src/kernel/simulate/simulated-routes.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import type { Prefill } from "./in-kernel.ts";
import { packetFor, type Input } from "./inputs.ts";
import type { KernelModule } from "./load-module.ts";
import { contentsOf, noContext, type MapContents, type Outcome, type RunOutcome } from "./outcome.ts";

/** Runs the program on each input in turn, with maps that last from run to run. Throws what the program throws. */
export const runInV8 = (
  module: KernelModule,
  inputs: readonly Input[],
  cpu: number,
  cpus: number,
  prefill: Prefill,
): Outcome => {
  const maps = prefilled(prefill, cpus);
  const runs = inputs.map((input) => run(module, input, cpu, maps));
  return { runs, maps: new Map(module.maps.map((map) => [map.name, read(maps, map)])) };
};

const run = (module: KernelModule, input: Input, cpu: number, maps: SimulatedMaps): RunOutcome => {
  const { program } = module;
  const common = {
    packet: packetFor(program.type, program.purpose, input),
    maps,
    environment: environmentOf(input, cpu),
  };
  const records = (recordsOf: (ring: KernelModule["rings"][number]) => readonly Uint8Array[]) =>
    module.rings.flatMap((ring) => {
      const found = recordsOf(ring).map((bytes) => ({ ring: ring.name, bytes }));
      maps.map(ring).drain();
      return found;
    });
  if (program.type === "xdp") {
    const result = simulate(program as Program<"xdp">, common);
    return {
      verdict: result.verdict | 0,
      packet: result.packet,
      ...noContext,
      records: records((ring) => result.records(ring)),
    };
  }
  const { hardwareTimestamp, ...skb } = input.skb;
  // Programs of cgroups do not see when the NIC got the packet.
  const context = program.type === "tc" ? { ...skb, hardwareTimestamp } : skb;
  const result = simulate(program as Program<"tc">, { ...common, context });
  const { mark, priority, timestamp } = result.context;
  return {
    verdict: result.verdict,
    packet: result.packet,
    mark,
    priority,
    timestamp,
    records: records((ring) => result.records(ring)),
  };
};

const environmentOf = ({ surroundings }: Input, cpu: number): SimulatedEnvironment => {
  const { route, ...others } = surroundings;
  return { ...others, cpu, routes: environmentRoutes(route) };
};

const prefilled = (prefill: Prefill, cpus: number): SimulatedMaps => {
  const maps = new SimulatedMaps({ cpus });
  for (const [map, elements] of prefill) {
    const stored = maps.stored(map);
    for (const [key, value] of elements)
      stored.update(
        key,
        Array.from({ length: cpus }, () => value),
        0,
        undefined,
      );
  }
  return maps;
};

/** What the maps hold when no program has touched them. */
export const untouched = (map: MapDescriptor, cpus: number, prefill: Prefill): MapContents =>
  read(prefilled(prefill, cpus), map);

const read = (maps: SimulatedMaps, map: MapDescriptor): MapContents =>
  contentsOf(
    map,
    [...maps.stored(map).entries()].map(([key, slots]) => [key, concatenate(slots)] as const),
  );

const concatenate = (slots: readonly { readonly bytes: Uint8Array }[]): Uint8Array =>
  Uint8Array.from(slots.flatMap(({ bytes }) => [...bytes]));

/** A program's runs in the kernel, by test runs. */
import { loadAll, type Instance } from "../../src/bpf/instance.ts";
import type { KernelMap } from "../../src/bpf/maps/kernel-map.ts";
import { skbTestContext } from "../../src/bpf/test-run.ts";
import type { CompiledProgram } from "../../src/compiler/program.ts";
import { mapsOf, withTails } from "../../src/compiler/tails.ts";
import { arrayMap, type MapDescriptor, type RingBuffer } from "../../src/kernel/maps.ts";
import { Environment } from "../../src/kernel/environment.ts";
import { packetFor, type Input } from "./inputs.ts";
import type { KernelModule } from "./load-module.ts";
import { contentsOf, noContext, type MapContents, type Outcome, type RunOutcome } from "./outcome.ts";

/** What a fuzz program's clock and random numbers are compiled to. */
export const environment = arrayMap(Environment, { entries: 1, name: "environment" });

/** Bytes that maps hold before the first run, by map. */
export type Prefill = ReadonlyMap<MapDescriptor, readonly (readonly [key: Uint8Array, value: Uint8Array])[]>;

/** Loads the program, runs it on each input in turn and reads everything it changed. Closes what it opened. */
export const runInKernel = (
  compiled: CompiledProgram,
  module: KernelModule,
  inputs: readonly Input[],
  cpu: number,
  prefill: Prefill,
): Outcome => {
  const instance = loadAll([compiled]);
  try {
    const used = new Set(mapsOf(withTails([compiled])));
    for (const [map, elements] of prefill) if (used.has(map)) fill(instance.rawMap(map), elements);
    const rings = module.rings.filter((ring) => used.has(ring));
    const runs = inputs.map((input): RunOutcome => {
      if (used.has(environment)) setEnvironment(instance, input, cpu);
      const result = testRun(instance, compiled, input);
      return { ...result, records: rings.flatMap((ring) => drain(instance, ring)) };
    });
    const maps = new Map<string, MapContents>();
    for (const map of module.maps) {
      if (used.has(map)) maps.set(map.name, contentsOf(map, elementsOf(instance.rawMap(map))));
    }
    return { runs, maps };
  } finally {
    instance.close();
  }
};

const setEnvironment = (instance: Instance, { surroundings }: Input, cpu: number): void => {
  instance.map(environment).set(0, { ...surroundings, cpu });
};

const testRun = ({ programs }: Instance, compiled: CompiledProgram, input: Input): Omit<RunOutcome, "records"> => {
  const [program] = programs;
  const packet = packetFor(compiled.type, compiled.purpose ?? {}, input);
  if (program === undefined) throw new Error("unreachable: one program was loaded");
  if (compiled.type === "xdp") {
    const { verdict, packet: after } = program.testRun(packet);
    return { verdict, packet: after.slice(), ...noContext };
  }
  const { verdict, packet: after, context } = program.testRun(packet, { context: skbTestContext(input.skb) });
  const view = new DataView(context.buffer, context.byteOffset);
  return {
    verdict,
    packet: after.slice(),
    mark: view.getUint32(MARK_OFFSET, true),
    priority: view.getUint32(PRIORITY_OFFSET, true),
    timestamp: view.getBigUint64(TIMESTAMP_OFFSET, true),
  };
};

/** Fields of `struct __sk_buff`. */
const [MARK_OFFSET, PRIORITY_OFFSET, TIMESTAMP_OFFSET] = [8, 32, 152];

const drain = (instance: Instance, ring: RingBuffer): RunOutcome["records"] => {
  const records: { ring: string; bytes: Uint8Array }[] = [];
  instance.map(ring).poll((view, offset, length) => {
    records.push({ ring: ring.name, bytes: new Uint8Array(view.buffer, view.byteOffset + offset, length).slice() });
  });
  return records;
};

/** A value is written for each CPU. */
const fill = (map: KernelMap, elements: readonly (readonly [Uint8Array, Uint8Array])[]): void => {
  for (const [key, value] of elements) {
    map.key.set(key);
    for (let cpu = 0; cpu < map.cpus; cpu++) map.value.set(value, cpu * map.stride);
    map.update(0);
  }
};

function* elementsOf(map: KernelMap): Generator<readonly [Uint8Array, Uint8Array]> {
  const size = map.descriptor.valueSize;
  for (let more = map.advance("first"); more; more = map.advance("key")) {
    if (!map.lookup()) continue;
    const value = new Uint8Array(size * map.cpus);
    for (let cpu = 0; cpu < map.cpus; cpu++) {
      value.set(map.value.subarray(cpu * map.stride, cpu * map.stride + size), cpu * size);
    }
    yield [map.key.slice(), value];
  }
}

/** What `simulate()` and its maps refuse, and what they say to write instead. */
import { expect, test } from "vitest";
import type { HopmarkError } from "../../errors.ts";
import { tracepoint } from "../tracing.ts";
import { noRoute } from "../environment.ts";
import * as programs from "./fixtures/programs.bpf.ts";
import type { KeyedDescriptor, SimulatedMap } from "./handles.ts";
import { simulate } from "./simulate.ts";
import { SimulatedMaps } from "./simulated-maps.ts";

const { count, counters, perCpuHash, routes, table, total } = programs;

/** As from JavaScript: the type checker knows better. */
const run = (program: unknown, options?: unknown): void =>
  void simulate(program as typeof count, options as Parameters<typeof simulate>[1]);
const mapOf = (descriptor: unknown, options?: { cpus?: number }): SimulatedMap<unknown, unknown> =>
  new SimulatedMaps(options).map(descriptor as KeyedDescriptor<unknown, unknown>);

const follows = tracepoint("sched_process_exit", ((task: { pid: number }) => void task.pid) as never);

const refusals: readonly (readonly [message: string, hint: string | null, call: () => void])[] = [
  ["simulate() runs a program, not a function", "is called first", () => run(programs.insert)],
  ["simulate() runs a program, not undefined", "xdp(…)", () => run(undefined)],
  ["simulate() has no packt", "there are packet, context", () => run(count, { packt: new Uint8Array(60) })],
  [
    "simulate() has no packet",
    "there are maps, environment, arguments",
    () => run(follows, { packet: new Uint8Array(60) }),
  ],
  ["a packet is a Uint8Array, not a string", "fromHex(…)", () => run(count, { packet: "00".repeat(60) })],
  ["a packet is a Uint8Array, not an array", "encodePacket(…)", () => run(count, { packet: [1, 2] })],
  ["a packet of 13 bytes has no Ethernet header", "14 bytes", () => run(count, { packet: new Uint8Array(13) })],
  [
    "context has no ifIndex: it is no field of the context of xdp programs",
    "there are ifindex, rxQueue",
    () => run(count, { context: { ifIndex: 3 } }),
  ],
  ["context has no rxQueue", "there are ifindex, mark,", () => run(programs.insert(1), { context: { rxQueue: 3 } })],
  ["environment has no route:", "routes", () => run(count, { environment: { route: noRoute } })],
  ["environment has no monotonic", "there are monotonicNs", () => run(count, { environment: { monotonic: 5n } })],
  [
    "simulate() cannot take this for environment.taiNs",
    "write 5n",
    () => run(count, { environment: { taiNs: [5n, 6] } }),
  ],
  ["simulate() cannot take this for environment.random", "a number", () => run(count, { environment: { random: 6n } })],
  ["simulate() cannot take this for environment", "{ monotonicNs: 5n }", () => run(count, { environment: 5 })],
  ["simulate() cannot take this for maps", "new SimulatedMaps()", () => run(count, { maps: new Map() })],
  [
    "map perCpu has no value for CPU 9 of 4".replace("perCpu", "percpu_array"),
    "cpus",
    () => run(count, { environment: { cpu: 9 } }),
  ],
  ["maps are asked for by their descriptors, not by a string", "import the map", () => mapOf("counters")],
  ["maps are asked for by their descriptors, not by an object", "import the map", () => mapOf(count)],
  ["maps for 0 CPUs", null, () => mapOf(counters, { cpus: 0 })],
  ["Key.kind is missing", null, () => mapOf(counters).set({ id: 1 }, { packets: 1n, bytes: 1 })],
  ["Counter.bytes is missing", null, () => mapOf(counters).set({ id: 1, kind: 1 }, { packets: 1n })],
  [
    "64-bit integers are bigints, not numbers",
    null,
    () => mapOf(counters).set({ id: 1, kind: 1 }, { packets: 1, bytes: 1 }),
  ],
  ["32-bit integers are numbers, not strings", null, () => mapOf(table).set("1", { value: 1 })],
  ["32-bit integers are numbers, not bigints", null, () => mapOf(table).set(1n, { value: 1 })],
  ["map array has no room for this key", "0 to 2", () => mapOf(table).set(3, { value: 1 })],
  [
    "map percpu_hash holds 4 values a key, one for each CPU, not 2",
    "cpus: 2",
    () => mapOf(perCpuHash).set(1, [{ value: 1 }, { value: 2 }]),
  ],
  [
    "map percpu_hash holds 4 values a key, one for each CPU, not 1",
    "an array",
    () => mapOf(perCpuHash).set(1, { value: 1 }),
  ],
  [
    "map lpm_trie has no room for this key",
    "0 to 32",
    () => mapOf(routes).set({ prefixLength: 33, address: [0, 0, 0, 0] }, { value: 1 }),
  ],
  ["2 values for an array of 4", null, () => mapOf(routes).set({ prefixLength: 8, address: [10, 0] }, { value: 1 })],
];

test.each(refusals)("%s", (message, hint, call) => {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Error);
  expect((thrown as Error).message).toContain(message);
  if (hint !== null) expect((thrown as HopmarkError).hint).toContain(hint);
});

test("a variable of a program that was not run yet has its first value", () => {
  expect(new SimulatedMaps().map(total).value).toBe(7);
});

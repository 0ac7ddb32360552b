/** Runs one program over many packets in the kernel, and over a share of them in V8. */
import { kernelBtf } from "../../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../../src/bpf/loaded-program.ts";
import { compile } from "../../../src/compiler/compile.ts";
import { Environment } from "../../../src/kernel/environment.ts";
import { arrayMap } from "../../../src/kernel/maps.ts";
import type { Program } from "../../../src/kernel/program.ts";
import { environmentRoutes } from "../../../src/kernel/simulate/simulated-routes.ts";
import { simulate } from "../../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../../src/kernel/simulate/simulated-maps.ts";
import { exportWanted } from "../../../src/mark/ioam/export/counters.ts";
import { taiOffset } from "../../../src/mark/feature/tai-offset.ts";
import { clock, TAI_OFFSET } from "../../../src/mark/ioam/test-support/nodes.ts";
import { toHex } from "../../../src/wire/hex.ts";
import { Random } from "../../fuzz/random.ts";
import { skbTestContext, type SkbTestFields } from "../../../src/bpf/test-run.ts";
import { isSame } from "./invariants.ts";
import { route, type Counted, type Subject, type Tally } from "./subject.ts";

/** Packets between two looks at the counters. */
const BATCH = 1000;
/** Room for what an encapsulating node inserts. */
const GROWTH = 512;
/** A time that does not come. */
const ALWAYS = (1n << 63n) - 1n;

export interface SoakOptions {
  readonly seed: number;
  readonly packets: number;
  /** Of so many packets one goes through V8, too. */
  readonly v8Every: number;
  readonly onProgress?: (done: number) => void;
}

export interface SoakResult {
  readonly packets: number;
  readonly inV8: number;
  readonly counted: Counted;
  readonly ms: number;
}

/** Throws an Error that names the packet when something is wrong. */
export const soak = (subject: Subject, { seed, packets, v8Every, onProgress }: SoakOptions): SoakResult => {
  const environment = arrayMap(Environment, { entries: 1, name: "environment" });
  const now = { ...clock, objectAddress: 0n, cpu: 0, random: 0, route: subject.route ?? route };
  const inV8Now = { ...now, routes: environmentRoutes(now.route) };
  const kernel = load(compile(subject.program, { environment, kernelTypes: kernelBtf() }));
  try {
    const maps = new SimulatedMaps();
    if (kernel.compiled.maps.includes(environment)) kernel.map(environment).set(0, now);
    if (kernel.compiled.maps.includes(taiOffset)) kernel.map(taiOffset).value = TAI_OFFSET;
    maps.map(taiOffset).value = TAI_OFFSET;
    // Somebody reads.
    if (kernel.compiled.maps.includes(exportWanted)) kernel.map(exportWanted).value = ALWAYS;
    maps.map(exportWanted).value = ALWAYS;
    subject.prepare?.(kernel, maps);
    const random = new Random(seed);
    const started = performance.now();
    const total = new Map<string, number>();
    let looks = 0;
    const inV8 = (packet: Uint8Array, context: SkbTestFields | undefined): { verdict: number; packet: Uint8Array } => {
      subject.follow?.(kernel, maps);
      const world = { packet, environment: inV8Now, maps };
      const { program } = subject;
      if (program.type === "xdp") return simulate(program as Program<"xdp">, world);
      return simulate(program as Program<"tc">, {
        ...world,
        ...(context !== undefined && { context: contextInV8(context) }),
      });
    };
    for (let done = 0; done < packets; done += BATCH) {
      const tally: Tally = { packets: 0, dropped: 0, changed: 0, resized: 0 };
      const before = subject.counters?.(kernel) ?? {};
      for (let index = done; index < Math.min(packets, done + BATCH); index++) {
        const given = subject.packet(random);
        const context = subject.context?.(random);
        const v8 = index % v8Every === 0 ? inV8(given, context) : undefined;
        const { verdict, packet } = kernel.testRun(given, {
          growth: GROWTH,
          ...(context !== undefined && { context: skbTestContext(context) }),
        });
        const wrong = subject.check(given, verdict, packet, context);
        if (wrong !== "") throw failure(subject, seed, index, wrong, given, packet);
        tally.packets++;
        if (verdict === subject.drop) tally.dropped++;
        if (!isSame(given, packet)) tally.changed++;
        if (given.length !== packet.length) tally.resized++;
        if (v8 === undefined) continue;
        looks++;
        if (v8.verdict !== verdict || !isSame(v8.packet, packet)) {
          throw failure(subject, seed, index, `V8 says ${v8.verdict}, ${toHex(v8.packet)}`, given, packet);
        }
      }
      const counted = grown(before, subject.counters?.(kernel) ?? {});
      const wrong = subject.checkCounters?.(counted, tally, drain(subject, kernel), kernel) ?? "";
      if (wrong !== "") throw new Error(`${subject.name}, seed ${seed}, packets ${done} to ${done + BATCH}: ${wrong}`);
      if (subject.ring !== undefined) maps.map(subject.ring).drain();
      for (const [name, count] of Object.entries(counted)) total.set(name, (total.get(name) ?? 0) + count);
      onProgress?.(done + tally.packets);
    }
    return { packets, inV8: looks, counted: Object.fromEntries(total), ms: performance.now() - started };
  } finally {
    kernel.close();
  }
};

const failure = (
  { name }: Subject,
  seed: number,
  index: number,
  wrong: string,
  given: Uint8Array,
  output: Uint8Array,
): Error =>
  new Error(`${name}, seed ${seed}, packet ${index}: ${wrong}\n  given  ${toHex(given)}\n  output ${toHex(output)}`);

const grown = (before: Counted, after: Counted): Counted =>
  Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]));

/** What TEST_RUN's context sets, as V8 is told. */
const contextInV8 = ({ ingressIfindex }: SkbTestFields): { ingressIfindex?: number } =>
  ingressIfindex === undefined ? {} : { ingressIfindex };

const drain = ({ ring, record }: Subject, kernel: LoadedProgram): number => {
  if (ring === undefined) return 0;
  let records = 0;
  const reader = kernel.map(ring);
  const take = (view: DataView, offset: number): void => {
    records++;
    record?.(view, offset);
  };
  while (reader.poll(take) > 0);
  return records;
};

/** One program twice, compiled in the kernel and as JavaScript in V8, over the same packets, clocks and maps. */
import { expect } from "vitest";
import { kernelBtf } from "../../src/bpf/btf/kernel-btf.ts";
import { load } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { skbTestContext, xdpTestContext, type SkbTestFields } from "../../src/bpf/test-run.ts";
import { compile } from "../../src/compiler/compile.ts";
import { Environment, noRoute, type EnvironmentRoute } from "../../src/kernel/environment.ts";
import { arrayMap, type PerCpuArrayMap, type RingBuffer, type Variable } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";
import { environmentRoutes } from "../../src/kernel/simulate/simulated-routes.ts";
import { simulate, type SimulationOptions } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import type { Netns } from "../../src/linux/netns.ts";
import type { TypeOf } from "../../src/wire/layout.ts";
import { toHex } from "../../src/wire/hex.ts";

/** What both runs are told. */
export interface TwinInput {
  readonly environment?: Partial<TwinEnvironment>;
  /** Fields of the context that TEST_RUN lets us set. */
  readonly context?: SkbTestFields;
  /** Those that V8 must be told besides, so that it sees what the kernel sees. */
  readonly simulated?: SimulationOptions<"tc">["context"];
  /** The device of `context.ifindex`, and its MTU. */
  readonly netns?: Netns;
  readonly mtu?: number;
  /** The packet arrives with a checksum over all of it, which must be right afterwards. */
  readonly checksumComplete?: boolean;
}

interface TwinEnvironment {
  readonly monotonicNs: bigint;
  readonly taiNs: bigint;
  readonly objectAddress: bigint;
  readonly cpu: number;
  readonly random: number;
  readonly egressBacklog: number;
  /** What every `fibLookup` answers. */
  readonly route: TypeOf<typeof EnvironmentRoute>;
}

const still: TwinEnvironment = {
  monotonicNs: 0n,
  taiNs: 0n,
  objectAddress: 0n,
  cpu: 0,
  random: 0,
  egressBacklog: 0,
  route: noRoute,
};

export interface TwinOutput {
  readonly verdict: number;
  readonly packet: Uint8Array;
}

export class Twin {
  readonly kernel: LoadedProgram;
  readonly maps = new SimulatedMaps();
  readonly #program: Program<"tc"> | Program<"xdp">;
  readonly #environment = arrayMap(Environment, { entries: 1, name: "environment" });

  constructor(program: Program<"tc"> | Program<"xdp">) {
    this.#program = program;
    this.kernel = load(compile(program, { environment: this.#environment, kernelTypes: kernelBtf() }));
  }

  /** Runs both and returns what they agree on; a difference fails the test with both packets in hex. */
  run(packet: Uint8Array, input: TwinInput = {}): TwinOutput {
    const { kernel, v8 } = this.runBoth(packet, input);
    if (kernel.verdict !== v8.verdict || Buffer.compare(kernel.packet, v8.packet) !== 0) {
      expect({ given: toHex(packet), verdict: kernel.verdict, packet: toHex(kernel.packet) }).toEqual({
        given: toHex(packet),
        verdict: v8.verdict,
        packet: toHex(v8.packet),
      });
    }
    return kernel;
  }

  runBoth(packet: Uint8Array, input: TwinInput = {}): { kernel: TwinOutput; v8: TwinOutput } {
    const environment = { ...still, ...input.environment };
    if (this.kernel.compiled.maps.includes(this.#environment)) this.kernel.map(this.#environment).set(0, environment);
    const { verdict, packet: after } = this.kernel.testRun(packet, {
      ...(input.context !== undefined && { context: this.#testContext(packet, input.context) }),
      ...(input.netns !== undefined && { netns: input.netns }),
      ...(input.checksumComplete === true && { checksumComplete: true }),
    });
    const { ifindex, ingressIfindex, gsoSegments, gsoSize, mark, timestamp } = input.context ?? {};
    const context = {
      ...(ifindex !== undefined && { ifindex }),
      ...(ingressIfindex !== undefined && { ingressIfindex }),
      ...(gsoSegments !== undefined && { gsoSegments }),
      ...(gsoSize !== undefined && { gsoSize }),
      ...(mark !== undefined && { mark }),
      ...(timestamp !== undefined && { timestamp }),
      ...input.simulated,
    };
    const world = {
      packet,
      environment: { ...environment, routes: environmentRoutes(environment.route) },
      maps: this.maps,
    };
    const v8 =
      this.#program.type === "tc"
        ? simulate(this.#program as Program<"tc">, {
            ...world,
            context,
            ...(input.mtu !== undefined && { mtu: input.mtu }),
          })
        : simulate(this.#program as Program<"xdp">, world);
    return { kernel: { verdict, packet: Uint8Array.from(after) }, v8 };
  }

  #testContext(packet: Uint8Array, fields: SkbTestFields): Uint8Array {
    if (this.#program.type === "tc") return skbTestContext(fields);
    const { ifindex } = fields;
    return xdpTestContext(packet.length, ifindex === undefined ? {} : { ingressIfindex: ifindex });
  }

  /** A variable that folded away takes nothing. */
  setVariable<T>(variable: Variable<T>, value: T): void {
    if (this.kernel.compiled.maps.includes(variable)) this.kernel.map(variable).value = value;
    this.maps.map(variable).value = value;
  }

  /** A counter map's sums over the CPUs, which both must agree on, by name; those at 0 are left out. */
  counts(map: PerCpuArrayMap<{ value: bigint }>, names: readonly string[]): Record<string, number> {
    const kernel = names.map((_, index) => Number(this.kernel.map(map).sum(index)?.value));
    const v8 = names.map((_, index) =>
      this.maps
        .map(map)
        .get(index)
        ?.reduce((sum, { value }) => sum + Number(value), 0),
    );
    const named = (values: readonly unknown[]): Record<string, number> =>
      Object.fromEntries(names.map((name, index) => [name, Number(values[index])]).filter(([, value]) => value !== 0));
    expect(named(kernel)).toEqual(named(v8));
    return named(kernel);
  }

  /** Takes what waits in the ring; both must have the same number of records. */
  records(ring: RingBuffer): { kernel: Uint8Array[]; v8: Uint8Array[] } {
    const kernel: Uint8Array[] = [];
    this.kernel.map(ring).poll((view, offset, length) => {
      kernel.push(Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset + offset, length)));
    });
    const v8 = [...this.maps.map(ring).drain()];
    expect(kernel.length).toBe(v8.length);
    return { kernel, v8 };
  }

  close(): void {
    this.kernel.close();
  }
}

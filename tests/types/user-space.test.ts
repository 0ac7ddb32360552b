/** The types of what user space gets: handles by descriptor, simulations by program type, places by program type. */
import { describe, expectTypeOf, test } from "vitest";
import {
  attach,
  type LoadedProgram,
  type PerCpuMapHandle,
  type RingReader,
  type Running,
  type SharedMapHandle,
  type VariableHandle,
} from "../../src/bpf/index.ts";
import { compile, type CompiledProgram } from "../../src/compiler/index.ts";
import {
  cgroupSkb,
  CgroupSkb,
  hashMap,
  lpmTrie,
  perCpuArrayMap,
  ringBuffer,
  simulate,
  struct,
  tc,
  Tc,
  u32,
  u64,
  variable,
  xdp,
  Xdp,
  type Program,
} from "../../src/kernel/index.ts";

const Count = struct("count", { packets: u64 });
const counts = hashMap(u32, Count, { entries: 16 });
const cpus = perCpuArrayMap(Count, { entries: 1 });
const ring = ringBuffer({ bytes: 4096 });
const seen = variable(u64, 0n);
const Prefix = struct("prefix", { prefixLength: u32, address: u32 });
const prefixes = lpmTrie(Prefix, u32, { entries: 16 });

const pass = xdp(() => Xdp.Pass);
const ok = tc(() => Tc.Ok);
const allow = cgroupSkb(() => CgroupSkb.Allow);

/** Typed, and never run. */
const never = (_run: () => void): void => {};

describe("handles", () => {
  test("are those of the descriptor", () => {
    never(() => {
      const program = {} as LoadedProgram;
      expectTypeOf(program.map(counts)).toEqualTypeOf<SharedMapHandle<number, { packets: bigint }>>();
      expectTypeOf(program.map(counts).get(1)).toEqualTypeOf<{ packets: bigint } | undefined>();
      expectTypeOf(program.map(cpus)).toEqualTypeOf<PerCpuMapHandle<number, { packets: bigint }>>();
      expectTypeOf(program.map(ring)).toEqualTypeOf<RingReader>();
      expectTypeOf(program.map(seen)).toEqualTypeOf<VariableHandle<bigint>>();
      expectTypeOf(program.map(prefixes).get({ prefixLength: 8, address: 1 })).toEqualTypeOf<
        { value: number } | undefined
      >();
      // @ts-expect-error: a key of another type
      program.map(counts).get("1");
      // @ts-expect-error: a value with a field too many
      program.map(counts).set(1, { packets: 1n, bytes: 1n });
    });
  });
});

describe("simulate", () => {
  test("takes and gives the context of the program's type", () => {
    never(() => {
      expectTypeOf(simulate(pass, { context: { rxQueue: 1 } }).context.rxQueue).toEqualTypeOf<number>();
      expectTypeOf(simulate(ok, { context: { mark: 1 } }).context.mark).toEqualTypeOf<number>();
      expectTypeOf(simulate(allow).verdict).toEqualTypeOf<number>();
      // @ts-expect-error: XDP has no mark
      simulate(pass, { context: { mark: 1 } });
      // @ts-expect-error: a frame is bytes
      simulate(pass, { packet: "frame" });
    });
  });

  test("has the maps' values as user space has them", () => {
    never(() => {
      const { maps } = simulate(pass);
      expectTypeOf(maps.map(counts).get(1)).toEqualTypeOf<{ packets: bigint } | undefined>();
      expectTypeOf(maps.map(seen).value).toEqualTypeOf<bigint>();
    });
  });
});

describe("compile and attach", () => {
  test("a program of any type compiles", () => {
    never(() => {
      expectTypeOf(compile(pass)).toEqualTypeOf<CompiledProgram>();
      expectTypeOf(compile).parameter(0).toEqualTypeOf<Program>();
      // @ts-expect-error: a function is no program
      compile(() => Xdp.Pass);
    });
  });

  test("a program goes where its type goes", () => {
    never(() => {
      expectTypeOf(attach(pass, { device: "eth0", mode: "generic" })).toEqualTypeOf<Running<"xdp">>();
      attach(ok, { device: "eth0", direction: "egress", netns: "athos" });
      attach(allow);
      attach(allow, { cgroup: "/sys/fs/cgroup/web", direction: "egress" });
      expectTypeOf(attach(pass, { device: "eth0" }).map(counts).get(1)).toEqualTypeOf<
        { packets: bigint } | undefined
      >();
      // @ts-expect-error: which interface?
      attach(pass);
      // @ts-expect-error: XDP has one direction
      attach(pass, { device: "eth0", direction: "egress" });
      // @ts-expect-error: a cgroup is no interface
      attach(allow, { device: "eth0" });
    });
  });
});

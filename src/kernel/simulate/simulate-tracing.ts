/** Programs that follow the kernel, in V8. */
import { HopmarkError } from "../../errors.ts";
import type { Ipv6Address } from "../../wire/layout.ts";
import type { RingBuffer } from "../maps.ts";
import type { Program } from "../program.ts";
import { withRuntime } from "../runtime.ts";
import type { KernelPointer } from "../tracepoints.ts";
import type { KernelIpv6 } from "../tracing-helpers.ts";
import { IteratorOutput, RawTracepointContext } from "../tracing.ts";
import type { SimulatedEnvironment } from "./environment-source.ts";
import { kernelObject } from "./kernel-object.ts";
import { SimulatedMaps } from "./simulated-maps.ts";
import { SimulatedRuntime } from "./simulated-runtime.ts";

/**
 * What stands for something of the kernel: a plain object with the members that the program reads, null for a pointer to
 * nothing. What pointers to no structure lead to is a string for text, or bytes. An IPv6 address may be written as `ipv6(…)`.
 */
export type Simulated<T> = T extends KernelPointer
  ? string | Uint8Array | object
  : T extends KernelIpv6
    ? Ipv6Address | KernelIpv6
    : T extends readonly (infer E)[]
      ? readonly Simulated<E>[]
      : T extends object
        ? { readonly [K in keyof T]?: Simulated<T[K]> } & { readonly [member: string]: unknown }
        : T;

/** What a simulated tracing program meets. */
export interface TracingOptions {
  /** Maps that outlive the run; new ones without it. */
  readonly maps?: SimulatedMaps;
  readonly environment?: SimulatedEnvironment;
}

/** `arguments`: the tracepoint's, as far as the program has parameters for them. */
export interface TracepointOptions<A extends readonly unknown[]> extends TracingOptions {
  readonly arguments: { readonly [I in keyof A]?: Simulated<A[I]> };
}

/** `context`: what the iterator's kind hands over, `task: null` for the call at the end. */
export interface IteratorOptions<C> extends TracingOptions {
  readonly context: { readonly [K in keyof C]?: Simulated<C[K]> };
}

/** What a simulated tracing program left behind. */
export interface TracingResult {
  readonly maps: SimulatedMaps;
  /** The records that this run submitted to a ring, in order; they stay in the ring until it is drained. */
  records(ring: RingBuffer): readonly Uint8Array[];
  /** What an iterator's program wrote, in order. */
  readonly written: readonly Uint8Array[];
}

type Given = TracingOptions & { readonly arguments?: readonly unknown[]; readonly context?: object };

/** Whether a program follows the kernel. */
export const isTracing = (program: Program): boolean =>
  program.type === "tracepoint" || program.type === "rawTracepoint" || program.type === "iterator";

export const simulateTracing = (program: Program, options: Given): TracingResult => {
  const maps = options.maps ?? new SimulatedMaps();
  const runtime = new SimulatedRuntime(maps, options.environment ?? {});
  const records = new Map<RingBuffer, readonly Uint8Array[]>();
  try {
    const result = withRuntime(runtime, () => program.body(...(argumentsOf(program, options) as never[])));
    if (result !== undefined)
      throw new HopmarkError(
        "verdict",
        `program ${program.name} returned ${String(result)}; programs of its type return nothing`,
      );
    for (const ring of maps.rings()) records.set(ring.descriptor, ring.finish());
    return { maps, written: runtime.written, records: (ring) => records.get(ring) ?? [] };
  } finally {
    for (const ring of maps.rings()) ring.abandon();
  }
};

const argumentsOf = (program: Program, { arguments: given = [], context = {} }: Given): unknown[] => {
  if (program.type === "iterator") {
    const output: object = Object.assign(Object.create(IteratorOutput.prototype) as object, context);
    return [kernelObject(output, "ctx")];
  }
  if (program.type === "rawTracepoint") {
    const all = kernelObject(given, "ctx.args") as readonly bigint[];
    return [new RawTracepointContext(all)];
  }
  return Array.from({ length: program.body.length }, (_, at) => {
    if (at in given) return kernelObject(given[at], `argument ${at + 1}`);
    throw new HopmarkError("not-given", `argument ${at + 1} of ${program.purpose.target} was not given to simulate()`, {
      hint: "give arguments as many as the program's function has parameters",
    });
  });
};

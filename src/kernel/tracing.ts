/** Programs that follow the kernel itself: tracepoints and iterators. They return nothing. */
import type { Layout } from "../wire/layout.ts";
import { makeProgram, type Program, type ProgramOptions } from "./program.ts";
import { runtime } from "./runtime.ts";
import type { Iterators, Tracepoints } from "./tracepoints.ts";

/** Any name may be written; one that is not declared gets a type that says how to declare it. */
type NameOf<Declared> = keyof Declared | (string & {});

type TracepointBody<N> = N extends keyof Tracepoints ? Tracepoints[N] : "run: hopmark types *.bpf.ts -o kernel.d.ts";

type Arguments<F> = F extends (...args: infer A) => unknown ? A : readonly unknown[];

/** `arguments`, a phantom: what its function is called with. */
export interface TracepointProgram<A extends readonly unknown[] = readonly unknown[]> extends Program<"tracepoint"> {
  readonly arguments?: A;
}

/**
 * A program that runs whenever the kernel passes a tracepoint, with the tracepoint's arguments: integers, and structures of
 * the kernel, whose members are read in place. What a pointer of a structure points to may be null, and is to be tested.
 *
 *     export const retransmits = tracepoint("tcp_retransmit_skb", (sk, skb) => {
 *       const entry = counts.lookup(sk.__sk_common.skc_dport);
 *       if (entry !== null) fetchAdd(entry, "packets", 1n);
 *     });
 *
 * Integers of 64 bits are bigints, smaller ones numbers, C's `bool` is a boolean. What the kernel declares as `__be16`,
 * `__be32` or `__be64` reads as the number it means, like the fields of headers. `hopmark types NAME` writes the types.
 */
export const tracepoint = <const N extends NameOf<Tracepoints>>(
  name: N,
  body: TracepointBody<N>,
  options: ProgramOptions = {},
): TracepointProgram<Arguments<TracepointBody<N>>> =>
  makeProgram("tracepoint", body as Program["body"], options, { target: name as string });

/** What a raw tracepoint's program is called with. */
export class RawTracepointContext {
  /** The tracepoint's arguments as 64 bits each: what `struct bpf_raw_tracepoint_args` holds. */
  readonly args: readonly bigint[];

  constructor(args: readonly bigint[]) {
    this.args = args;
  }
}

/**
 * A program that runs whenever the kernel passes a tracepoint, with its arguments as they are: no types, no type
 * information needed. Pointers among them are read with `probeRead` or `cast`.
 *
 *     export const calls = rawTracepoint("sys_enter", (ctx) => { total.value += ctx.args[1] === 1n ? 1 : 0; });
 */
export const rawTracepoint = (
  name: string,
  body: (context: RawTracepointContext) => void,
  options: ProgramOptions = {},
): Program<"rawTracepoint"> => makeProgram("rawTracepoint", body, options, { target: name });

/** Where an iterator's program writes, beside the members that its kind has. */
export class IteratorOutput {
  /** Hands user space a record. An iterator writes records of one layout. */
  write<T>(layout: Layout<T>, value: T): void {
    runtime().write(layout as Layout, value);
  }
}

type IteratorBody<N> = N extends keyof Iterators
  ? (context: Iterators[N] & IteratorOutput) => void
  : "run: hopmark types *.bpf.ts -o kernel.d.ts";

/** `context`, a phantom: what its function is called with. */
export interface IteratorProgram<C = unknown> extends Program<"iterator"> {
  readonly context?: C;
}

/**
 * A program that the kernel calls for each of its tasks, sockets, maps … when user space reads the iterator, and once more
 * at the end, with null in place of the object. What it writes is what user space reads.
 *
 *     export const tasks = iterator("task", (ctx) => {
 *       if (ctx.task !== null) ctx.write(Task, { pid: ctx.task.tgid });
 *     });
 */
export const iterator = <const N extends NameOf<Iterators>>(
  name: N,
  body: IteratorBody<N>,
  options: ProgramOptions = {},
): IteratorProgram<N extends keyof Iterators ? Iterators[N] : unknown> =>
  makeProgram("iterator", body as Program["body"], options, { target: name as string });

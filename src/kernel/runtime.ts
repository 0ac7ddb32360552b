/**
 * The seam between kernel functions and what runs them in V8. In the kernel the compiler replaces every call below by
 * instructions and this module does not exist; in plain Node `simulate()` installs a {@link Runtime} for the length of
 * one run, and calling a kernel-only function outside one is an error that says so.
 */
import { HopmarkError } from "../errors.ts";
import type { Ipv4Address, Ipv6Address, Layout } from "../wire/layout.ts";
import type { FibQuery } from "./fib.ts";
import type { MapDescriptor, RingBuffer } from "./maps.ts";
import type { DevMap } from "./dev-map.ts";
import type { InnerMap, MapOfMaps } from "./map-of-maps.ts";
import type { ProgramArray } from "./program-array.ts";
import type { SocketStorage } from "./socket-storage.ts";
import type { Program } from "./program.ts";

/** Everything a program can ask of its surroundings, as JavaScript. Views are live objects over the bytes behind them. */
export interface Runtime {
  lookup(map: MapDescriptor, key: unknown): unknown;
  /** The map in a map of maps, as a descriptor of its own. */
  lookupMap(map: MapOfMaps<unknown, InnerMap>, key: unknown): unknown;
  update(map: MapDescriptor, key: unknown, value: unknown, flags: number): boolean;
  remove(map: MapDescriptor, key: unknown): boolean;
  /** The live view of a global variable. */
  variable(map: MapDescriptor): unknown;
  reserve(ring: RingBuffer, layout: Layout): unknown;
  submit(ring: RingBuffer, record: unknown): void;
  discard(ring: RingBuffer, record: unknown): void;
  /** Copies the first `length` bytes of a view into the ring; false when it is full. */
  output(ring: RingBuffer, view: object, length: number): boolean;
  /** The live view of what a socket carries, or null. */
  socketValue(storage: SocketStorage<unknown>, socket: object, create: boolean): unknown;
  removeSocketValue(storage: SocketStorage<unknown>, socket: object): boolean;
  /** The verdict of a redirect by a table. */
  redirectMap(map: DevMap, index: number, flags: number): number;
  /** Does not come back when the array has a program at `index`. */
  tailCall(array: ProgramArray, context: object, index: number): void;
  monotonic(): bigint;
  tai(): bigint;
  cpu(): number;
  random(): number;
  /** Of whatever object of the kernel. */
  objectAddress(): bigint;
  /** A native integer of at least `least` bytes: a field of a view, or an element of a live array. */
  cell(view: object, field: string | number, least: number): AtomicCell;
  /** The answer to `fibLookup`. */
  route(query: FibQuery<Ipv4Address | Ipv6Address> & { readonly ifindex: number }, flags: number): unknown;
  /** The bytes that a live view shows, as they are now. */
  bytes(view: object): Uint8Array;
  viewInto(view: object, field: string, layout: Layout, offset: number): unknown;
  /** Who runs. */
  process(): { readonly pid: number; readonly tid: number; readonly comm: string; readonly cgroupId: bigint };
  probeRead(layout: Layout, pointer: unknown): unknown;
  copyString(view: object, field: string, source: unknown): boolean;
  cast(struct: string, pointer: unknown): unknown;
  ipv6Of(address: unknown): string;
  /** What an iterator's program writes. */
  write(layout: Layout, value: unknown): void;
}

/** An integer in memory that others see. */
export interface AtomicCell {
  readonly bits: number;
  get(): number | bigint;
  set(value: number | bigint): void;
}

let current: Runtime | null = null;

/** Runs `run` with `runtime` answering kernel calls. Synchronous: kernel functions are. */
export const withRuntime = <R>(runtime: Runtime, run: () => R): R => {
  const outer = current;
  current = runtime;
  try {
    return run();
  } finally {
    current = outer;
  }
};

export const runtime = (): Runtime => {
  if (current === null) {
    throw new HopmarkError("outside-kernel", "a kernel function was called outside a kernel program", {
      hint: "attach the program, or run it with simulate(); from user space use the handles of the running program",
    });
  }
  return current;
};

export type { Program };

import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import { readLayout } from "../../wire/codec.ts";
import { Xdp } from "../context.ts";
import { RedirectFlag, type DevMap } from "../dev-map.ts";
import type { InnerMap, MapOfMaps } from "../map-of-maps.ts";
import type { MapDescriptor, RingBuffer } from "../maps.ts";
import type { ProgramArray } from "../program-array.ts";
import type { SocketStorage } from "../socket-storage.ts";
import type { AtomicCell, Runtime } from "../runtime.ts";
import { atomicCell } from "./atomic-cell.ts";
import { encodeElement } from "./element-bytes.ts";
import { reader, type SimulatedEnvironment, type SimulatedProcess } from "./environment-source.ts";
import { copyString, ipv6Of, probeRead } from "./kernel-memory.ts";
import type { Memory } from "./memory.ts";
import type { Clone, Redirect } from "./packet-machine.ts";
import { isPerCpu, type SimulatedMaps } from "./simulated-maps.ts";
import { TailCalls } from "./tail-calls.ts";
import { simulatedRoute, type AnyFibQuery, type SimulatedRoutes } from "./simulated-routes.ts";
import { liveBytes, liveField, view } from "./view.ts";

/** The part of a context's machine that calls without the context change. */
export interface PacketKeeper {
  readonly packet?: Memory;
  redirected: Redirect | null;
  readonly clones?: readonly Clone[];
  broadcast?: readonly number[];
  field?(name: string): unknown;
}

/** What kernel functions call, over simulated maps and a given environment. */
export class SimulatedRuntime implements Runtime {
  readonly monotonic: () => bigint;
  readonly tai: () => bigint;
  readonly random: () => number;
  readonly objectAddress: () => bigint;
  /** What an iterator's program wrote. */
  readonly written: Uint8Array[] = [];
  readonly #cpu: number;
  readonly #process: SimulatedProcess;
  readonly #routes: SimulatedRoutes;
  readonly #maps: SimulatedMaps;
  readonly #machine: PacketKeeper;
  readonly tailCalls = new TailCalls();

  constructor(maps: SimulatedMaps, environment: SimulatedEnvironment, machine: PacketKeeper = { redirected: null }) {
    this.#maps = maps;
    this.#machine = machine;
    this.#cpu = environment.cpu ?? 0;
    const { pid = 0 } = environment.process ?? {};
    this.#process = { pid, tid: pid, comm: "", cgroupId: 0n, ...environment.process };
    this.#routes = environment.routes ?? [];
    const monotonic = reader(environment.monotonicNs, 0n);
    const tai = reader(environment.taiNs, 0n);
    const random = reader(environment.random, 0);
    const objectAddress = reader(environment.objectAddress, 0n);
    this.monotonic = () => BigInt.asUintN(64, monotonic());
    this.tai = () => BigInt.asUintN(64, tai());
    this.random = () => random() >>> 0;
    this.objectAddress = () => BigInt.asUintN(64, objectAddress());
  }

  cpu(): number {
    return this.#cpu;
  }

  lookup(map: MapDescriptor, key: unknown): unknown {
    const slots = this.#maps.stored(map).lookup(encodeKey(map, key));
    return slots === null ? null : view(valueLayout(map), this.#own(map, slots), 0);
  }

  lookupMap(map: MapOfMaps<unknown, InnerMap>, key: unknown): unknown {
    return this.#maps.mapOfMaps(map).lookup(key);
  }

  update(map: MapDescriptor, key: unknown, value: unknown, flags: number): boolean {
    const slot = isPerCpu(map.type) ? this.#checkedCpu(map) : 0;
    const bytes = encodeElement(valueLayout(map), value);
    return this.#maps.stored(map).update(encodeKey(map, key), [bytes], flags, slot) === null;
  }

  remove(map: MapDescriptor, key: unknown): boolean {
    return this.#maps.stored(map).remove(encodeKey(map, key)) === true;
  }

  variable(map: MapDescriptor): unknown {
    return this.lookup(map, 0);
  }

  reserve(ring: RingBuffer, layout: Layout): unknown {
    return this.#maps.ring(ring).reserve(layout);
  }

  submit(ring: RingBuffer, record: unknown): void {
    this.#maps.ring(ring).submit(record as object);
  }

  discard(ring: RingBuffer, record: unknown): void {
    this.#maps.ring(ring).discard(record as object);
  }

  output(ring: RingBuffer, object: object, length: number): boolean {
    const bytes = liveBytes(object);
    if (!Number.isInteger(length) || length < 0 || length > bytes.length)
      throw new RangeError(`${length} bytes to ring ${ring.name}: the view has ${bytes.length}`);
    return this.#maps.ring(ring).output(bytes.slice(0, length));
  }

  socketValue(storage: SocketStorage<unknown>, socket: object, create: boolean): unknown {
    const memory = this.#maps.storage(storage).memory(socket, create);
    return memory === null ? null : view(storage.valueLayout, memory, 0);
  }

  removeSocketValue(storage: SocketStorage<unknown>, socket: object): boolean {
    return this.#maps.storage(storage).remove(socket);
  }

  redirectMap(map: DevMap, index: number, flags: number): number {
    const { Broadcast, ExcludeIngress } = RedirectFlag;
    if ((flags & ~(Xdp.Tx | Broadcast | ExcludeIngress)) !== 0) return Xdp.Aborted;
    const interfaceOf = ({ bytes }: Memory): number => readLayout(map.valueLayout, bytes, 0).ifindex;
    const stored = this.#maps.stored(map);
    if ((flags & Broadcast) !== 0) {
      const own = (flags & ExcludeIngress) === 0 ? undefined : this.#machine.field?.("ifindex");
      const all = [...stored.entries()].flatMap(([, memories]) => memories.map(interfaceOf));
      this.#machine.redirected = null;
      this.#machine.broadcast = all.filter((ifindex) => ifindex !== own);
      return Xdp.Redirect;
    }
    const [memory] = stored.lookup(encodeKey(map, index)) ?? [];
    if (memory === undefined) return flags & Xdp.Tx;
    this.#machine.redirected = { ifindex: interfaceOf(memory), flags: 0 };
    this.#machine.broadcast = [];
    return Xdp.Redirect;
  }

  tailCall(array: ProgramArray, _context: object, index: number): void {
    if (!Number.isInteger(index) || index < 0 || index > 0xffff_ffff)
      throw new RangeError(`${index} is no index of program array ${array.name}`);
    for (const ring of this.#maps.rings()) ring.requireClosed();
    this.tailCalls.call(this.#maps.programs(array).get(index));
    this.#machine.packet?.invalidate("tailCall");
  }

  cell(object: object, name: string | number, least: number): AtomicCell {
    return atomicCell(object, name, least);
  }

  route(query: AnyFibQuery, flags: number): object {
    return simulatedRoute(this.#routes, query, flags);
  }

  bytes(object: object): Uint8Array {
    return liveBytes(object);
  }

  viewInto(object: object, name: string, layout: Layout, offset: number): unknown {
    const { state, field } = liveField(object, name);
    const last = field.bits / 8 - layout.size;
    if (!Number.isInteger(offset) || offset < 0 || offset > last) {
      throw new RangeError(`offset ${offset} into ${state.layout.name}.${name}: ${layout.name} fits from 0 to ${last}`);
    }
    return view(layout, state.memory, state.offset + field.bitOffset / 8 + offset);
  }

  process(): SimulatedProcess {
    return this.#process;
  }

  probeRead(layout: Layout, pointer: unknown): unknown {
    return probeRead(layout, pointer);
  }

  copyString(target: object, name: string, source: unknown): boolean {
    return copyString(target, name, source);
  }

  cast(_struct: string, pointer: unknown): unknown {
    return pointer;
  }

  ipv6Of(address: unknown): string {
    return ipv6Of(address);
  }

  write(layout: Layout, value: unknown): void {
    this.written.push(encodeElement(layout, value));
  }

  #own(map: MapDescriptor, slots: readonly Memory[]): Memory {
    const memory = slots[isPerCpu(map.type) ? this.#checkedCpu(map) : 0];
    if (memory === undefined) throw noCpu(map, this.#cpu, this.#maps.cpus);
    return memory;
  }

  #checkedCpu(map: MapDescriptor): number {
    if (this.#cpu >= this.#maps.cpus) throw noCpu(map, this.#cpu, this.#maps.cpus);
    return this.#cpu;
  }
}

const noCpu = (map: MapDescriptor, cpu: number, cpus: number): HopmarkError =>
  new HopmarkError("out-of-range", `map ${map.name} has no value for CPU ${cpu} of ${cpus}`, {
    hint: "make the simulated maps with as many CPUs: new SimulatedMaps({ cpus })",
  });

const encodeKey = (map: MapDescriptor, key: unknown): Uint8Array => {
  if (map.keyElement === null) throw new TypeError(`${map.name} has no keys`);
  return encodeElement(map.keyElement, key);
};

const valueLayout = (map: MapDescriptor): Layout => {
  if (map.valueLayout === null) throw new TypeError(`${map.name} has no values`);
  return map.valueLayout;
};

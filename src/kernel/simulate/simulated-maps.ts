import { HopmarkError } from "../../errors.ts";
import {
  RingBuffer,
  Variable,
  type MapDescriptor,
  type MapType,
  type PerCpuArrayMap,
  type PerCpuHashMap,
} from "../maps.ts";
import { MapOfMaps, type InnerMap } from "../map-of-maps.ts";
import { SocketStorage } from "../socket-storage.ts";
import { ProgramArray } from "../program-array.ts";
import { SimulatedMap, SimulatedPerCpuMap, SimulatedRing, SimulatedVariable, type KeyedDescriptor } from "./handles.ts";
import { kindOf } from "./kind-of.ts";
import { SimulatedPrograms } from "./program-slots.ts";
import { SimulatedMapOfMaps } from "./simulated-map-of-maps.ts";
import { SimulatedStorage } from "./simulated-storage.ts";
import { StoredArray } from "./stored-array.ts";
import { StoredDevices } from "./stored-devices.ts";
import { StoredHash } from "./stored-hash.ts";
import type { StoredMap } from "./stored-map.ts";
import { StoredRing } from "./stored-ring.ts";
import { StoredTrie } from "./stored-trie.ts";

type AnyDescriptor =
  | KeyedDescriptor<unknown, unknown>
  | RingBuffer
  | ProgramArray
  | AnyMapOfMaps
  | SocketStorage<unknown>;
type AnyMapOfMaps = MapOfMaps<unknown, InnerMap>;

/**
 * The maps of simulated programs. Runs that are given the same object share them, as programs attached together do; a
 * map comes to be when something first asks for it.
 *
 *     const maps = new SimulatedMaps();
 *     simulate(program, { packet, maps });
 *     maps.map(flows).get(key);
 */
export class SimulatedMaps {
  /** CPUs that per-CPU maps hold a value for. */
  readonly cpus: number;
  readonly #maps = new Map<MapDescriptor, StoredMap>();
  readonly #rings = new Map<RingBuffer, StoredRing>();
  /** Rings as programs find them in maps of maps. */
  readonly #innerRings = new WeakMap<RingBuffer, StoredRing>();
  readonly #programs = new Map<ProgramArray, SimulatedPrograms>();
  readonly #mapsOfMaps = new Map<AnyMapOfMaps, SimulatedMapOfMaps<unknown, InnerMap>>();
  readonly #storages = new Map<SocketStorage<unknown>, SimulatedStorage<unknown>>();
  readonly #handles = new Map<MapDescriptor, unknown>();

  constructor(options: { readonly cpus?: number } = {}) {
    this.cpus = options.cpus ?? 4;
    if (!Number.isInteger(this.cpus) || this.cpus < 1)
      throw new HopmarkError(
        "out-of-range",
        `maps for ${String(this.cpus)} CPUs: a machine has a whole number of them, from 1`,
      );
  }

  /** The typed handle of a map, with the calls that a running program's handle has. */
  map<T>(descriptor: Variable<T>): SimulatedVariable<T>;
  map(descriptor: RingBuffer): SimulatedRing;
  map(descriptor: ProgramArray): SimulatedPrograms;
  map<V>(descriptor: SocketStorage<V>): SimulatedStorage<V>;
  map<K, M extends InnerMap>(descriptor: MapOfMaps<K, M>): SimulatedMapOfMaps<K, M>;
  map<V>(descriptor: PerCpuArrayMap<V>): SimulatedPerCpuMap<number, V>;
  map<K, V>(descriptor: PerCpuHashMap<K, V>): SimulatedPerCpuMap<K, V>;
  map<K, V>(descriptor: KeyedDescriptor<K, V>): SimulatedMap<K, V>;
  map(descriptor: AnyDescriptor): unknown {
    if (typeof descriptor !== "object" || descriptor === null || descriptor.kind !== "map")
      throw new HopmarkError("not-declared", `maps are asked for by their descriptors, not by ${kindOf(descriptor)}`, {
        hint: "import the map from the program's module, and write maps.map(it)",
      });
    let handle = this.#handles.get(descriptor);
    if (handle === undefined) {
      handle = this.#handle(descriptor);
      this.#handles.set(descriptor, handle);
    }
    return handle;
  }

  /** For the runtime: the map as bytes. */
  stored(descriptor: MapDescriptor): StoredMap {
    let map = this.#maps.get(descriptor);
    if (map === undefined) {
      map = store(descriptor, isPerCpu(descriptor.type) ? this.cpus : 1);
      this.#maps.set(descriptor, map);
    }
    return map;
  }

  /** For the runtime: the ring as bytes. */
  ring(descriptor: RingBuffer): StoredRing {
    let ring = this.#innerRings.get(descriptor) ?? this.#rings.get(descriptor);
    if (ring === undefined) {
      ring = new StoredRing(descriptor);
      this.#rings.set(descriptor, ring);
    }
    return ring;
  }

  /** For the runtime: the programs of an array, as user space sees them. */
  programs(descriptor: ProgramArray): SimulatedPrograms {
    let programs = this.#programs.get(descriptor);
    if (programs === undefined) {
      programs = new SimulatedPrograms(descriptor);
      this.#programs.set(descriptor, programs);
    }
    return programs;
  }

  /** For the runtime: the maps in a map, as user space sees them. */
  mapOfMaps(descriptor: AnyMapOfMaps): SimulatedMapOfMaps<unknown, InnerMap> {
    let maps = this.#mapsOfMaps.get(descriptor);
    if (maps === undefined) {
      maps = new SimulatedMapOfMaps(descriptor, (inner, map) => this.#alias(inner, map));
      this.#mapsOfMaps.set(descriptor, maps);
      for (const [index, own] of descriptor.maps) maps.set(index, { stored: this.#storedAs(own) });
    }
    return maps;
  }

  /** For the runtime: what sockets carry. */
  storage(descriptor: SocketStorage<unknown>): SimulatedStorage<unknown> {
    let storage = this.#storages.get(descriptor);
    if (storage === undefined) {
      storage = new SimulatedStorage(descriptor);
      this.#storages.set(descriptor, storage);
    }
    return storage;
  }

  /** For the runtime: all rings that anything has asked for. */
  rings(): Iterable<StoredRing> {
    return this.#rings.values();
  }

  #storedAs(descriptor: InnerMap): StoredMap | StoredRing {
    return descriptor instanceof RingBuffer ? this.ring(descriptor) : this.stored(descriptor);
  }

  /** A descriptor like `inner`, of the given map: what programs find in maps of maps. */
  #alias<M extends InnerMap>(inner: M, map: StoredMap | StoredRing): M {
    const alias = Object.create(inner) as M;
    if (map instanceof StoredRing) {
      if (alias instanceof RingBuffer) this.#innerRings.set(alias, map);
    } else this.#maps.set(alias, map);
    return alias;
  }

  #handle(descriptor: AnyDescriptor): unknown {
    if (descriptor instanceof RingBuffer) return new SimulatedRing(this.ring(descriptor));
    if (descriptor instanceof ProgramArray) return this.programs(descriptor);
    if (descriptor instanceof SocketStorage) return this.storage(descriptor);
    if (descriptor instanceof MapOfMaps) return this.mapOfMaps(descriptor);
    const { keyElement, valueLayout, type } = descriptor;
    const stored = this.stored(descriptor);
    if (descriptor instanceof Variable) {
      return new SimulatedVariable(new SimulatedMap(stored, keyElement, descriptor.valueLayout, false));
    }
    if (isPerCpu(type)) return new SimulatedPerCpuMap(stored, keyElement, valueLayout, this.cpus);
    return new SimulatedMap(stored, keyElement, valueLayout, false);
  }
}

/** Whether maps of this type hold one value for each CPU. */
export const isPerCpu = (type: MapType): boolean =>
  type === "percpu_hash" || type === "lru_percpu_hash" || type === "percpu_array";

const store = (descriptor: MapDescriptor, slots: number): StoredMap => {
  switch (descriptor.type) {
    case "hash":
    case "lru_hash":
    case "percpu_hash":
    case "lru_percpu_hash":
      return new StoredHash(descriptor, slots);
    case "array":
    case "percpu_array":
      return new StoredArray(descriptor, slots);
    case "devmap":
    case "devmap_hash":
      return new StoredDevices(descriptor);
    case "lpm_trie":
      return new StoredTrie(descriptor);
    case "ringbuf":
    case "sk_storage":
    case "prog_array":
    case "array_of_maps":
    case "hash_of_maps":
      throw new HopmarkError("not-simulated", `map ${descriptor.name} has no elements to look up`);
  }
};

/** Which handle a descriptor gets. */
import {
  type MapDescriptor,
  type PerCpuArrayMap,
  type PerCpuHashMap,
  type RingBuffer,
  Variable,
} from "../../kernel/maps.ts";
import { MapOfMaps, type InnerMap } from "../../kernel/map-of-maps.ts";
import { ProgramArray } from "../../kernel/program-array.ts";
import { RingReader } from "../ring.ts";
import { type KeyedDescriptor, SharedMapHandle } from "./handle.ts";
import { isPerCpu, type KernelMap } from "./kernel-map.ts";
import { PerCpuMapHandle } from "./per-cpu-handle.ts";
import { MapOfMapsHandle } from "./map-of-maps-handle.ts";
import { ProgramArrayHandle } from "./program-array-handle.ts";
import { VariableHandle } from "./variable-handle.ts";

/** The handle's type, by the descriptor's. */
export type HandleOf<D extends MapDescriptor> = D extends RingBuffer
  ? RingReader
  : D extends ProgramArray
    ? ProgramArrayHandle
    : D extends MapOfMaps<infer K, infer M>
      ? MapOfMapsHandle<K, M>
      : D extends Variable<infer T>
        ? VariableHandle<T>
        : D extends PerCpuHashMap<infer K, infer V>
          ? PerCpuMapHandle<K, V>
          : D extends PerCpuArrayMap<infer V>
            ? PerCpuMapHandle<number, V>
            : D extends KeyedDescriptor<infer K, infer V>
              ? SharedMapHandle<K, V>
              : never;

type AnyHandle =
  | RingReader
  | ProgramArrayHandle
  | MapOfMapsHandle<unknown, InnerMap>
  | VariableHandle<unknown>
  | PerCpuMapHandle<unknown, unknown>
  | SharedMapHandle<unknown, unknown>;

/** Opens the typed handle of a map made from, or checked against, `descriptor`. */
export const openHandle = <D extends MapDescriptor>(map: KernelMap, descriptor: D): HandleOf<D> =>
  handleFor(map, descriptor) as HandleOf<D>;

const handleFor = (map: KernelMap, descriptor: MapDescriptor): AnyHandle => {
  if (descriptor instanceof ProgramArray) return new ProgramArrayHandle(map, descriptor);
  if (descriptor instanceof MapOfMaps) return new MapOfMapsHandle<unknown, InnerMap>(map, descriptor);
  const { keyElement, valueLayout } = descriptor;
  if (keyElement === null || valueLayout === null) return new RingReader(map);
  if (descriptor instanceof Variable) return new VariableHandle<unknown>(map, valueLayout);
  if (isPerCpu(descriptor.type)) return new PerCpuMapHandle<unknown, unknown>(map, keyElement, valueLayout);
  return new SharedMapHandle<unknown, unknown>(map, keyElement, valueLayout);
};

/** Maps in the kernel, from descriptors. */
import type { MapTypeIds } from "../../compiler/object/btf.ts";
import { MAP_TYPES, MapFlag } from "../../compiler/object/map-types.ts";
import { HopmarkError, UnsupportedError } from "../../errors.ts";
import { MapOfMaps, type InnerMap } from "../../kernel/map-of-maps.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import { writeLayout } from "../../wire/codec.ts";
import { Errno } from "../../linux/ffi.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, tryBpf } from "../sys/bpf.ts";
import { updateBatch } from "./batch.ts";
import { KernelMap } from "./kernel-map.ts";
import { possibleCpus } from "./possible-cpus.ts";

/** Types of key and value in a BTF object of ours. */
export interface MapBtf {
  readonly fd: number;
  readonly types: MapTypeIds;
}

/**
 * Creates the map and writes its initial values. Arrays can be mapped into memory where the kernel has that.
 * @throws PermissionError, UnsupportedError, HopmarkError `map-size`
 */
export const createMap = (descriptor: MapDescriptor, btf?: MapBtf): KernelMap => {
  const map = new KernelMap(create(descriptor, btf), descriptor);
  try {
    fill(map);
  } catch (error) {
    map.close();
    throw error;
  }
  return map;
};

const create = (descriptor: MapDescriptor, btf: MapBtf | undefined): number => {
  if (descriptor instanceof MapOfMaps) return createOfMaps(descriptor);
  const mappable = descriptor.type === "array" ? MapFlag.MMAPABLE : 0;
  const result = tryCreate(descriptor, mappable, btf);
  if (result >= 0) return result;
  if (result === -Errno.EINVAL && mappable !== 0) {
    const plain = tryCreate(descriptor, 0, btf);
    if (plain >= 0) return plain;
  }
  throw creationError(descriptor, result);
};

/** The kernel takes the inner maps' declaration from one that is made like them, and looks at it here only. */
const createOfMaps = (descriptor: MapOfMaps<unknown, InnerMap>): number => {
  const pattern = createMap({ ...descriptor.inner, initial: undefined });
  try {
    const result = tryCreate(descriptor, 0, undefined, pattern.fd);
    if (result < 0) throw creationError(descriptor, result);
    return result;
  } finally {
    pattern.close();
  }
};

/** Returns a descriptor or `-errno`. `innerFd`: a map like those that go into a map of maps. */
export const tryCreate = (descriptor: MapDescriptor, extraFlags: number, btf?: MapBtf, innerFd = 0): number => {
  const implied = descriptor.type === "lpm_trie" ? MapFlag.NO_PREALLOC : 0;
  const attributes = new Attributes()
    .u32(0, MAP_TYPES[descriptor.type])
    .u32(4, descriptor.keySize)
    .u32(8, descriptor.valueSize)
    .u32(12, descriptor.entries)
    .u32(16, descriptor.flags | implied | extraFlags)
    .u32(20, innerFd)
    .name(28, descriptor.name);
  if (btf !== undefined && btf.types.value !== 0) {
    attributes.u32(48, btf.fd).u32(52, btf.types.key).u32(56, btf.types.value);
  }
  return tryBpf("MAP_CREATE", attributes);
};

const creationError = (descriptor: MapDescriptor, result: number): HopmarkError => {
  const what = `map ${descriptor.name} (${descriptor.type})`;
  switch (result) {
    case -Errno.EINVAL:
      if (descriptor.type === "ringbuf" && !isRingSize(descriptor.entries)) {
        return new HopmarkError("map-size", `${what}: ${descriptor.entries} bytes is no power of two of whole pages`, {
          hint: "give a power of two, 4096 or more (65536 on kernels with 64 KiB pages)",
        });
      }
      if (isKnownType(descriptor)) {
        return new HopmarkError("map-size", `${what}: the kernel refuses ${sizes(descriptor)}`, {
          hint: "check the sizes of key and value and the number of entries",
        });
      }
      return new UnsupportedError(descriptor.type, `this kernel has no maps of type ${descriptor.type}`, {
        hint: "use a newer kernel, or another type of map",
      });
    case -Errno.E2BIG:
      return new HopmarkError("map-size", `${what}: too large for the kernel: ${sizes(descriptor)}`, {
        hint: "declare it with fewer entries or a smaller value",
      });
    case -Errno.ENOMEM:
      return new HopmarkError("no-memory", `${what}: the kernel has no memory for ${sizes(descriptor)}`, {
        hint: "declare it with fewer entries, or give the cgroup more memory",
      });
    default:
      return bpfError("MAP_CREATE", result, what);
  }
};

const sizes = ({ type, keySize, valueSize, entries }: MapDescriptor): string => {
  const number = (value: number): string => value.toLocaleString("en-US");
  if (type === "ringbuf") return `${number(entries)} bytes`;
  const isPerCpu = type.includes("percpu");
  const bytes = entries * (valueSize * (isPerCpu ? possibleCpus() : 1) + (type.endsWith("array") ? 0 : keySize));
  const all = bytes < 1e6 ? `${number(bytes)} bytes` : `${number(Math.round(bytes / 1e6))} MB`;
  const values = `a value of ${number(valueSize)} bytes${isPerCpu ? " for each CPU" : ""}`;
  return `${number(entries)} entries (a key of ${number(keySize)} bytes, ${values}: ${all} in all)`;
};

const isRingSize = (bytes: number): boolean => bytes >= 4096 && Number.isInteger(Math.log2(bytes));

/** Whether the kernel makes the smallest map of this type: then it is the sizes that it refuses. */
const isKnownType = (descriptor: MapDescriptor): boolean => {
  const least = { ...descriptor, name: "probe", entries: 1, valueSize: 8, keySize: 4, flags: 0 };
  if (descriptor.type === "prog_array") least.valueSize = 4;
  const probe = descriptor.type === "ringbuf" ? { ...least, keySize: 0, valueSize: 0, entries: 1 << 16 } : least;
  const trie = descriptor.type === "lpm_trie" ? { ...least, keySize: 8 } : probe;
  const fd = tryCreate(trie, 0);
  if (fd < 0) return false;
  new KernelMap(fd, trie).close();
  return true;
};

const fill = (map: KernelMap): void => {
  const { initial, valueLayout, entries } = map.descriptor;
  if (initial === undefined || valueLayout === null) return;
  const chunk = Math.min(entries, 4096);
  const values = new Uint8Array(map.value.length * chunk);
  for (let slot = 0; slot < chunk * map.cpus; slot++) writeLayout(valueLayout, initial, values, slot * map.stride);
  const keys = new Uint32Array(chunk);
  for (let from = 0; from < entries; from += chunk) {
    const count = Math.min(chunk, entries - from);
    for (let index = 0; index < count; index++) keys[index] = from + index;
    updateBatch(map, new Uint8Array(keys.buffer), values, count);
  }
};

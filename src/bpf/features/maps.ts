import { arrayMap, hashMap, type MapDescriptor, type MapType } from "../../kernel/maps.ts";
import { Errno, errnoName } from "../../linux/ffi.ts";
import { struct, u32, u64 } from "../../wire/layout.ts";
import { createMap, tryCreate } from "../maps/create.ts";
import { Attributes } from "../sys/attributes.ts";
import { bpfError, tryBpf } from "../sys/bpf.ts";
import { MapFlag } from "../../compiler/object/map-types.ts";
import { Descriptor } from "../sys/descriptor.ts";
import { pageSize } from "../sys/page-size.ts";
import { type Answer, no, yes } from "./probe.ts";

const create = (descriptor: MapDescriptor, flags: number, what: string): Answer => {
  const result = tryCreate(descriptor, flags);
  if (result === -Errno.EPERM) throw bpfError("MAP_CREATE", result, what);
  if (result < 0) return no(`the kernel does not make ${what}: ${errnoName(result)}`);
  new Descriptor(result).close();
  return yes(`the kernel made ${what}`);
};

export const probeMapType = (type: MapType): Answer => {
  const small = { ...hashMap(u32, u64, { entries: 1 }), type, name: "hopmark_probe" };
  const trie = { ...small, keyElement: struct("key", { prefixLength: u32, address: u32 }), keySize: 8 };
  const ring = { ...small, keyElement: null, valueLayout: null, keySize: 0, valueSize: 0, entries: pageSize() };
  return create(type === "lpm_trie" ? trie : type === "ringbuf" ? ring : small, 0, `a map of type ${type}`);
};

export const probeMappableArrays = (): Answer =>
  create(arrayMap(u64, { entries: 1, name: "hopmark_probe" }), MapFlag.MMAPABLE, "an array that can be mapped");

export const probeBatches = (): Answer => {
  const map = createMap(hashMap(u32, u64, { entries: 4, name: "hopmark_probe" }));
  try {
    const [cursor, keys, values] = [new Uint8Array(8), new Uint8Array(16), new Uint8Array(32)];
    const attributes = new Attributes().pointer(8, cursor).pointer(16, keys).pointer(24, values);
    const result = tryBpf("MAP_LOOKUP_BATCH", attributes.u32(32, 4).u32(36, map.fd));
    if (result >= 0 || result === -Errno.ENOENT) return yes("the kernel read a batch of a hash map");
    return no(`the kernel reads no batches: ${errnoName(result)}`);
  } finally {
    map.close();
  }
};

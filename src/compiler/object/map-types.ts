/** Numbers of include/uapi/linux/bpf.h that maps are created with. */
import type { MapType } from "../../kernel/maps.ts";

/** `enum bpf_map_type`. */
export const MAP_TYPES: Readonly<Record<MapType, number>> = {
  hash: 1,
  array: 2,
  prog_array: 3,
  percpu_hash: 5,
  percpu_array: 6,
  lru_hash: 9,
  lru_percpu_hash: 10,
  lpm_trie: 11,
  array_of_maps: 12,
  hash_of_maps: 13,
  devmap: 14,
  sk_storage: 24,
  devmap_hash: 25,
  ringbuf: 27,
};

export const MapFlag = { NO_PREALLOC: 1, MMAPABLE: 1 << 10 } as const;

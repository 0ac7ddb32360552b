/** One map as libbpf wants it: a variable whose BTF type states the map. */
import { DevMap } from "../../kernel/dev-map.ts";
import { MapOfMaps } from "../../kernel/map-of-maps.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { BtfBuilder, BtfMember } from "./btf-builder.ts";
import type { BtfLayouts } from "./btf-types.ts";
import type { ElfRelocation } from "./elf-file.ts";
import { MAP_TYPES, MapFlag } from "./map-types.ts";

export interface Variable {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly relocations?: readonly ElfRelocation[];
}

const POINTER_BYTES = 8;
/** The address of a symbol, in data. */
const R_BPF_64_ABS64 = 2;

/** `slots`: the symbols that a map of programs or maps starts with, by index. */
export const mapDefinition = (
  map: MapDescriptor,
  builder: BtfBuilder,
  layouts: BtfLayouts,
  slots: ReadonlyMap<number, string>,
): Variable => {
  const members = membersOf(map, builder, layouts);
  const size = members.length * POINTER_BYTES;
  const pointee = pointeeOf(map, builder, layouts);
  if (pointee === null) return { type: builder.struct("", size, members), bytes: new Uint8Array(size) };
  // A member of no fixed length at the end; the variable is as long as what it starts with.
  const values = {
    name: "values",
    type: builder.array(builder.pointer(pointee), 0),
    bitOffset: size * 8,
    bitFieldBits: 0,
  };
  const length = Math.max(0, ...[...slots.keys()].map((index) => index + 1));
  return {
    type: builder.struct("", size, [...members, values]),
    bytes: new Uint8Array(size + length * POINTER_BYTES),
    relocations: [...slots].map(([index, symbol]) => ({
      offset: size + index * POINTER_BYTES,
      type: R_BPF_64_ABS64,
      symbol,
    })),
  };
};

/** Type of what the values of a map of programs or maps stand for; null for other maps. */
const pointeeOf = (map: MapDescriptor, builder: BtfBuilder, layouts: BtfLayouts): number | null => {
  if (map.type === "prog_array") return builder.functionPrototype(builder.int("int", 32, true), []);
  if (!(map instanceof MapOfMaps)) return null;
  const members = membersOf(map.inner, builder, layouts);
  return builder.struct("", members.length * POINTER_BYTES, members);
};

const membersOf = (map: MapDescriptor, builder: BtfBuilder, layouts: BtfLayouts): BtfMember[] => {
  const number = (value: number): number => builder.pointer(builder.array(builder.int("int", 32, true), value));
  const flags = map.flags | (map.type === "lpm_trie" ? MapFlag.NO_PREALLOC : 0);
  const { keyElement } = map;
  // The kernel takes no types where values stand for programs, maps or interfaces.
  const valueLayout = map instanceof DevMap ? null : map.valueLayout;
  const pointers: [name: string, type: number][] = [
    ["type", number(MAP_TYPES[map.type])],
    ["max_entries", number(map.entries)],
  ];
  if (flags !== 0) pointers.push(["map_flags", number(flags)]);
  if (keyElement !== null && valueLayout !== null) {
    pointers.push(["key", builder.pointer(layouts.element(keyElement))]);
    pointers.push(["value", builder.pointer(layouts.layout(valueLayout))]);
  } else if (keyElement !== null) {
    pointers.push(["key_size", number(map.keySize)], ["value_size", number(map.valueSize)]);
  }
  return pointers.map(([name, type], index) => ({
    name,
    type,
    bitOffset: index * POINTER_BYTES * 8,
    bitFieldBits: 0,
  }));
};

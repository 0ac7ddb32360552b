/** Maps that an object defines in BTF: `.maps` is a section of structures whose members say type, sizes and entries. */
import { BtfTypeTable } from "../../src/bpf/btf/type-table.ts";
import { BtfKind } from "../../src/compiler/object/btf-kind.ts";
import { MAP_TYPES } from "../../src/compiler/object/map-types.ts";
import type { MapDescriptor, MapType } from "../../src/kernel/maps.ts";

/** By name, which is the name of their symbols: the offsets in BTF are left to linkers to fill in. */
export const readMapDefinitions = (btf: Uint8Array): ReadonlyMap<string, MapDescriptor> => {
  const types = new BtfTypeTable(btf);
  const section = types.find([BtfKind.DATASEC], ".maps");
  const maps = new Map<string, MapDescriptor>();
  if (section === undefined) return maps;
  for (const [variable] of entries(types, section)) {
    const name = types.name(variable);
    maps.set(name, definition(types, name, types.sizeOrType(variable)));
  }
  return maps;
};

/** The words of entry `index` behind a type, each entry being three words. */
const entries = (types: BtfTypeTable, id: number): [number, number, number][] => {
  const at = (types.at[id] ?? 0) + 3;
  const word = (index: number): number => types.words[at + index] ?? 0;
  return Array.from({ length: types.length(id) }, (_, index) => [
    word(index * 3),
    word(index * 3 + 1),
    word(index * 3 + 2),
  ]);
};

const definition = (types: BtfTypeTable, name: string, struct: number): MapDescriptor => {
  const members = new Map(entries(types, struct).map(([nameAt, type]) => [types.text(nameAt), types.sizeOrType(type)]));
  const number = (member: string): number => {
    const array = members.get(member);
    return array === undefined ? 0 : (types.words[(types.at[array] ?? 0) + 5] ?? 0);
  };
  const size = (member: string): number => {
    const type = members.get(member);
    return type === undefined ? 0 : sizeOf(types, type);
  };
  return {
    kind: "map",
    type: mapType(name, number("type")),
    name,
    keyElement: null,
    valueLayout: null,
    keySize: size("key"),
    valueSize: size("value"),
    entries: number("max_entries"),
    flags: number("map_flags"),
    initial: undefined,
  };
};

const mapType = (name: string, wanted: number): MapType => {
  const found = Object.entries(MAP_TYPES).find(([, number]) => number === wanted);
  if (found === undefined) throw new Error(`map ${name} is of type ${wanted}, which the bench does not know`);
  return found[0] as MapType;
};

const sizeOf = (types: BtfTypeTable, id: number): number => {
  switch (types.kind(id)) {
    case BtfKind.TYPEDEF:
    case BtfKind.VOLATILE:
    case BtfKind.CONST:
      return sizeOf(types, types.sizeOrType(id));
    case BtfKind.ARRAY: {
      const at = types.at[id] ?? 0;
      return sizeOf(types, types.words[at + 3] ?? 0) * (types.words[at + 5] ?? 0);
    }
    case BtfKind.PTR:
      return 8;
    default:
      return types.sizeOrType(id);
  }
};

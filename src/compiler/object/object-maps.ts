/**
 * Maps as libbpf wants them. Most become variables of the section `.maps` whose BTF type states the map: an integer is
 * the length of an array that a member points to, a key's or value's type is what a member points to.
 *
 * A map that programs reach by the address of its value (global variables) becomes a variable of the section `.data`,
 * which loaders make one array map of, its only value being the section's bytes: that is how they address values, and
 * the only way to give a map values to start with.
 */
import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import { MapOfMaps } from "../../kernel/map-of-maps.ts";
import { ProgramArray } from "../../kernel/program-array.ts";
import { encodeLayout } from "../../wire/codec.ts";
import type { CompiledProgram } from "../program.ts";
import { mapsOf } from "../tails.ts";
import type { BtfBuilder, BtfSectionEntry } from "./btf-builder.ts";
import type { BtfLayouts } from "./btf-types.ts";
import type { ElfRelocation, ElfSection, ElfSymbol } from "./elf-file.ts";
import { mapDefinition, type Variable } from "./map-definition.ts";
import type { SymbolNames } from "./symbol-names.ts";

export interface ObjectMaps {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  /** The symbol of each map. */
  readonly names: ReadonlyMap<MapDescriptor, string>;
}

const VARIABLE_ALIGNMENT = 8;

/** A program under the name of its symbol. */
export interface NamedProgram {
  readonly program: CompiledProgram;
  readonly name: string;
}

export const objectMaps = (
  named: readonly NamedProgram[],
  builder: BtfBuilder,
  layouts: BtfLayouts,
  symbolNames: SymbolNames,
): ObjectMaps => {
  const programs = named.map(({ program }) => program);
  // Loaders make maps in this order, and those that are in others must be there first.
  const all = mapsOf(programs).toSorted((one, other) => depth(one) - depth(other));
  const uses = usesOf(programs);
  const inData = new Set(all.filter((map) => isGlobalData(map, uses.get(map) ?? new Set())));
  const names = new Map(all.map((map) => [map, symbolNames.take(map.name)]));
  const section = (
    name: string,
    maps: readonly MapDescriptor[],
    describe: (map: MapDescriptor) => Variable,
  ): Placed[] =>
    maps.length === 0
      ? []
      : [
          place(
            name,
            maps.map((map) => ({ name: names.get(map) ?? "", ...describe(map) })),
            builder,
          ),
        ];
  const placed = [
    ...section(
      ".maps",
      all.filter((map) => !inData.has(map)),
      (map) => mapDefinition(map, builder, layouts, slotsOf(map, named, names)),
    ),
    ...section(".data", [...inData], (map) => globalData(map, layouts)),
  ];
  return {
    sections: placed.map((part) => part.section),
    symbols: placed.flatMap((part) => part.symbols),
    names,
  };
};

interface Placed {
  readonly section: ElfSection;
  readonly symbols: readonly ElfSymbol[];
}

/** Variables one behind the other. */
const place = (
  section: string,
  variables: readonly (Variable & { readonly name: string })[],
  builder: BtfBuilder,
): Placed => {
  const entries: BtfSectionEntry[] = [];
  const symbols: ElfSymbol[] = [];
  const relocations: ElfRelocation[] = [];
  let end = 0;
  for (const { name, type, bytes, relocations: own = [] } of variables) {
    const offset = Math.ceil(end / VARIABLE_ALIGNMENT) * VARIABLE_ALIGNMENT;
    entries.push({ type: builder.variable(name, type), offset, size: bytes.length });
    symbols.push({ name, kind: "object", section, offset, size: bytes.length });
    relocations.push(...own.map((relocation) => ({ ...relocation, offset: offset + relocation.offset })));
    end = offset + bytes.length;
  }
  const bytes = new Uint8Array(end);
  variables.forEach((variable, index) => bytes.set(variable.bytes, entries[index]?.offset ?? 0));
  builder.section(section, end, entries);
  return { section: { name: section, kind: "data", bytes, relocations }, symbols };
};

/** How instructions name each map. */
const usesOf = (programs: readonly CompiledProgram[]): ReadonlyMap<MapDescriptor, ReadonlySet<string>> => {
  const uses = new Map<MapDescriptor, Set<string>>();
  for (const relocation of programs.flatMap(({ code }) => code.relocations)) {
    if (relocation.kind === "kfunc") continue;
    const known = uses.get(relocation.map);
    if (known === undefined) uses.set(relocation.map, new Set([relocation.kind]));
    else known.add(relocation.kind);
  }
  return uses;
};

/** Whether programs know the map only by the address of its value. */
const isGlobalData = (map: MapDescriptor, uses: ReadonlySet<string>): boolean => {
  if (uses.has("mapValue") && uses.has("map")) {
    throw new HopmarkError("object", `map ${map.name} is both looked up and a variable, which an object cannot say`, {
      hint: "use two maps, or attach the program with hopmark itself",
    });
  }
  if (!uses.has("mapValue") && map.initial !== undefined) {
    throw new HopmarkError("object", `map ${map.name} starts with values, which only variables do in an object`, {
      hint: "write the values after loading, or attach the program with hopmark itself",
    });
  }
  return uses.has("mapValue");
};

const globalData = (map: MapDescriptor, layouts: BtfLayouts): Variable => {
  const layout = map.valueLayout;
  if (layout === null) throw new Error(`${map.name} has no value`);
  const [field] = layout.fields;
  const isScalar = layout.fields.length === 1 && field?.name === "value";
  return {
    type: isScalar ? layouts.variable(field.type) : layouts.layout(layout),
    bytes: map.initial === undefined ? new Uint8Array(layout.size) : encodeLayout(layout, map.initial),
  };
};

const depth = (map: MapDescriptor): number => (map instanceof MapOfMaps ? 1 : 0);

/** The symbols that a map of programs or maps starts with, by index. */
const slotsOf = (
  map: MapDescriptor,
  named: readonly NamedProgram[],
  mapNames: ReadonlyMap<MapDescriptor, string>,
): ReadonlyMap<number, string> => {
  if (map instanceof ProgramArray) {
    const programNames = new Map(named.map(({ program, name }) => [program.body, name]));
    return new Map([...map.programs].map(([index, { body }]) => [index, programNames.get(body) ?? ""]));
  }
  if (map instanceof MapOfMaps) return new Map([...map.maps].map(([index, own]) => [index, mapNames.get(own) ?? ""]));
  return new Map();
};

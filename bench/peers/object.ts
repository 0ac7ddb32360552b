/**
 * Objects that clang has written, as compiled programs: the same loader then loads both sides of a comparison. Knows what
 * the peers use: functions in one section, maps defined by BTF, global variables.
 */
import type { CompiledProgram } from "../../src/compiler/program.ts";
import type { MapDescriptor } from "../../src/kernel/maps.ts";
import type { SourceModule } from "../../src/kernel/source.ts";
import { array, struct, u8 } from "../../src/wire/layout.ts";
import { readElf, STT_FUNC, STT_OBJECT, type ElfObject, type ElfSymbol, type Section } from "./elf-reader.ts";
import { readMapDefinitions } from "./map-definitions.ts";

const INSTRUCTION_BYTES = 8;

/** A global variable: its bytes within the value of the map that its section became. */
export interface GlobalVariable {
  readonly map: MapDescriptor;
  readonly offset: number;
  readonly size: number;
}

export interface PeerObject {
  readonly programs: ReadonlyMap<string, CompiledProgram>;
  readonly maps: ReadonlyMap<string, MapDescriptor>;
  readonly variables: ReadonlyMap<string, GlobalVariable>;
}

/** `source` is what the object was compiled from. */
export const readObject = (file: Uint8Array, source: SourceModule): PeerObject => {
  const elf = readElf(file);
  const btf = elf.sections.find(({ name }) => name === ".BTF");
  const maps = btf === undefined ? new Map<string, MapDescriptor>() : readMapDefinitions(btf.bytes);
  const data = new Map(elf.sections.filter(isData).map((section) => [section.index, dataMap(section)]));
  const programs = elf.symbols
    .filter(({ type, section }) => type === STT_FUNC && elf.sections[section]?.executable === true)
    .map((symbol): [string, CompiledProgram] => [symbol.name, readProgram(elf, symbol, source, { maps, data })]);
  const variables = elf.symbols.flatMap(({ name, type, section, value, size }): [string, GlobalVariable][] => {
    const map = data.get(section);
    return type === STT_OBJECT && map !== undefined ? [[name, { map, offset: value, size }]] : [];
  });
  return { programs: new Map(programs), maps, variables: new Map(variables) };
};

const isData = ({ name, bytes }: Section): boolean => /^\.(data|bss|rodata)/.test(name) && bytes.length > 0;

interface ObjectMaps {
  readonly maps: ReadonlyMap<string, MapDescriptor>;
  /** By section. */
  readonly data: ReadonlyMap<number, MapDescriptor>;
}

/** A section of variables as one array element. */
const dataMap = ({ name, bytes }: Section): MapDescriptor => {
  const valueLayout = struct("section", { bytes: array(u8, bytes.length) });
  return {
    kind: "map",
    type: "array",
    name,
    keyElement: null,
    valueLayout,
    keySize: 4,
    valueSize: bytes.length,
    entries: 1,
    flags: 0,
    initial: { bytes: [...bytes] },
  };
};

const readProgram = (elf: ElfObject, symbol: ElfSymbol, source: SourceModule, known: ObjectMaps): CompiledProgram => {
  const section = elf.sections[symbol.section];
  if (section === undefined) throw new Error(`${symbol.name} is defined nowhere`);
  const instructions = section.bytes.slice(symbol.value, symbol.value + symbol.size);
  const view = new DataView(instructions.buffer);
  const relocations = elf
    .relocations(section.index)
    .filter(({ offset }) => offset >= symbol.value && offset < symbol.value + symbol.size)
    .map(({ offset, symbol: target }) => {
      const at = offset - symbol.value;
      const instruction = at / INSTRUCTION_BYTES;
      const data = known.data.get(target.section);
      if (data !== undefined) {
        // A section's symbol leaves the variable's place in the instruction.
        return {
          kind: "mapValue",
          instruction,
          map: data,
          offset: target.value + view.getInt32(at + 4, true),
        } as const;
      }
      const map = known.maps.get(target.name);
      if (map === undefined) throw new Error(`${symbol.name} refers to ${target.name}, which is no map`);
      return { kind: "map", instruction, map } as const;
    });
  return {
    type: "xdp",
    name: symbol.name,
    code: { instructions, relocations, lines: [], stackBytes: 0 },
    maps: [...new Set(relocations.map(({ map }) => map))],
    position: { module: source, offset: Math.max(0, source.text.indexOf(`int ${symbol.name}(`)) },
  };
};

/**
 * Compiled programs as a standard eBPF object: an ELF file that bpftool, libbpf and iproute2 load.
 *
 * - Programs lie in the section of their type (`xdp`, `tc`) and purpose, several of one section one behind the other: these
 *   names are what every libbpf from 0.x to 1.x knows, and what `ip link set … xdp obj FILE sec xdp` and
 *   `tc filter add … bpf da obj FILE sec tc` ask for. Each program is a global function.
 * - Functions that programs call lie in `.text`, local to the object: loaders copy what a program calls behind it.
 * - Maps are defined by BTF in `.maps`, global variables lie in `.data`, kernel functions are externs of `.ksyms`.
 * - `.BTF` and `.BTF.ext` carry names of fields, functions and source lines.
 *
 * Names are unique across the object: a second map or program of the same name is called `NAME_2`. What was folded in
 * while compiling, offsets and type ids of the running kernel included, stays folded in.
 */
import { HopmarkError } from "../../errors.ts";
import type { CompiledProgram } from "../program.ts";
import { programTypes } from "../program-types/index.ts";
import { BtfBuilder } from "./btf-builder.ts";
import { btfExt, type ExtProgram } from "./btf-ext.ts";
import { BtfLayouts } from "./btf-types.ts";
import { elfFile, type ElfRelocation, type ElfSection, type ElfSymbol } from "./elf-file.ts";
import { kernelFunctionType } from "./kernel-functions.ts";
import { LICENSE } from "./license.ts";
import { objectMaps, type ObjectMaps } from "./object-maps.ts";
import { callsOf } from "./calls.ts";
import { functionType, lineRecords, subprogramType, type LineRecord } from "./program-info.ts";
import { withTails } from "../tails.ts";
import { SymbolNames } from "./symbol-names.ts";

const LICENSE_SYMBOL = "_license";
const INSTRUCTION_BYTES = 8;
/** Address of a map or variable in a wide load, and target of a call. */
const R_BPF_64_64 = 1;
const R_BPF_64_32 = 10;

/**
 * The bytes of an ELF object, as bpftool, libbpf and iproute2 load it. Programs keep their order; those that program arrays
 * list come behind them.
 * @throws HopmarkError `object` for what an object cannot say
 */
export const writeObject = (given: readonly CompiledProgram[]): Uint8Array => {
  const programs = withTails(given);
  if (programs.length === 0) throw new HopmarkError("object", "an object needs a program: give at least one");
  const externs = kernelFunctions(programs);
  const symbolNames = new SymbolNames([...externs, LICENSE_SYMBOL]);
  const builder = new BtfBuilder();
  const named = programs.map((program) => ({ program, name: symbolNames.take(program.name) }));
  const maps = objectMaps(named, builder, new BtfLayouts(builder), symbolNames);
  const functions = named.flatMap(({ program, name }) => functionsOf(program, name, symbolNames, builder));
  const sections = [...new Set(functions.map(({ section }) => section))].map((section) =>
    codeSection(
      section,
      functions.filter((each) => each.section === section),
      maps,
    ),
  );
  declareExterns(externs, builder);
  const license = licenseVariable(builder);
  const ext = btfExt(
    sections.map(({ section, programs: own }) => ({ name: builder.string(section.name), programs: own })),
  );
  return elfFile(
    [
      ...sections.map(({ section }) => section),
      { name: "license", kind: "data", bytes: license },
      ...maps.sections,
      { name: ".BTF", kind: "note", bytes: builder.build() },
      { name: ".BTF.ext", kind: "note", bytes: ext },
    ],
    [
      ...sections.flatMap(({ symbols }) => symbols),
      ...maps.symbols,
      { name: LICENSE_SYMBOL, kind: "object", section: "license", offset: 0, size: license.length },
      ...externs.map((name): ElfSymbol => ({ name, kind: "extern", section: null, offset: 0, size: 0 })),
    ],
  );
};

const sectionOf = ({ type, purpose = {} }: CompiledProgram): string => programTypes[type].section(purpose);

const kernelFunctions = (programs: readonly CompiledProgram[]): readonly string[] => [
  ...new Set(
    programs
      .flatMap(({ code }) => code.relocations)
      .flatMap((relocation) => (relocation.kind === "kfunc" ? [relocation.name] : [])),
  ),
];

/** Linkers want a type for it as for any other variable. */
const licenseVariable = (builder: BtfBuilder): Uint8Array => {
  const bytes = new TextEncoder().encode(`${LICENSE}\0`);
  const type = builder.array(builder.int("char", 8, true), bytes.length);
  builder.section("license", bytes.length, [
    { type: builder.variable(LICENSE_SYMBOL, type), offset: 0, size: bytes.length },
  ]);
  return bytes;
};

/** The section `.ksyms` exists in BTF only: what it names has no bytes here. */
const declareExterns = (externs: readonly string[], builder: BtfBuilder): void => {
  if (externs.length === 0) return;
  const entries = externs.map((name) => ({ type: kernelFunctionType(builder, name), offset: 0, size: 0 }));
  builder.section(".ksyms", 0, entries);
};

/** A function of a program: the main one, or one that is called. */
interface ObjectFunction {
  readonly program: CompiledProgram;
  readonly name: string;
  readonly section: string;
  readonly type: number;
  /** Slots of the program. */
  readonly start: number;
  readonly end: number;
  readonly lines: readonly LineRecord[];
  /** Symbols of the program's functions, by where they start in it. */
  readonly names: ReadonlyMap<number, string>;
}

const functionsOf = (
  program: CompiledProgram,
  name: string,
  symbolNames: SymbolNames,
  builder: BtfBuilder,
): ObjectFunction[] => {
  const { code } = program;
  const lines = lineRecords(builder, program);
  const all = [
    { name, section: sectionOf(program), start: 0, type: functionType(builder, program, name) },
    ...(code.subprograms ?? []).map((each) => {
      const own = symbolNames.take(each.name);
      return {
        name: own,
        section: ".text",
        start: each.instruction,
        type: subprogramType(builder, program, each, own),
      };
    }),
  ];
  const names = new Map(all.map((each) => [each.start, each.name]));
  return all.map((each, index) => {
    const { start } = each;
    const end = all[index + 1]?.start ?? code.instructions.length / INSTRUCTION_BYTES;
    const own = lines
      .filter(({ instruction }) => instruction >= start && instruction < end)
      .map((line) => ({ ...line, instruction: line.instruction - start }));
    return { ...each, program, end, lines: own, names };
  });
};

interface CodeSection {
  readonly section: ElfSection;
  readonly symbols: readonly ElfSymbol[];
  readonly programs: readonly ExtProgram[];
}

const codeSection = (section: string, functions: readonly ObjectFunction[], maps: ObjectMaps): CodeSection => {
  const bytes = new Uint8Array(functions.reduce((sum, { start, end }) => sum + end - start, 0) * INSTRUCTION_BYTES);
  const relocations: ElfRelocation[] = [];
  const symbols: ElfSymbol[] = [];
  const programs: ExtProgram[] = [];
  let offset = 0;
  for (const each of functions) {
    const { program, name, start, end, type, lines } = each;
    const size = (end - start) * INSTRUCTION_BYTES;
    bytes.set(program.code.instructions.subarray(start * INSTRUCTION_BYTES, end * INSTRUCTION_BYTES), offset);
    relocations.push(...relocate(each, bytes.subarray(offset), offset, maps));
    symbols.push({ name, kind: "function", isLocal: section === ".text", section, offset, size });
    programs.push({ start: offset / INSTRUCTION_BYTES, type, lines });
    offset += size;
  }
  return { section: { name: section, kind: "code", bytes, relocations }, symbols, programs };
};

/** Brings the instructions into the form loaders expect before they relocate, and says what they shall fill in. */
const relocate = (
  { program: { code }, start, end, names }: ObjectFunction,
  instructions: Uint8Array,
  sectionOffset: number,
  maps: ObjectMaps,
): ElfRelocation[] => {
  const view = new DataView(instructions.buffer, instructions.byteOffset);
  const isOwn = ({ instruction }: { readonly instruction: number }): boolean =>
    instruction >= start && instruction < end;
  const calls = callsOf(code).filter(isOwn);
  for (const { instruction } of calls) view.setInt32((instruction - start) * INSTRUCTION_BYTES + 4, -1, true);
  const toFunctions = calls.map(({ instruction, target }) => ({
    offset: sectionOffset + (instruction - start) * INSTRUCTION_BYTES,
    type: R_BPF_64_32,
    symbol: names.get(target) ?? "",
  }));
  const others = code.relocations.filter(isOwn).map((relocation) => {
    const at = (relocation.instruction - start) * INSTRUCTION_BYTES;
    const offset = sectionOffset + at;
    const destination = view.getUint8(at + 1) & 0x0f;
    switch (relocation.kind) {
      case "map":
      case "mapValue":
        // The loader writes the kind of address; the offset within a variable is the wide constant's low half.
        view.setUint8(at + 1, destination);
        view.setInt32(at + 4, relocation.kind === "map" ? 0 : relocation.offset, true);
        view.setInt32(at + 12, 0, true);
        return { offset, type: R_BPF_64_64, symbol: maps.names.get(relocation.map) ?? "" };
      case "kfunc":
        // A call of another function, as compilers leave it for the linker.
        view.setUint8(at + 1, 1 << 4);
        view.setInt32(at + 4, -1, true);
        return { offset, type: R_BPF_64_32, symbol: relocation.name };
    }
  });
  return [...toFunctions, ...others];
};

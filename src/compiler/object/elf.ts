/**
 * Compiled programs as a standard eBPF object: an ELF file that bpftool, libbpf and iproute2 load.
 *
 * - Programs lie in the section of their type (`xdp`, `tc`) and purpose, several of one section one behind the other: these
 *   names are what every libbpf from 0.x to 1.x knows, and what `ip link set … xdp obj FILE sec xdp` and
 *   `tc filter add … bpf da obj FILE sec tc` ask for. Each program is a global function.
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
import { functionType, lineRecords } from "./program-info.ts";
import { withTails } from "../tails.ts";
import { SymbolNames } from "./symbol-names.ts";

const LICENSE_SYMBOL = "_license";
const INSTRUCTION_BYTES = 8;
/** Address of a map or variable in a wide load, and target of a call. */
const R_BPF_64_64 = 1;
const R_BPF_64_32 = 10;

/** The bytes of the object. Programs keep their order; those that program arrays list come behind them. @throws HopmarkError `object` for what an object cannot say */
export const writeObject = (given: readonly CompiledProgram[]): Uint8Array => {
  const programs = withTails(given);
  if (programs.length === 0) throw new HopmarkError("object", "an object needs a program: give at least one");
  const externs = kernelFunctions(programs);
  const symbolNames = new SymbolNames([...externs, LICENSE_SYMBOL]);
  const builder = new BtfBuilder();
  const named = programs.map((program) => ({ program, name: symbolNames.take(program.name) }));
  const maps = objectMaps(named, builder, new BtfLayouts(builder), symbolNames);
  const sections = [...new Set(programs.map(sectionOf))].map((section) =>
    programSection(
      section,
      named.filter(({ program }) => sectionOf(program) === section),
      builder,
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

interface ProgramSection {
  readonly section: ElfSection;
  readonly symbols: readonly ElfSymbol[];
  readonly programs: readonly ExtProgram[];
}

const programSection = (
  section: string,
  named: readonly { readonly program: CompiledProgram; readonly name: string }[],
  builder: BtfBuilder,
  maps: ObjectMaps,
): ProgramSection => {
  const sizes = named.map(({ program }) => program.code.instructions.length);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const relocations: ElfRelocation[] = [];
  const symbols: ElfSymbol[] = [];
  const programs: ExtProgram[] = [];
  let offset = 0;
  for (const { program, name } of named) {
    const { code } = program;
    bytes.set(code.instructions, offset);
    relocations.push(...relocate(program, bytes.subarray(offset), offset, maps));
    symbols.push({ name, kind: "function", section, offset, size: code.instructions.length });
    programs.push({
      start: offset / INSTRUCTION_BYTES,
      type: functionType(builder, program, name),
      lines: lineRecords(builder, program),
    });
    offset += code.instructions.length;
  }
  return { section: { name: section, kind: "code", bytes, relocations }, symbols, programs };
};

/** Brings the instructions into the form loaders expect before they relocate, and says what they shall fill in. */
const relocate = (
  { code }: CompiledProgram,
  instructions: Uint8Array,
  start: number,
  maps: ObjectMaps,
): ElfRelocation[] => {
  const view = new DataView(instructions.buffer, instructions.byteOffset);
  return code.relocations.map((relocation) => {
    const at = relocation.instruction * INSTRUCTION_BYTES;
    const offset = start + at;
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
};

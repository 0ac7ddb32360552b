/** eBPF by hand, for tests of the loader: instructions grouped under the TypeScript lines they pretend to come from. */
import type { LineEntry, Relocation } from "../../compiler/object/machine-code.ts";
import type { CompiledProgram } from "../../compiler/program.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { ProgramType } from "../../kernel/program.ts";
import type { SourceModule } from "../../kernel/source.ts";

export interface Instruction {
  readonly bytes: readonly number[];
  readonly relocation?: (instruction: number) => Relocation;
}

const encode = (code: number, destination: number, source: number, offset: number, imm: number): number[] => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  bytes[0] = code;
  bytes[1] = (source << 4) | destination;
  view.setInt16(2, offset, true);
  view.setInt32(4, imm, true);
  return [...bytes];
};

const one = (code: number, destination: number, source: number, offset: number, imm: number): Instruction => ({
  bytes: encode(code, destination, source, offset, imm),
});

const SIZE = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 } as const;
type Size = keyof typeof SIZE;

export const mov = (destination: number, imm: number): Instruction => one(0xb7, destination, 0, 0, imm);
export const movReg = (destination: number, source: number): Instruction => one(0xbf, destination, source, 0, 0);
export const add = (destination: number, imm: number): Instruction => one(0x07, destination, 0, 0, imm);
export const load = (size: Size, destination: number, source: number, offset: number): Instruction =>
  one(0x61 | SIZE[size], destination, source, offset, 0);
export const store = (size: Size, destination: number, offset: number, source: number): Instruction =>
  one(0x63 | SIZE[size], destination, source, offset, 0);
export const storeImm = (size: Size, destination: number, offset: number, imm: number): Instruction =>
  one(0x62 | SIZE[size], destination, 0, offset, imm);
export const atomicAdd = (size: 4 | 8, destination: number, offset: number, source: number): Instruction =>
  one(0xc3 | SIZE[size], destination, source, offset, 0);
export const jump = (offset: number): Instruction => one(0x05, 0, 0, offset, 0);
export const jumpEqual = (register: number, imm: number, offset: number): Instruction =>
  one(0x15, register, 0, offset, imm);
export const jumpNotEqual = (register: number, imm: number, offset: number): Instruction =>
  one(0x55, register, 0, offset, imm);
export const jumpGreater = (left: number, right: number, offset: number): Instruction =>
  one(0x2d, left, right, offset, 0);
export const call = (helper: number): Instruction => one(0x85, 0, 0, 0, helper);
export const exit = (): Instruction => one(0x95, 0, 0, 0, 0);

export const kfunc = (name: string): Instruction => ({
  bytes: encode(0x85, 0, 0, 0, 0),
  relocation: (instruction) => ({ kind: "kfunc", instruction, name }),
});

export const mapFd = (destination: number, map: MapDescriptor): Instruction => ({
  bytes: [...encode(0x18, destination, 0, 0, 0), ...encode(0, 0, 0, 0, 0)],
  relocation: (instruction) => ({ kind: "map", instruction, map }),
});

export const mapValue = (destination: number, map: MapDescriptor, offset = 0): Instruction => ({
  bytes: [...encode(0x18, destination, 0, 0, 0), ...encode(0, 0, 0, 0, 0)],
  relocation: (instruction) => ({ kind: "mapValue", instruction, map, offset }),
});

/** Source lines, each with the instructions it stands for. */
export type Listing = readonly (readonly [line: string, ...instructions: Instruction[]])[];

export const assemble = (type: ProgramType, name: string, listing: Listing): CompiledProgram => {
  const text = `export const ${name} = ${type}((ctx) => {\n${listing.map(([line]) => `  ${line}\n`).join("")}});\n`;
  const module: SourceModule = { url: `file:///tests/${name}.bpf.ts`, text };
  const bytes: number[] = [];
  const relocations: Relocation[] = [];
  const lines: LineEntry[] = [];
  let offset = text.indexOf("\n") + 3;
  for (const [line, ...instructions] of listing) {
    if (instructions.length > 0) lines.push({ instruction: bytes.length / 8, position: { module, offset } });
    offset += line.length + 3;
    for (const instruction of instructions) {
      if (instruction.relocation !== undefined) relocations.push(instruction.relocation(bytes.length / 8));
      bytes.push(...instruction.bytes);
    }
  }
  const maps = new Set(relocations.flatMap((relocation) => (relocation.kind === "kfunc" ? [] : [relocation.map])));
  return {
    type,
    name,
    maps: [...maps],
    position: { module, offset: text.indexOf("(ctx)") },
    code: { instructions: Uint8Array.from(bytes), relocations, lines, stackBytes: 0 },
  };
};

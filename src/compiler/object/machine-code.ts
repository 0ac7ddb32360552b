import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Position } from "../../kernel/source.ts";
import type { SubprogramParameter, SubprogramResult } from "../../kernel/subprogram.ts";

/** A slot of the instruction stream that the loader or linker fills in. */
export type Relocation =
  | { readonly kind: "map"; readonly instruction: number; readonly map: MapDescriptor }
  | { readonly kind: "mapValue"; readonly instruction: number; readonly map: MapDescriptor; readonly offset: number }
  | { readonly kind: "kfunc"; readonly instruction: number; readonly name: string };

/** Which source position the instructions from `instruction` on (8-byte slots) come from. */
export interface LineEntry {
  /** Index of the first instruction that the place made, in slots of 8 bytes. */
  readonly instruction: number;
  readonly position: Position;
}

/** eBPF as bytes (`struct bpf_insn`, 8 bytes each, little-endian), with what must still be filled in. */
export interface MachineCode {
  readonly instructions: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** In ascending order of instruction. */
  readonly lines: readonly LineEntry[];
  /** Of the main function alone. */
  readonly stackBytes: number;
  /** Functions that follow the main one, in ascending order; not there where there are none. */
  readonly subprograms?: readonly SubprogramCode[];
}

/** A function that the main one, or another, calls. */
export interface SubprogramCode {
  readonly name: string;
  /** Its first. */
  readonly instruction: number;
  readonly stackBytes: number;
  readonly parameters: readonly { readonly name: string; readonly type: SubprogramParameter }[];
  readonly result: SubprogramResult;
  readonly position: Position;
}

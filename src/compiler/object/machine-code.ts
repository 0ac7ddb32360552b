import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Position } from "../../kernel/source.ts";

/** A slot of the instruction stream that the loader or linker fills in. */
export type Relocation =
  | { readonly kind: "map"; readonly instruction: number; readonly map: MapDescriptor }
  | { readonly kind: "mapValue"; readonly instruction: number; readonly map: MapDescriptor; readonly offset: number }
  | { readonly kind: "kfunc"; readonly instruction: number; readonly name: string };

/** Which source position the instructions from `instruction` on (8-byte slots) come from. */
export interface LineEntry {
  readonly instruction: number;
  readonly position: Position;
}

/** eBPF as bytes (`struct bpf_insn`, 8 bytes each, little-endian), with what must still be filled in. */
export interface MachineCode {
  readonly instructions: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** In ascending order of instruction. */
  readonly lines: readonly LineEntry[];
  readonly stackBytes: number;
}

/**
 * BTF of our programs and maps: the types of keys and values, the program's function, and which TypeScript line each
 * instruction comes from. With it the verifier's log, `bpftool prog dump xlated linum` and `bpftool map dump` speak
 * of TypeScript lines and field names.
 */
import { DevMap } from "../../kernel/dev-map.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { CompiledProgram } from "../program.ts";
import { BtfBuilder } from "./btf-builder.ts";
import { BtfLayouts } from "./btf-types.ts";
import { functionType, lineRecords, subprogramType } from "./program-info.ts";
import { wordBytes } from "./word-bytes.ts";

/** Types of a map's key and value; 0 where the kernel wants none (ring buffers). */
export interface MapTypeIds {
  readonly key: number;
  readonly value: number;
}

export interface MapsBtf {
  readonly btf: Uint8Array;
  readonly mapTypeIds: ReadonlyMap<MapDescriptor, MapTypeIds>;
}

export interface ProgramBtf extends MapsBtf {
  /** `struct bpf_func_info` records: instruction, type id. 8 bytes each. */
  readonly funcInfo: Uint8Array;
  /** `struct bpf_line_info` records: instruction, file name, line text, line << 10 | column. 16 bytes each. */
  readonly lineInfo: Uint8Array;
}

export const FUNC_INFO_BYTES = 8;
export const LINE_INFO_BYTES = 16;

/** Adds the types of each map's key and value. */
const addMapTypes = (layouts: BtfLayouts, maps: readonly MapDescriptor[]): ReadonlyMap<MapDescriptor, MapTypeIds> =>
  new Map(
    maps.map((map) => [
      map,
      map.keyElement === null || map.valueLayout === null || map instanceof DevMap
        ? { key: 0, value: 0 }
        : { key: layouts.element(map.keyElement), value: layouts.layout(map.valueLayout) },
    ]),
  );

/** BTF for maps that no program comes with. */
export const mapsBtf = (maps: readonly MapDescriptor[]): MapsBtf => {
  const builder = new BtfBuilder();
  const mapTypeIds = addMapTypes(new BtfLayouts(builder), maps);
  return { btf: builder.build(), mapTypeIds };
};

export const programBtf = (program: CompiledProgram): ProgramBtf => {
  const builder = new BtfBuilder();
  const mapTypeIds = addMapTypes(new BtfLayouts(builder), program.maps);
  const funcInfo = functionRecords(builder, program);
  const lineInfo = lineInfoOf(builder, program);
  return { btf: builder.build(), funcInfo, lineInfo, mapTypeIds };
};

const functionRecords = (builder: BtfBuilder, program: CompiledProgram): Uint8Array =>
  wordBytes([
    0,
    functionType(builder, program, program.name),
    ...(program.code.subprograms ?? []).flatMap((each) => [
      each.instruction,
      subprogramType(builder, program, each, each.name),
    ]),
  ]);

const lineInfoOf = (builder: BtfBuilder, program: CompiledProgram): Uint8Array =>
  wordBytes(
    lineRecords(builder, program).flatMap(({ instruction, file, text, lineColumn }) => [
      instruction,
      file,
      text,
      lineColumn,
    ]),
  );

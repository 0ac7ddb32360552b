/**
 * BTF of our programs and maps: the types of keys and values, the program's function, and which TypeScript line each
 * instruction comes from. With it the verifier's log, `bpftool prog dump xlated linum` and `bpftool map dump` speak
 * of TypeScript lines and field names.
 */
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { ProgramType } from "../../kernel/program.ts";
import type { Position, SourceModule } from "../../kernel/source.ts";
import type { CompiledProgram } from "../program.ts";
import { BtfBuilder } from "./btf-builder.ts";
import { BtfLayouts } from "./btf-types.ts";
import { LineIndex, type Place } from "./line-index.ts";

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
/** What fits beside a line number in `line_col`. */
const MAX_LINE = 2 ** 22 - 1;
const MAX_COLUMN = 2 ** 10 - 1;

/** The kernel's name of the context each program type is called with. */
const CONTEXT_STRUCT: Readonly<Record<ProgramType, string>> = { xdp: "xdp_md", tc: "__sk_buff" };

/** Adds the types of each map's key and value. */
const addMapTypes = (layouts: BtfLayouts, maps: readonly MapDescriptor[]): ReadonlyMap<MapDescriptor, MapTypeIds> =>
  new Map(
    maps.map((map) => [
      map,
      map.keyElement === null || map.valueLayout === null
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
  const lineInfo = lineRecords(builder, program);
  return { btf: builder.build(), funcInfo, lineInfo, mapTypeIds };
};

const functionRecords = (builder: BtfBuilder, program: CompiledProgram): Uint8Array => {
  const context = builder.pointer(builder.struct(CONTEXT_STRUCT[program.type], 0, []));
  const prototype = builder.functionPrototype(builder.int("int", 32, true), [{ name: "ctx", type: context }]);
  const records = new Uint8Array(FUNC_INFO_BYTES);
  new DataView(records.buffer).setUint32(4, builder.function(program.name, prototype, "global"), true);
  return records;
};

/** The module's path where it has one: `file:` says nothing to people. */
const fileName = (module: SourceModule): string =>
  module.url.startsWith("file://") ? decodeURIComponent(new URL(module.url).pathname) : module.url;

/**
 * The kernel wants an entry for the first instruction, ascending instructions, and none on the second half of a wide
 * instruction; entries that repeat the line before them are left out.
 */
const lineRecords = (builder: BtfBuilder, program: CompiledProgram): Uint8Array => {
  const { code, position } = program;
  const first = code.lines[0];
  const entries =
    first === undefined || first.instruction !== 0 ? [{ instruction: 0, position }, ...code.lines] : [...code.lines];
  const indexes = new Map<SourceModule, LineIndex>();
  const placeOf = ({ module, offset }: Position): Place => {
    let index = indexes.get(module);
    if (index === undefined) indexes.set(module, (index = new LineIndex(module)));
    return index.place(offset);
  };
  const records: number[] = [];
  let instruction = -1;
  let lineColumn = -1;
  let file = -1;
  for (const entry of entries) {
    if (entry.instruction <= instruction || code.instructions[entry.instruction * 8] === 0) continue;
    const place = placeOf(entry.position);
    const packed = Math.min(place.line, MAX_LINE) * 1024 + Math.min(place.column, MAX_COLUMN);
    const name = builder.string(fileName(entry.position.module));
    if (packed === lineColumn && name === file) continue;
    records.push(entry.instruction, name, builder.string(place.text), packed);
    instruction = entry.instruction;
    lineColumn = packed;
    file = name;
  }
  const bytes = new Uint8Array(records.length * 4);
  const view = new DataView(bytes.buffer);
  records.forEach((word, index) => view.setUint32(index * 4, word, true));
  return bytes;
};

/** What BTF says of a program: its function's type, and which TypeScript line its instructions come from. */
import { fileOf, type Position, type SourceModule } from "../../kernel/source.ts";
import type { CompiledProgram } from "../program.ts";
import { registersOf, type SubprogramParameter, type SubprogramResult } from "../../kernel/subprogram.ts";
import { programTypes } from "../program-types/index.ts";
import type { BtfBuilder } from "./btf-builder.ts";
import { LineIndex, type Place } from "./line-index.ts";
import type { SubprogramCode } from "./machine-code.ts";

/** From `instruction` (8-byte slots) on: offsets of file name and line text in the strings, and `line << 10 | column`. */
export interface LineRecord {
  readonly instruction: number;
  readonly file: number;
  readonly text: number;
  readonly lineColumn: number;
}

/** What fits beside a line number in `line_col`. */
const MAX_LINE = 2 ** 22 - 1;
const MAX_COLUMN = 2 ** 10 - 1;

/** Type id of the program's function. */
export const functionType = (builder: BtfBuilder, program: CompiledProgram, name: string): number => {
  const context = builder.pointer(builder.struct(programTypes[program.type].contextStruct, 0, []));
  const prototype = builder.functionPrototype(builder.int("int", 32, true), [{ name: "ctx", type: context }]);
  return builder.function(name, prototype, "global");
};

/** Type id of a subprogram's function. What a view points to has a name and no members: the verifier goes by registers. */
export const subprogramType = (
  builder: BtfBuilder,
  program: CompiledProgram,
  { parameters, result }: SubprogramCode,
  name: string,
): number => {
  const typeId = (type: SubprogramParameter | SubprogramResult): number => {
    if (type === "nothing") return 0;
    if (type === "boolean") return builder.int("int", 32, true);
    if (typeof type === "string")
      return builder.pointer(builder.struct(programTypes[program.type].contextStruct, 0, []));
    if (type.kind === "layout") return builder.pointer(builder.struct(type.name, 0, []));
    // An address is in registers, as integers are.
    return type.bits > 32 ? builder.int("unsigned long", 64, false) : builder.int("int", 32, true);
  };
  const prototype = builder.functionPrototype(
    typeId(result),
    parameters.flatMap(({ name: own, type }) =>
      Array.from({ length: registersOf(type) }, (_, at) => ({
        name: at === 0 ? own : `${own}__${at}`,
        type: typeId(type),
      })),
    ),
  );
  return builder.function(name, prototype, "static");
};

/**
 * The kernel wants an entry for the first instruction, ascending instructions, and none on the second half of a wide
 * instruction, and one for the first of each function; other entries that repeat the line before them are left out.
 */
export const lineRecords = (builder: BtfBuilder, program: CompiledProgram): LineRecord[] => {
  const { code, position } = program;
  const first = code.lines[0];
  const entries =
    first === undefined || first.instruction !== 0 ? [{ instruction: 0, position }, ...code.lines] : [...code.lines];
  const starts = new Set(code.subprograms?.map(({ instruction }) => instruction));
  const indexes = new Map<SourceModule, LineIndex>();
  const placeOf = ({ module, offset }: Position): Place => {
    let index = indexes.get(module);
    if (index === undefined) indexes.set(module, (index = new LineIndex(module)));
    return index.place(offset);
  };
  const records: LineRecord[] = [];
  let last: LineRecord = { instruction: -1, file: -1, text: -1, lineColumn: -1 };
  for (const { instruction, position: at } of entries) {
    if (instruction <= last.instruction || code.instructions[instruction * 8] === 0) continue;
    const place = placeOf(at);
    const lineColumn = Math.min(place.line, MAX_LINE) * 1024 + Math.min(place.column, MAX_COLUMN);
    const file = builder.string(fileOf(at.module));
    if (lineColumn === last.lineColumn && file === last.file && !starts.has(instruction)) continue;
    last = { instruction, file, text: builder.string(place.text), lineColumn };
    records.push(last);
  }
  return records;
};

/** Programs' type information, which need not be made of those that were kept with it. */
import { programBtf, type ProgramBtf } from "../object/btf.ts";
import type { CompiledProgram } from "../program.ts";

const known = new WeakMap<CompiledProgram, ProgramBtf>();

/** Made once. */
export const btfOf = (program: CompiledProgram): ProgramBtf => {
  let btf = known.get(program);
  if (btf === undefined) known.set(program, (btf = programBtf(program)));
  return btf;
};

/** The same as JSON has it. */
export interface StoredBtf {
  readonly btf: string;
  readonly funcInfo: string;
  readonly lineInfo: string;
  /** Type ids of key and value of each of the program's maps, in their order. */
  readonly maps: readonly (readonly [key: number, value: number])[];
}

export const storableBtf = (program: CompiledProgram): StoredBtf => {
  const { btf, funcInfo, lineInfo, mapTypeIds } = btfOf(program);
  const maps = program.maps.map((map): [number, number] => {
    const { key, value } = mapTypeIds.get(map) ?? { key: 0, value: 0 };
    return [key, value];
  });
  return { btf: toText(btf), funcInfo: toText(funcInfo), lineInfo: toText(lineInfo), maps };
};

/** From now on it is this program's. */
export const restoreBtf = (program: CompiledProgram, { btf, funcInfo, lineInfo, maps }: StoredBtf): void => {
  const mapTypeIds = new Map(maps.map(([key, value], index) => [mapAt(program, index), { key, value }]));
  known.set(program, { btf: toBytes(btf), funcInfo: toBytes(funcInfo), lineInfo: toBytes(lineInfo), mapTypeIds });
};

const mapAt = ({ maps }: CompiledProgram, index: number): CompiledProgram["maps"][number] => {
  const map = maps[index];
  if (map === undefined) throw new Error(`there is no map ${index}`);
  return map;
};

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

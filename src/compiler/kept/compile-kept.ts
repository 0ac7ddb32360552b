/**
 * Compiling, unless it was done in an earlier start: the compiler is most of what a script waits for, and its code is not even
 * loaded when nothing that the program follows from has changed.
 */
import type { Program } from "../../kernel/program.ts";
import { sourceOf } from "../../kernel/source.ts";
import { compile } from "../compile.ts";
import type { KernelTypes } from "../kernel-types.ts";
import type { CompiledProgram } from "../program.ts";
import { restoreBtf, storableBtf, type StoredBtf } from "./btf-of.ts";
import { nameFor, ownStore, type Store } from "./own-store.ts";
import { restoreProgram, storableProgram } from "./stored-program.ts";
import { graphOf, type ValueGraph } from "./value-graph.ts";

/** A program that follows from more than this is not kept. */
const MAX_LENGTH = 1 << 20;

interface Stored {
  readonly build: string;
  readonly graph: string;
  readonly program: unknown;
  readonly btf: StoredBtf;
}

/**
 * The same as `compile`, from the program's values alone: one that asks for the kernel's types, or calls what may give
 * another result the next time, is compiled each time.
 * @throws CompileError
 */
export const compileKept = (program: Program, kernelTypes: KernelTypes, store = ownStore()): CompiledProgram => {
  const graph = store === undefined ? undefined : graphOf(program);
  if (store === undefined || graph === undefined || graph.text.length > MAX_LENGTH) {
    return compile(program, { kernelTypes });
  }
  const name = nameFor(`${program.name.replace(/[^\w.-]/g, "_").slice(0, 64)}.program`, placeOf(program));
  return read(store, name, graph) ?? compileAndKeep(program, kernelTypes, store, name, graph);
};

/** Where the function is written: of programs that one function gave, the last is kept. */
const placeOf = ({ type, body }: Program): string => {
  const source = sourceOf(body);
  return `${process.cwd()} ${source?.module.url} ${source?.start} ${type}`;
};

const read = (store: Store, name: string, graph: ValueGraph): CompiledProgram | undefined => {
  const kept = store.read(name);
  if (kept === undefined) return undefined;
  try {
    const stored = JSON.parse(kept) as Stored;
    if (stored.build !== store.build || stored.graph !== graph.text) return undefined;
    const program = restoreProgram(stored.program, graph.objects);
    restoreBtf(program, stored.btf);
    return program;
  } catch {
    return undefined;
  }
};

const compileAndKeep = (
  program: Program,
  kernelTypes: KernelTypes,
  store: Store,
  name: string,
  { text, objects }: ValueGraph,
): CompiledProgram => {
  let isRepeatable = true;
  const unrepeatable = (): void => {
    isRepeatable = false;
  };
  const compiled = compile(program, { kernelTypes: watched(kernelTypes, unrepeatable), unrepeatable });
  if (isRepeatable) {
    store.keep(name, () => {
      const program = storableProgram(compiled, objects);
      const stored: Stored = { build: store.build, graph: text, program, btf: storableBtf(compiled) };
      return JSON.stringify(stored);
    });
  }
  return compiled;
};

/** The same types, and `asked` is called before each answer. */
const watched = (types: KernelTypes, asked: () => void): KernelTypes =>
  new Proxy(types, {
    get: (own, key) => {
      const value: unknown = Reflect.get(own, key, own);
      if (typeof value === "function") asked();
      return value;
    },
  });

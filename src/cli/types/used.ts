/** What programs read of the kernel, found by compiling them. */
import { compile } from "../../compiler/compile.ts";
import { CompileError } from "../../compiler/diagnostics.ts";
import type { KernelShape, KernelTypes } from "../../compiler/kernel-types.ts";
import type { Program } from "../../kernel/program.ts";

export interface Used {
  readonly tracepoints: readonly string[];
  readonly iterators: readonly string[];
  /** Ids of the structures of which a member was read, or looked for. */
  readonly structures: ReadonlySet<number>;
  /** Names that programs cast to. */
  readonly casts: readonly string[];
  /** Why a program was not followed to its end: it does not compile. */
  readonly refusals: readonly CompileError[];
}

export const usedBy = (programs: readonly Program[], types: KernelTypes): Used => {
  const structures = new Set<number>();
  const casts = new Set<string>();
  const refusals: CompileError[] = [];
  const kernelTypes: KernelTypes = {
    field: (struct, path) => types.field(struct, path),
    bitField: (struct, path) => types.bitField(struct, path),
    size: (struct) => types.size(struct),
    names: (kind) => types.names(kind),
    shape: (type) => watched(types.shape(type), structures),
    typeId: (kind, name) => {
      const id = types.typeId(kind, name);
      if (kind === "struct" && id !== undefined) casts.add(name);
      return id;
    },
  };
  for (const program of programs) {
    try {
      compile(program, { kernelTypes });
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      refusals.push(error);
    }
  }
  const targets = (...wanted: readonly Program["type"][]): string[] => [
    ...new Set(programs.filter(({ type }) => wanted.includes(type)).map(({ purpose }) => purpose.target ?? "")),
  ];
  return {
    tracepoints: targets("tracepoint"),
    iterators: targets("iterator"),
    structures,
    casts: [...casts],
    refusals,
  };
};

/** The shape; notes when its members are looked at. */
const watched = (shape: KernelShape, seen: Set<number>): KernelShape => {
  if (shape.kind !== "structure") return shape;
  const { members, ...rest } = shape;
  return {
    ...rest,
    get members() {
      seen.add(shape.id);
      return members;
    },
  };
};

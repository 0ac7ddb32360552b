/** What of the kernel programs can be made for, by name. */
import type { KernelFunction, KernelTypes } from "../../compiler/kernel-types.ts";
import { nearest } from "../../compiler/nearest.ts";
import { UnsupportedError } from "../../errors.ts";

const TRACEPOINT = "btf_trace_";
const ITERATOR = "bpf_iter_";
const ITERATOR_CONTEXT = "bpf_iter__";

/** Tracepoints of this kernel, sorted. */
export const tracepointNames = (types: KernelTypes): string[] => withPrefix(types.names("typedef"), TRACEPOINT);

/** Kinds of iterators: those whose programs' context is a structure of their own. */
export const iteratorNames = (types: KernelTypes): string[] =>
  withPrefix(types.names("struct"), ITERATOR_CONTEXT).filter(
    (name) => types.typeId("func", ITERATOR + name) !== undefined,
  );

const withPrefix = (names: readonly string[], prefix: string): string[] =>
  names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));

export interface Parameter {
  readonly name: string;
  /** BTF id. */
  readonly type: number;
}

/** A tracepoint's arguments. The kernel keeps their names beside the function that calls what is attached. */
export const tracepointParameters = (types: KernelTypes, name: string): readonly Parameter[] => {
  const id = types.typeId("typedef", TRACEPOINT + name) ?? missing("tracepoint", name, tracepointNames(types));
  const pointer = types.shape(id);
  const { parameters } = functionShape(types, pointer.kind === "pointer" ? pointer.target : id);
  const called = types.typeId("func", `__traceiter_${name}`);
  const named = called === undefined ? [] : functionShape(types, called).parameters;
  return parameters.map(({ type }, at) => ({ name: named[at]?.name || `argument${at}`, type })).slice(1);
};

/** What an iterator's context holds. */
export const iteratorParameters = (types: KernelTypes, name: string): readonly Parameter[] => {
  const id = types.typeId("func", ITERATOR + name) ?? missing("iterator", name, iteratorNames(types));
  return functionShape(types, id).parameters;
};

export const structureId = (types: KernelTypes, name: string): number =>
  types.typeId("struct", name) ?? missing("structure", name, types.names("struct"), STRUCTURES);

const STRUCTURES =
  "write its name as the kernel's C does, without struct; bpftool btf dump file /sys/kernel/btf/vmlinux lists them";

const functionShape = (types: KernelTypes, id: number): KernelFunction => {
  const shape = types.shape(id);
  return shape.kind === "function" ? shape : { kind: "function", parameters: [] };
};

const missing = (
  what: string,
  name: string,
  names: readonly string[],
  otherwise = "hopmark types --list says which there are",
): never => {
  const close = nearest(name, names);
  throw new UnsupportedError(name, `this kernel has no ${what} ${name}`, {
    hint: close === undefined ? otherwise : `did you mean ${close}?`,
  });
};

/** Which structures to list. */
import type { KernelShape, KernelStructure, KernelTypes } from "../../compiler/kernel-types.ts";
import { iteratorParameters, structureId, tracepointParameters } from "./kernel-names.ts";

export interface Selection {
  readonly tracepoints: readonly string[];
  readonly iterators: readonly string[];
  /** Structures to list whatever leads to them, by name. */
  readonly structures: readonly string[];
  /** How many pointers to follow: 1 lists what arguments point to, with the structures that are part of it. */
  readonly depth: number;
  /** Instead of following anything: beside what arguments point to, the structures with these ids. */
  readonly only?: ReadonlySet<number> | undefined;
}

/** The structures that have a name, by their ids. */
export const reachable = (types: KernelTypes, selection: Selection): ReadonlyMap<number, KernelStructure> => {
  const { only } = selection;
  const found = new Map<number, KernelStructure>();
  /** The depth that was left when a structure was looked at: more may lead further. */
  const left = new Map<number, number>();
  const visit = (shape: KernelShape, depth: number): void => {
    if (shape.kind === "array") return visit(types.shape(shape.element), depth);
    if (shape.kind === "pointer") {
      if (depth > 0 && shape.target !== 0) visit(types.shape(shape.target), depth - 1);
      return;
    }
    if (shape.kind !== "structure" || (left.get(shape.id) ?? -1) >= depth) return;
    left.set(shape.id, depth);
    if (shape.name !== "") found.set(shape.id, shape);
    if (only === undefined) for (const { type } of shape.members) visit(types.shape(type), depth);
  };
  const parameters = [
    ...selection.tracepoints.map((name) => tracepointParameters(types, name)),
    ...selection.iterators.map((name) => iteratorParameters(types, name)),
  ].flat();
  for (const { type } of parameters) visit(types.shape(type), only === undefined ? selection.depth : 1);
  for (const id of only ?? []) visit(types.shape(id), 0);
  for (const name of selection.structures) visit(types.shape(structureId(types, name)), 0);
  return found;
};

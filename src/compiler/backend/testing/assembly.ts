/** What a small function becomes, as lines of assembly without numbers. */
import { disassemble } from "../disassemble.ts";
import { emit, type EmitOptions } from "../emit.ts";
import { Graph } from "./graph.ts";

export const assembly = (build: (graph: Graph) => void, options: EmitOptions = {}): string[] => {
  const graph = new Graph();
  build(graph);
  const text = disassemble(emit(graph.fn, { verify: true, ...options }));
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/^ *\d+: /, ""));
};

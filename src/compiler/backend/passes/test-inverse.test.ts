import { expect, test } from "vitest";
import type { Node } from "../../ssa/ir.ts";
import { assembly } from "../testing/assembly.ts";
import type { Graph } from "../testing/graph.ts";

/** A store for each of a value's bits that is set. */
const storesBy = (bits: readonly number[], read: (graph: Graph, context: Node) => Node) =>
  assembly((graph) => {
    const context = graph.add("context");
    const value = read(graph, context);
    bits.forEach((bit, at) => {
      const [set, next] = [graph.newBlock(), graph.newBlock()];
      const masked = graph.add("and", [value, graph.constant(bit)], { low: 0n, high: BigInt(bit) });
      graph.branch("eq", masked, graph.constant(0), 64, next, set);
      graph.start(set);
      graph.add("store", [context, graph.constant(at)], { offset: 16 + at, size: 1, space: "packet" });
      graph.jump(next);
      graph.start(next);
    });
    graph.return(graph.constant(0));
  });

const field = (graph: Graph, context: Node): Node =>
  graph.add("load", [context], { size: 4, space: "packet", low: 0n, high: 0xffff_ffffn });

test("single bits are tested in the inverse, an instruction each", () => {
  const lines = storesBy([1, 0x80, 0x40000000], field);
  expect(lines.filter((line) => line.includes("^= -1"))).toHaveLength(1);
  expect(lines.filter((line) => /^if r\d & \d+ /.test(line))).toHaveLength(3);
  expect(lines.some((line) => line.includes("&="))).toBe(false);
});

test("but not two of them, nor a bit twice, nor what is no immediate", () => {
  for (const bits of [
    [1, 2],
    [1, 2, 1],
    [1, 2, 0x80000000],
  ])
    expect(storesBy(bits, field).some((line) => line.includes("^="))).toBe(false);
});

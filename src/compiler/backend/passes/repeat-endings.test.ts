import { expect, test } from "vitest";
import type { Node } from "../../ssa/ir.ts";
import { assembly } from "../testing/assembly.ts";
import type { Graph } from "../testing/graph.ts";

const PREVIOUS = 5n;

/** Three outcomes, a call that may change anything, and a question about the outcome. */
const counted = (outcomes: (graph: Graph) => Node[]) =>
  assembly((graph) => {
    const context = graph.add("context");
    const kind = graph.add("load", [context], { size: 1, space: "packet", low: 0n, high: 0xffn });
    const [first, second, third, end] = [graph.newBlock(), graph.newBlock(), graph.newBlock(), graph.newBlock()];
    const next = graph.newBlock();
    const values = outcomes(graph);
    graph.branch("eq", kind, graph.constant(1), 64, first, next);
    graph.start(next);
    graph.branch("eq", kind, graph.constant(2), 64, second, third);
    for (const block of [first, second, third]) {
      graph.start(block);
      graph.add("store", [context, kind], { offset: block.id * 8, size: 1, space: "packet" });
      graph.jump(end);
    }
    graph.start(end);
    const outcome = graph.add("phi", values, { low: 0n, high: 0xffn });
    graph.add("call", [], { imm: PREVIOUS });
    const [is2, isOther] = [graph.newBlock(), graph.newBlock()];
    graph.branch("eq", outcome, graph.constant(2), 64, is2, isOther);
    graph.start(is2);
    graph.return(graph.constant(100));
    graph.start(isOther);
    graph.return(graph.constant(200));
  });

test("ways that bring constants get an ending each, which does not ask", () => {
  const lines = counted((graph) => [0, 1, 2].map((value) => graph.constant(value)));
  expect(lines.filter((line) => line.startsWith("call")).length).toBe(3);
  expect(lines.filter((line) => line.startsWith("if")).length).toBe(2);
  // Nothing is kept over the call.
  expect(lines.some((line) => /\br[6-9]\b/.test(line))).toBe(false);
});

test("a value that is no constant keeps the question, unless its range answers it", () => {
  const asked = counted((graph) => [graph.constant(0), graph.constant(2), packetByte(graph, 0xffn)]);
  expect(asked.filter((line) => line.startsWith("if")).length).toBe(3);
  const answered = counted((graph) => [graph.constant(0), graph.constant(2), packetByte(graph, 1n)]);
  expect(answered.filter((line) => line.startsWith("if")).length).toBe(2);
});

const packetByte = (graph: Graph, high: bigint): Node =>
  graph.add("load", [graph.add("context")], { offset: 1, size: 1, space: "packet", low: 0n, high });

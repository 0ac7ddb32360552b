import { expect, test } from "vitest";
import { assembly } from "../testing/assembly.ts";
import type { Graph } from "../testing/graph.ts";

/** `if (p + 14 > end) → 0; if ([p + 12] != 8) → otherwise; if (p + 34 > end) → 0; return [p + 23]`, and what is done between. */
const tests = (otherwise: number, between: (graph: Graph) => void = () => {}) =>
  assembly((graph) => {
    const context = graph.add("context");
    const data = graph.add("load", [context], { size: 4, space: "context" });
    const end = graph.add("load", [context], { size: 4, offset: 4, space: "context" });
    const [failed, other, second, third, last] = Array.from({ length: 5 }, () => graph.newBlock()) as [
      Graph["block"],
      ...Graph["block"][],
    ];
    const isShorter = (bytes: number, next: Graph["block"]): void =>
      graph.branch("gt", graph.add("add", [data, graph.constant(bytes)]), end, 64, failed, next);
    isShorter(14, second!);
    graph.start(second!);
    between(graph);
    const type = graph.add("load", [data], { size: 2, offset: 12, space: "packet", low: 0n, high: 0xffffn });
    graph.branch("ne", type, graph.constant(8), 64, otherwise === 0 ? failed : other!, third!);
    graph.start(third!);
    isShorter(34, last!);
    graph.start(last!);
    graph.return(graph.add("load", [data], { size: 1, offset: 23, space: "packet", low: 0n, high: 0xffn }));
    graph.start(failed);
    graph.return(graph.constant(0));
    if (otherwise === 0) return;
    graph.start(other!);
    graph.return(graph.constant(otherwise));
  });

const comparisons = (lines: readonly string[]): readonly string[] => lines.filter((line) => line.startsWith("if"));

test("what fails like the tests around it lets them be one", () => {
  const lines = tests(0);
  expect(comparisons(lines)).toHaveLength(2);
  expect(lines.join("\n")).toContain("+= 34\nif");
});

test("what ends elsewhere, or is written on the way, keeps them two", () => {
  expect(comparisons(tests(1))).toHaveLength(3);
  const written = tests(0, (graph) => {
    const map = graph.add("call", [], { imm: 5n });
    graph.add("store", [graph.add("stack", [], { slot: graph.slot(8) }), map], { space: "stack" });
  });
  expect(comparisons(written)).toHaveLength(3);
});

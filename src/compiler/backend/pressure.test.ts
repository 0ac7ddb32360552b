/** What becomes of values when there are more of them than registers. */
import { expect, test } from "vitest";
import type { Node } from "../ssa/ir.ts";
import { verify } from "../ssa/verify.ts";
import { repeatSums } from "./passes/repeat-sums.ts";
import { Graph } from "./testing/graph.ts";

const byte = { low: 0n, high: 0xffn };
const anything = { low: -(1n << 63n), high: (1n << 63n) - 1n };
const load = (graph: Graph, context: Node, offset: number): Node =>
  graph.add("load", [context], { offset, size: 1, space: "packet", ...byte });

/** `if (at + 1 > end) return 0; at = flag === 0 ? at + 1 : at + length`: the sums that the phi reads, and the first. */
const step = (sumRange: typeof byte, phiRange: typeof byte): { readonly sum: Node; readonly phi: Node } => {
  const graph = new Graph();
  const context = graph.add("context");
  const [at, end, flag, length] = [0, 1, 2, 3].map((offset) => load(graph, context, offset)) as [
    Node,
    Node,
    Node,
    Node,
  ];
  const [out, on, one, more, join] = [0, 0, 0, 0, 0].map(() => graph.newBlock()) as [never, never, never, never, never];
  const sum = graph.add("add", [at, graph.constant(1)], sumRange);
  graph.branch("gt", sum, end, 64, out, on);
  graph.start(out);
  graph.return(graph.constant(0));
  graph.start(on);
  graph.branch("eq", flag, graph.constant(0), 64, one, more);
  graph.start(one);
  graph.jump(join);
  graph.start(more);
  const other = graph.add("add", [at, length], { low: 0n, high: 0x1fen });
  graph.jump(join);
  graph.start(join);
  const phi = graph.add("phi", [sum, other], phiRange);
  graph.return(phi);
  verify(graph.fn);
  repeatSums(graph.fn);
  verify(graph.fn);
  return { sum, phi };
};

test("a sum that was tested is added again where ways meet", () => {
  const { sum, phi } = step({ low: 1n, high: 0x100n }, { low: 0n, high: 0x1fen });
  const [again] = phi.args as [Node];
  expect(again).not.toBe(sum);
  expect(again).toMatchObject({ op: "add", args: sum.args, block: phi.block.predecessors[0] });
});

test("not where a test has shown more of the sum than of what it is made from", () => {
  const { sum, phi } = step({ low: 1n, high: 0x100n }, { low: 0n, high: 0xffn });
  expect(phi.args[0]).toBe(sum);
});

test("nor when it may be a pointer, which keeps what it was compared with", () => {
  const { sum, phi } = step(anything, anything);
  expect(phi.args[0]).toBe(sum);
});

import { expect, it } from "vitest";
import { Graph } from "../backend/testing/graph.ts";
import { verify } from "./verify.ts";

const diamond = () => {
  const graph = new Graph();
  const context = graph.add("context");
  const value = graph.add("load", [context], { space: "packet" });
  const [left, right, merge] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
  graph.branch("eq", value, graph.constant(0), 64, left, right);
  graph.start(left);
  const sum = graph.add("add", [value, value]);
  graph.jump(merge);
  graph.start(right);
  graph.jump(merge);
  graph.start(merge);
  const phi = graph.add("phi", [sum, value]);
  graph.return(phi);
  return { graph, fn: graph.fn, context, value, sum, phi, left, right, merge };
};

it("accepts what is well-formed", () => {
  expect(() => verify(diamond().fn)).not.toThrow();
});

it.each<[string, (made: ReturnType<typeof diamond>) => void]>([
  ["%3 (branch) has 1 arguments", ({ fn }) => fn.entry.terminator!.args.pop()],
  ["does not dominate", ({ phi, sum }) => phi.args.reverse() && sum],
  ["%8 uses %4, which does not dominate it", ({ merge, sum }) => (merge.terminator!.args[0] = sum)],
  ["(phi) has 1 arguments", ({ phi }) => phi.args.pop()],
  ["disagree about the edge", ({ left }) => left.predecessors.pop()],
  ["does not lead to it", ({ right, left }) => right.predecessors.push(left)],
  ["has no terminator", ({ right }) => right.nodes.pop()],
  ["and has 0 successors", ({ right }) => right.successors.pop()],
  [
    "comes after other nodes",
    ({ merge, sum, left }) => {
      left.nodes.shift();
      sum.block = merge;
      merge.nodes.unshift(sum);
    },
  ],
  ["is defined twice", ({ left, sum }) => left.nodes.unshift(sum)],
  ["thinks it is in block", ({ sum, right }) => (sum.block = right)],
  ["is in no block", ({ left }) => left.nodes.shift()],
  [
    "the entry has predecessors",
    ({ fn, right }) => {
      right.successors = [fn.entry];
      fn.entry.predecessors.push(right);
    },
  ],
  ["leads to 3, which is not in the function", ({ fn }) => fn.blocks.pop()],
  [
    "lacks its map",
    ({ graph, fn }) => {
      graph.block = fn.entry;
      fn.entry.nodes.unshift(graph.add("map"));
      fn.entry.nodes.pop();
    },
  ],
])("finds that %s", (fault, spoil) => {
  const made = diamond();
  spoil(made);
  expect(() => verify(made.fn)).toThrow(fault);
});

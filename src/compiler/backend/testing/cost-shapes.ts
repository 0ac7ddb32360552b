/** Functions of any size whose shapes have made compilers slow: each must cost in proportion to its size. */
import type { Block, Node, SsaFunction } from "../../ssa/ir.ts";
import { Graph } from "./graph.ts";
import { maps, randomFunction } from "./random-function.ts";

/** By name: a function of about `size` nodes. */
export const costShapes: Readonly<Record<string, (size: number) => SsaFunction>> = {
  random: (size) => randomFunction(2, { size: size / 2.5, pool: 8, calls: true }),
  straight: (size) => straight(size),
  checks: (size) => checks(size, false),
  "one exit": (size) => checks(size, true),
  tree: (size) => tree(size),
  "rare calls": (size) => rareCalls(size),
  "long lives": (size) => longLives(size),
};

const load = (graph: Graph, pointer: Node, index: number): Node =>
  graph.add("load", [pointer], { offset: (index * 8) % 4096, space: "packet" });

/** Loads, sums and stores in one block. */
const straight = (size: number): SsaFunction => {
  const graph = new Graph("straight");
  const context = graph.add("context");
  for (let i = 0; i < size / 4; i++) {
    const sum = graph.add("add", [load(graph, context, i), load(graph, context, i + 7)]);
    graph.add("store", [context, sum], { offset: (i * 16) % 4096, space: "packet" });
  }
  graph.return(graph.constant(0));
  return graph.fn;
};

/** A check after the other; who fails returns, or goes to the one exit with a reason. */
const checks = (size: number, hasOneExit: boolean): SsaFunction => {
  const graph = new Graph("checks");
  const context = graph.add("context");
  const exit = graph.newBlock();
  const reasons: Node[] = [];
  for (let i = 0; i < size / 5; i++) {
    const [failed, next] = [graph.newBlock(), graph.newBlock()];
    graph.branch("ne", load(graph, context, i), graph.constant(i), 64, failed, next);
    graph.start(failed);
    if (hasOneExit) {
      reasons.push(graph.constant(i & 31));
      graph.jump(exit);
    } else {
      graph.return(graph.constant(i & 3));
    }
    graph.start(next);
  }
  if (!hasOneExit) {
    graph.return(context);
    return graph.fn;
  }
  reasons.push(graph.constant(77));
  graph.jump(exit);
  graph.start(exit);
  const reason = graph.add("phi", reasons);
  graph.add("store", [context, reason], { space: "packet" });
  graph.return(reason);
  return graph.fn;
};

/** A binary search over constants, with something to do at each leaf. */
const tree = (size: number): SsaFunction => {
  const graph = new Graph("tree");
  const context = graph.add("context");
  const key = load(graph, context, 0);
  const other = load(graph, context, 1);
  const work: { block: Block; low: number; high: number }[] = [
    { block: graph.block, low: 0, high: Math.ceil(size / 6) },
  ];
  let isFirst = true;
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    if (!isFirst) graph.start(at.block);
    isFirst = false;
    if (at.high - at.low < 2) {
      graph.add("store", [context, graph.add("add", [other, graph.constant(at.low)])], { offset: 8, space: "packet" });
      graph.return(graph.constant(at.low % 5));
      continue;
    }
    const middle = (at.low + at.high) >> 1;
    const [below, above] = [graph.newBlock(), graph.newBlock()];
    graph.branch("lt", key, graph.constant(middle), 64, below, above);
    work.push({ block: above, low: middle, high: at.high }, { block: below, low: at.low, high: middle });
  }
  return graph.fn;
};

/** Values that live on while every other one is also wanted in a block off the way, behind a call. */
const rareCalls = (size: number): SsaFunction => {
  const graph = new Graph("rare_calls");
  const context = graph.add("context");
  let before = load(graph, context, 0);
  for (let i = 0; i < size / 9; i++) {
    const value = graph.add("add", [before, load(graph, context, i)]);
    const [rare, next] = [graph.newBlock(), graph.newBlock()];
    graph.branch("eq", value, graph.constant(i), 64, rare, next);
    graph.start(rare);
    graph.add("call", [value], { imm: 11n });
    graph.add("store", [context, before], { space: "packet" });
    graph.return(value);
    graph.start(next);
    before = value;
  }
  graph.return(before);
  return graph.fn;
};

/** Six values made at the start and used at the end, around diamonds that merge two. */
const longLives = (size: number): SsaFunction => {
  const graph = new Graph("long_lives");
  const context = graph.add("context");
  const values = [0, 1, 2, 3, 4, 5].map((i) => load(graph, context, i));
  let x = load(graph, context, 6);
  for (let i = 0; i < size / 7; i++) {
    const [left, right, merge] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
    graph.branch("gt", x, graph.constant(i), 64, left, right);
    graph.start(left);
    const a = graph.add("add", [x, values[i % 6]!]);
    graph.jump(merge);
    graph.start(right);
    const b = graph.add("xor", [x, graph.constant(i)]);
    graph.jump(merge);
    graph.start(merge);
    x = graph.add("phi", [a, b]);
  }
  const map = graph.add("mapValue", [], { map: maps[0]! });
  for (const value of values) x = graph.add("add", [x, value]);
  graph.add("store", [map, x], { space: "map" });
  graph.return(x);
  return graph.fn;
};

import { expect, test } from "vitest";
import type { Node } from "../../ssa/ir.ts";
import { optimise } from "../optimise.ts";
import { assembly } from "../testing/assembly.ts";
import { evaluate } from "../testing/evaluate.ts";
import { Graph } from "../testing/graph.ts";
import { Memory } from "../testing/memory.ts";

const WORD = 0xffffn;

/** One step: what is above the lowest `bits` is added to them. */
const step = (graph: Graph, value: Node, bits: 16 | 32): Node => {
  const ones = (1n << BigInt(bits)) - 1n;
  const carry = value.high >> BigInt(bits);
  const low = graph.add("and", [value, graph.constant(ones)], { low: 0n, high: value.high < ones ? value.high : ones });
  const high = graph.add("shr", [value, graph.constant(bits)], { low: 0n, high: carry });
  return graph.add("add", [high, low], { low: 0n, high: low.high + carry });
};

/** The last two steps of a value that is little above 32 bits, by a multiplication. */
const multiplied = (graph: Graph, value: Node): Node => {
  const product = graph.add("mul", [value, graph.constant(0x1_0001)], { low: 0n, high: value.high * 0x1_0001n });
  const high = graph.add("shr", [value, graph.constant(16)], { low: 0n, high: value.high >> 16n });
  const both = graph.add("add", [product, high], { low: 0n, high: product.high + high.high });
  const shifted = graph.add("shr", [both, graph.constant(16)], { low: 0n, high: both.high >> 16n });
  return graph.add("and", [shifted, graph.constant(WORD)], { low: 0n, high: WORD });
};

const written: readonly [string, (graph: Graph, value: Node) => Node][] = [
  ["step by step", (graph, value) => [32, 16, 16, 16].reduce((sum, bits) => step(graph, sum, bits as 16 | 32), value)],
  ["in small steps", (graph, value) => [16, 16, 16, 16].reduce((sum, bits) => step(graph, sum, bits as 16), value)],
  ["by a multiplication", (graph, value) => multiplied(graph, step(graph, value, 32))],
];

const build = (write: (graph: Graph, value: Node) => Node, most: bigint): Graph => {
  const graph = new Graph();
  const value = graph.add("load", [graph.add("context")], { space: "packet", low: 0n, high: most });
  graph.return(write(graph, value));
  return graph;
};

/** Values whose words carry, or just do not. */
const words = [0n, 1n, 2n, 0x7fffn, 0x8000n, 0xfffdn, 0xfffen, WORD];
const values = words.flatMap((a) => words.flatMap((b) => words.map((c) => a | (b << 16n) | (c << 32n))));

test.each(written)("a sum below 2^48 that is folded %s is folded by one multiplication", (_, write) => {
  const graph = build(write, (1n << 48n) - 1n);
  optimise(graph.fn);
  for (const value of values) {
    const memory = new Memory();
    memory.add(
      0x1000n,
      Uint8Array.from({ length: 8 }, (__, at) => Number((value >> BigInt(at * 8)) & 0xffn)),
    );
    const folded = value === 0n ? 0n : ((value - 1n) % WORD) + 1n;
    expect(evaluate(graph.fn, memory, 0x1000n), value.toString(16)).toBe(folded);
  }
  const lines = assembly((into) => {
    const value = into.add("load", [into.add("context")], { space: "packet", low: 0n, high: (1n << 48n) - 1n });
    into.return(write(into, value));
  });
  expect(lines).toEqual(["r0 = *(u64 *)(r1 +0)", "r5 = 0x1000100010001 ll", "r0 *= r5", "r0 >>= 48", "exit"]);
});

test("a longer one only from where it is", () => {
  const lines = assembly((into) => {
    const value = into.add("load", [into.add("context")], { space: "packet", low: 0n, high: (1n << 62n) - 1n });
    into.return(multiplied(into, step(into, value, 32)));
  });
  // The sum of both halves is too large for what the multiplication by 0x10001 stands for.
  expect(lines).toContain("r5 *= 65537");
});

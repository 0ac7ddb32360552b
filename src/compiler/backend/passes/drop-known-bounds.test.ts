import { expect, test } from "vitest";
import type { Block, Node } from "../../ssa/ir.ts";
import { assembly } from "../testing/assembly.ts";
import type { Graph } from "../testing/graph.ts";

interface Shape {
  /** What the second test asks for; the first asks for 20. */
  readonly again?: number;
  /** Whether the packet is moved in between: pointer and end are read anew. */
  readonly moved?: boolean;
  /** Whether there is a way to the second test past the first. */
  readonly past?: boolean;
}

/** `if (at + 20 > end) return 1; call(); if (x) call(); if (at + again > end) return 2; return 3`. */
const tests = ({ again = 14, moved = false, past = false }: Shape): string[] =>
  assembly((graph: Graph) => {
    const context = graph.add("context");
    const read = (offset: number): Node => graph.add("load", [context], { size: 4, space: "context", offset });
    const asks = (at: Node, bytes: number, end: Node, short: Block, next: Block): void =>
      graph.branch("gt", graph.add("add", [at, graph.constant(bytes)]), end, 64, short, next);
    const call = (): Node => graph.add("call", [], { imm: 5n });
    const [first, one, two, passed, side, second, good] = [1, 2, 3, 4, 5, 6, 7].map(() => graph.newBlock()) as [
      Block,
      Block,
      Block,
      Block,
      Block,
      Block,
      Block,
    ];
    const [at, end] = [read(0), read(4)];
    if (past) graph.branch("eq", read(12), graph.constant(7), 64, second, first);
    else graph.jump(first);
    graph.start(first);
    asks(at, 20, end, one, passed);
    graph.start(passed);
    graph.branch("eq", call(), graph.constant(0), 64, second, side);
    graph.start(side);
    call();
    graph.jump(second);
    graph.start(second);
    const [atAgain, endAgain] = moved ? [read(0), read(4)] : [at, end];
    asks(atAgain, again, endAgain, two, good);
    for (const [block, result] of [
      [one, 1],
      [two, 2],
      [good, 3],
    ] as const) {
      graph.start(block);
      graph.return(graph.constant(result));
    }
  });

const lengthTests = (lines: readonly string[]): number => lines.filter((line) => /^if r\d > r\d/.test(line)).length;

test("a test that all ways there have passed is left out, behind calls and where ways meet", () => {
  expect(lengthTests(tests({}))).toBe(1);
  expect(lengthTests(tests({ again: 20 }))).toBe(1);
});

test.each<[string, Shape]>([
  ["that asks for more", { again: 21 }],
  ["of a packet that was moved", { moved: true }],
  ["to which there is another way", { past: true }],
])("but not one %s", (_name, shape) => expect(lengthTests(tests(shape))).toBe(2));

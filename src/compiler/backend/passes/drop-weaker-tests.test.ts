import { expect, test } from "vitest";
import type { Node } from "../../ssa/ir.ts";
import { assembly } from "../testing/assembly.ts";
import type { Graph } from "../testing/graph.ts";

interface Shape {
  /** What the first test adds. */
  readonly weak?: number;
  /** The length is tested to be this much at least. */
  readonly least?: number;
  /** Values above this are offsets no more. */
  readonly high?: bigint;
  readonly between?: (graph: Graph, context: Node, at: Node) => void;
  readonly behind?: (graph: Graph, context: Node, at: Node) => Node;
  readonly otherExit?: boolean;
}

/** `if (at + weak > end) goto bad; if (length < least) goto bad; if (at + length > end) goto bad`. */
const tests = ({ weak = 2, least = 2, high = 100n, between, behind, otherExit = false }: Shape): string[] =>
  assembly((graph) => {
    const context = graph.add("context");
    const read = (offset: number, most: bigint): Node =>
      graph.add("load", [context], { size: 4, space: "context", offset, low: 0n, high: most });
    const [at, end] = [read(16, high), read(20, 200n)];
    const [bad, other, second, third, good] = [1, 2, 3, 4, 5].map(() => graph.newBlock()) as never as Block5;
    graph.branch("gt", graph.add("add", [at, graph.constant(weak)]), end, 64, otherExit ? other : bad, second);
    graph.start(second);
    between?.(graph, context, at);
    const length = read(24, 255n);
    graph.branch("lt", length, graph.constant(least), 64, bad, third);
    graph.start(third);
    const sum = graph.add("add", [at, length], { low: 0n, high: 355n });
    graph.branch("gt", sum, end, 64, bad, good);
    graph.start(good);
    graph.return(behind?.(graph, context, at) ?? sum);
    graph.start(bad);
    graph.return(graph.constant(1));
    graph.start(other);
    graph.return(graph.constant(2));
  });

type Block5 = [Block, Block, Block, Block, Block];
type Block = ReturnType<Graph["newBlock"]>;

const branches = (lines: readonly string[]): number => lines.filter((line) => line.startsWith("if ")).length;

test("a test that a stronger one makes again is left out", () => {
  expect(branches(tests({}))).toBe(2);
  expect(branches(tests({ weak: 1 }))).toBe(2);
});

test.each<[string, Shape]>([
  ["that asks for more", { weak: 3 }],
  ["whose value may be no offset", { high: 0x10000n }],
  ["that leads elsewhere", { otherExit: true }],
  [
    "with something written behind it",
    { between: (graph, context, at) => void graph.add("store", [context, at], { size: 4, space: "packet" }) },
  ],
  [
    "whose value is used behind it",
    { behind: (graph, _context, at) => graph.add("shl", [at, graph.constant(2)], { low: 0n, high: 400n }) },
  ],
  [
    "whose value and a constant are",
    {
      behind: (graph, _context, at) =>
        graph.add("shl", [graph.add("add", [at, graph.constant(9)]), graph.constant(2)], { low: 0n, high: 440n }),
    },
  ],
])("but not one %s", (_name, shape) => expect(branches(tests(shape))).toBe(3));

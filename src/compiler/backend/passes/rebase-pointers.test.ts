import { describe, expect, test } from "vitest";
import type { Node } from "../../ssa/ir.ts";
import { assembly } from "../testing/assembly.ts";
import type { Graph } from "../testing/graph.ts";

const packet = (graph: Graph): { data: Node; end: Node } => {
  const context = graph.add("context");
  const [data, end] = [0, 4].map((offset) => graph.add("load", [context], { size: 4, offset, space: "context" }));
  return { data: data!, end: end! };
};

/** Goes on where the packet has `bytes` behind the pointer, and returns 1 where not. */
const check = (graph: Graph, pointer: Node, bytes: number, end: Node): void => {
  const [bad, good] = [graph.newBlock(), graph.newBlock()];
  graph.branch("gt", graph.add("add", [pointer, graph.constant(bytes)]), end, 64, bad, good);
  graph.start(bad);
  graph.return(graph.constant(1));
  graph.start(good);
};

const byte = (graph: Graph, pointer: Node, offset: number): Node =>
  graph.add("load", [pointer], { size: 1, offset, space: "packet", low: 0n, high: 255n });

/** What a branch on a byte of the packet leads to. */
const whenZero = (graph: Graph, value: Node, use: () => void): void => {
  const [zero, other] = [graph.newBlock(), graph.newBlock()];
  graph.branch("eq", value, graph.constant(0), 64, zero, other);
  graph.start(zero);
  use();
  graph.start(other);
};

describe("what was compared with the packet's end is the pointer from then on", () => {
  test("test after test", () => {
    const lines = assembly((graph) => {
      const { data, end } = packet(graph);
      check(graph, data, 14, end);
      whenZero(graph, byte(graph, data, 12), () => graph.return(graph.constant(2)));
      check(graph, data, 34, end);
      graph.return(graph.add("add", [byte(graph, data, 14), byte(graph, data, 33)]));
    });
    expect(lines).toEqual([
      "r0 = *(u32 *)(r1 +0)",
      "r5 = *(u32 *)(r1 +4)",
      "r0 += 14",
      "if r0 > r5 goto +10 <14>",
      "r4 = *(u8 *)(r0 -2)",
      "if r4 == 0 goto +6 <12>",
      "r0 += 20",
      "if r0 > r5 goto +6 <14>",
      "r5 = *(u8 *)(r0 -20)",
      "r0 = *(u8 *)(r0 -1)",
      "r0 += r5",
      "exit",
      "r0 = 2",
      "exit",
      "r0 = 1",
      "exit",
    ]);
  });

  test("also behind an offset known at run time only", () => {
    const lines = assembly((graph) => {
      const { data, end } = packet(graph);
      check(graph, data, 34, end);
      const moved = graph.add("add", [data, byte(graph, data, 14)]);
      check(graph, moved, 18, end);
      graph.return(byte(graph, moved, 14));
    });
    expect(lines.slice(2, 8)).toEqual([
      "r0 += 34",
      "if r0 > r5 goto +6 <10>",
      "r4 = *(u8 *)(r0 -20)",
      "r0 += r4",
      "r0 += -16",
      "if r0 > r5 goto +2 <10>",
    ]);
    expect(lines[8]).toBe("r0 = *(u8 *)(r0 -4)");
  });

  test("not where ways meet that need the pointer itself", () => {
    const lines = assembly((graph) => {
      const { data, end } = packet(graph);
      check(graph, data, 14, end);
      const [zero, other, both] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
      graph.branch("eq", byte(graph, data, 12), graph.constant(0), 64, zero, other);
      graph.start(zero);
      graph.add("store", [data, graph.constant(7)], { size: 1, offset: 3, space: "packet" });
      graph.jump(both);
      graph.start(other);
      check(graph, data, 34, end);
      graph.add("store", [data, graph.constant(8)], { size: 1, offset: 30, space: "packet" });
      graph.jump(both);
      graph.start(both);
      graph.return(byte(graph, data, 5));
    });
    // Behind the first test all ways have the same; behind the second they meet one without it.
    expect(lines).toContain("r0 = *(u8 *)(r0 -9)");
    expect(lines).toContain("*(u8 *)(r0 -11) = 7");
    expect(lines).toContain("*(u8 *)(r0 +16) = 8");
  });

  test("not where the packet ends before and is read nevertheless: the verifier refuses that", () => {
    const lines = assembly((graph) => {
      const { data, end } = packet(graph);
      check(graph, data, 14, end);
      const [short, long] = [graph.newBlock(), graph.newBlock()];
      graph.branch("le", graph.add("add", [data, graph.constant(34)]), end, 64, long, short);
      graph.start(short);
      graph.return(byte(graph, data, 3));
      graph.start(long);
      graph.return(byte(graph, data, 33));
    });
    expect(lines).toContain("r0 = *(u8 *)(r0 -11)");
    expect(lines).toContain("r0 = *(u8 *)(r0 +19)");
  });

  test("what is tested a second time is another", () => {
    const lines = assembly((graph) => {
      const { data, end } = packet(graph);
      check(graph, data, 14, end);
      const value = byte(graph, data, 12);
      const [short, long] = [graph.newBlock(), graph.newBlock()];
      const again = graph.add("add", [data, graph.constant(14)]);
      graph.branch("le", again, end, 64, long, short);
      graph.start(short);
      graph.return(byte(graph, data, 3));
      graph.start(long);
      graph.return(value);
    });
    const compared = lines.find((line) => line.includes("<= r5"))!;
    expect(compared).not.toContain("if r0 <=");
    expect(lines).toContain("r0 = *(u8 *)(r0 +3)");
  });

  test("not where a call takes the pointer", () => {
    const lines = assembly((graph) => {
      const { data, end } = packet(graph);
      check(graph, data, 14, end);
      graph.return(graph.add("call", [data], { imm: 1n }));
    });
    expect(lines).toContain("r1 = r0");
    expect(lines).not.toContain("r0 += 14");
  });
});

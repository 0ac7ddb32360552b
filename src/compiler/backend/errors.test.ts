import { describe, expect, test } from "vitest";
import { HopmarkError } from "../../errors.ts";
import { arrayMap } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";
import { emit } from "./emit.ts";
import { Graph } from "./testing/graph.ts";

const refusal = (build: (graph: Graph) => void): HopmarkError => {
  const graph = new Graph("balance");
  build(graph);
  try {
    emit(graph.fn);
  } catch (error) {
    if (error instanceof HopmarkError) return error;
    throw error;
  }
  throw new Error("was accepted");
};

describe("what does not fit is refused with numbers", () => {
  test("a stack of more than 512 bytes", () => {
    const error = refusal((graph) => {
      const addresses = [400, 100, 60].map((size) => graph.add("stack", [], { slot: graph.slot(size) }));
      for (const address of addresses) graph.add("store", [address, graph.add("context")], { space: "stack" });
      graph.add("call", addresses, { imm: 3n });
      graph.return(graph.constant(0));
    });
    expect(error.code).toBe("stack-too-large");
    expect(error.message).toBe(
      "balance needs 568 bytes of stack and the kernel gives 512: 568 for 3 objects in memory (400, 104, 64)",
    );
  });

  test("a jump farther than 16 bits reach", () => {
    const error = refusal((graph) => {
      const context = graph.add("context");
      const [there, here] = [graph.newBlock(), graph.newBlock()];
      graph.branch("eq", graph.add("load", [context], { space: "packet" }), graph.constant(1), 64, there, here);
      for (const block of [there, here]) {
        graph.start(block);
        for (let i = 0; i < 33_000; i++) graph.add("call", [], { imm: 5n });
        graph.return(graph.constant(0));
      }
    });
    expect(error.code).toBe("function-too-large");
    expect(error.message).toMatch(/^balance has 66\d{3} instructions and a jump that 16 bits cannot hold$/);
  });
});

test("slots that are in use at different times share bytes", () => {
  const graph = new Graph();
  for (let i = 0; i < 20; i++) {
    const address = graph.add("stack", [], { slot: graph.slot(64) });
    graph.add("store", [address, graph.constant(i)], { space: "stack" });
    graph.add("call", [address], { imm: 3n });
  }
  graph.return(graph.constant(0));
  expect(emit(graph.fn).stackBytes).toBe(64);
});

test("relocations name the slot, lines the place where the source changes", () => {
  const module = { url: "file:///a.bpf.ts", text: "first\nsecond" };
  const map = arrayMap(u64, { entries: 1, name: "m" });
  const graph = new Graph();
  const key = graph.add("stack", [], { slot: graph.slot(8) });
  const wide = graph.constant(1n << 40n);
  const at = (offset: number) => ({ position: { module, offset } });
  Object.assign(graph.add("store", [key, wide], { space: "stack" }), at(0));
  Object.assign(graph.add("call", [graph.add("map", [], { map }), key], { imm: 1n }), at(6));
  Object.assign(graph.add("kfunc", [], { name: "bpf_rcu_read_lock" }), at(6));
  graph.return(graph.constant(0));
  const { relocations, lines, instructions } = emit(graph.fn);
  expect(lines.map(({ instruction, position }) => [instruction, position.offset])).toEqual([
    [0, 0],
    [3, 6],
  ]);
  expect(relocations).toEqual([
    { kind: "map", instruction: 5, map },
    { kind: "kfunc", instruction: 8, name: "bpf_rcu_read_lock" },
  ]);
  expect(instructions.length).toBe(11 * 8);
});

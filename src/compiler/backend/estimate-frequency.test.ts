import { expect, test } from "vitest";
import { assembly } from "./testing/assembly.ts";

const LOOKUP = 1n;
const ADJUST_HEAD = 44n;

/** What comes first of `if (helper() == 0) return 1; …`, both ways alike. */
const firstWay = (helper: bigint): string | undefined =>
  assembly((graph) => {
    const context = graph.add("context");
    const answer = graph.add("call", [context], { imm: helper });
    const [zero, not] = [graph.newBlock(), graph.newBlock()];
    graph.branch("eq", answer, graph.constant(0), 64, zero, not);
    for (const [block, value] of [
      [zero, 1],
      [not, 2],
    ] as const) {
      graph.start(block);
      const slot = graph.add("stack", [], { slot: graph.slot(8) });
      graph.add("store", [slot, graph.constant(value)], { space: "stack" });
      graph.return(graph.add("call", [slot], { imm: 7n }));
    }
  })
    .find((line) => line.startsWith("*"))
    ?.replace(/.* = /, "");

test("helpers mostly do what they are asked, and find what is looked up", () => {
  expect([ADJUST_HEAD, LOOKUP].map(firstWay)).toEqual(["1", "2"]);
});

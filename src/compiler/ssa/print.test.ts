import { expect, it } from "vitest";
import { arrayMap } from "../../kernel/maps.ts";
import { u64 } from "../../wire/layout.ts";
import { Graph } from "../backend/testing/graph.ts";
import { print } from "./print.ts";

it("shows a function, one line a node", () => {
  const graph = new Graph("count");
  const map = arrayMap(u64, { entries: 1, name: "hits" });
  const context = graph.add("context");
  const type = graph.add("load", [context], { size: 2, offset: 12, space: "packet", low: 0n, high: 0xffffn });
  const [hit, end] = [graph.newBlock(), graph.newBlock()];
  graph.branch("ne", type, graph.constant(0xdd86), 64, end, hit);
  graph.start(hit);
  const key = graph.add("stack", [], { slot: graph.slot(4) });
  graph.add("store", [key, graph.constant(0)], { size: 4, space: "stack" });
  const found = graph.add("call", [graph.add("map", [], { map }), key], { imm: 1n });
  graph.add("atomic", [graph.add("mapValue", [], { map, offset: 8 }), graph.constant(1)], {
    atomic: "add",
    space: "map",
  });
  graph.jump(end);
  graph.start(end);
  const phi = graph.add("phi", [graph.constant(2), found]);
  graph.return(
    graph.add("zext", [graph.add("kfunc", [phi], { name: "bpf_cast" })], { width: 32, low: 0n, high: 0xffffffffn }),
  );
  expect(print(graph.fn)).toBe(`function count
  slot s0: 4 bytes
b0:
  %0 = context
  %1 = load packet[%0 + 12].2  ; 0..65535
  branch.64 %1 ne 56710 ? b2 : b1
b1:  ; from b0
  %2 = stack s0
  store stack[%2].4, 0
  %3 = map hits
  %4 = call bpf_map_lookup_elem(%3, %2)
  %5 = mapValue hits + 8
  %6 = atomic.add map[%5].8, 1
  jump b2
b2:  ; from b0, b1
  %7 = phi b0: 2, b1: %4
  %8 = kfunc bpf_cast(%7)
  %9 = zext.32 %8  ; 0..4294967295
  return %9
`);
});

import { expect, test } from "vitest";
import { assembly } from "../testing/assembly.ts";

/** A lookup, and the packet's length behind it; `readsOn`: a byte of the packet too. */
const counted = (readsOn: boolean) =>
  assembly((graph) => {
    const context = graph.add("context");
    const data = graph.add("load", [context], { size: 4, space: "context" });
    const end = graph.add("load", [context], { size: 4, offset: 4, space: "context" });
    const [found, none] = [graph.newBlock(), graph.newBlock()];
    const value = graph.add("call", [], { imm: 1n });
    graph.branch("eq", value, graph.constant(0), 64, none, found);
    graph.start(found);
    graph.add("store", [value, graph.add("sub", [end, data])], { space: "map" });
    graph.jump(none);
    graph.start(none);
    graph.return(readsOn ? graph.add("load", [data], { size: 1, space: "packet" }) : graph.constant(0));
  });

const savedIn = (lines: readonly string[]): readonly string[] => [
  ...new Set(lines.join(" ").match(/\br[6-9]\b/g) ?? []),
];

test("a length that is the last to ask for the packet's ends is taken before the call", () => {
  const lines = counted(false);
  expect(lines.findIndex((line) => line.includes("-="))).toBeLessThan(
    lines.findIndex((line) => line.startsWith("call")),
  );
  expect(savedIn(lines)).toHaveLength(1);
});

test("where the packet is read behind the call, the length stays where it is asked for", () => {
  const lines = counted(true);
  expect(lines.findIndex((line) => line.includes("-="))).toBeGreaterThan(
    lines.findIndex((line) => line.startsWith("call")),
  );
  expect(savedIn(lines)).toHaveLength(2);
});

import { describe, expect, test } from "vitest";
import { findNode } from "./lab-exec.ts";

const lab = (name: string, owner: object | null, ...nodes: string[]) => ({
  name,
  owner,
  nodes: nodes.map((node) => ({ node })),
});
const labs = [
  lab("demo-1", { pid: 1 }, "athos", "aramis"),
  lab("musketeers", null, "athos", "aramis"),
  lab("pair", null, "left", "right"),
  lab("other", null, "left"),
];

describe("the node that is meant", () => {
  test.each([
    ["athos", "musketeers", "athos"],
    ["demo-1-athos", "demo-1", "athos"],
    ["right", "pair", "right"],
    ["other-left", "other", "left"],
  ])("%s", (text, name, node) => expect(findNode(text, labs)).toEqual({ lab: name, node }));

  test("several are named", () =>
    expect(() => findNode("left", labs)).toThrow(
      expect.objectContaining({ hint: "say which: pair-left, other-left" }),
    ));

  test("none is refused", () => {
    expect(() => findNode("porthos", labs)).toThrow("no lab has a node porthos");
    expect(() => findNode("athos", [])).toThrow(expect.objectContaining({ hint: "build one first: hopmark lab up" }));
  });
});

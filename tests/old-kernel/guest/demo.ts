import assert from "node:assert/strict";
import type { PathObject, Summary } from "../../../src/follow/trace/index.ts";
import { labList } from "../../../src/lab/index.ts";
import { listPins } from "../../../src/bpf/pin/registry.ts";
import { hopmarkLines } from "./command.ts";

/** The first thing that people run: all paths whole, nothing lost, nothing left. */
export const demo = (): string => {
  const lines = hopmarkLines("demo", "--seconds", "1") as (PathObject | Summary)[];
  const paths = lines.filter((line) => line.type === "path");
  const summary = lines.at(-1);
  assert.equal(summary?.type, "summary");
  assert.ok(paths.length > 10, `only ${paths.length} paths`);
  for (const path of paths) {
    const nodes = path.hops.map(({ node }) => node).join(" ");
    const times = path.hops.map(({ timestampNs }) => BigInt(timestampNs ?? 0));
    const areInOrder = times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n));
    if (nodes !== "athos porthos aramis" || !areInOrder) assert.fail(JSON.stringify(path));
  }
  assert.equal(summary.lost, 0, JSON.stringify(summary));
  assert.deepEqual([labList(), listPins()], [[], []]);
  return `${summary.received} traces received, ${paths.length} shown, none lost`;
};

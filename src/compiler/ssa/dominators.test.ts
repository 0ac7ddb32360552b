import { expect, it } from "vitest";
import { random } from "../backend/testing/random.ts";
import { dominators } from "./dominators.ts";
import { Block } from "./ir.ts";

/** A graph of `count` blocks with up to two ways on from each, back edges and unreachable blocks included. */
const graph = (seed: number, count: number): Block[] => {
  const { below, once } = random(seed);
  const blocks = Array.from({ length: count }, (_, id) => new Block(id));
  blocks.forEach((block, i) => {
    for (let ways = below(3); ways > 0; ways--) {
      const target = once(3) ? below(count - 1) + 1 : Math.min(count - 1, i + 1 + below(3));
      block.successors.push(blocks[target]!);
      blocks[target]!.predecessors.push(block);
    }
  });
  return blocks;
};

const reachable = (entry: Block, without: Block | null): Set<Block> => {
  const seen = new Set<Block>();
  const work = entry === without ? [] : [entry];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (seen.has(block)) continue;
    seen.add(block);
    work.push(...block.successors.filter((each) => each !== without));
  }
  return seen;
};

it("a block dominates what cannot be reached without it", () => {
  for (let seed = 0; seed < 300; seed++) {
    const blocks = graph(seed, 4 + (seed % 12));
    const [entry] = blocks as [Block];
    const tree = dominators(entry);
    const all = reachable(entry, null);
    expect(new Set(tree.preorder)).toEqual(all);
    for (const by of all) {
      const others = reachable(entry, by);
      for (const block of all) {
        expect(tree.dominates(by, block), `seed ${seed}: ${by.id} over ${block.id}`).toBe(!others.has(block));
      }
    }
    tree.preorder.forEach((block, i) => {
      const parent = tree.parent[block.id];
      if (parent !== undefined) expect(tree.preorder.indexOf(parent)).toBeLessThan(i);
    });
  }
});

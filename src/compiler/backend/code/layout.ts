/**
 * Puts code blocks in line so that the likely way on falls through: a jump that is taken costs the machine as much as four
 * or five other instructions. Of ways equally likely, the one that comes first in the blocks' order; where ways meet, the
 * one that most runs come by goes on without a jump, and others get short endings of their own.
 */
import { IdMap, IdSet } from "../../ssa/by-id.ts";
import type { CodeBlock } from "./code.ts";
import { EndRepeater } from "./repeat-ends.ts";

export const layoutBlocks = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  const place = new IdMap<CodeBlock, number>();
  blocks.forEach((block, i) => place.set(block, i));
  const heirs = likelyJumps(blocks);
  const placed = new IdSet<CodeBlock>();
  const order: CodeBlock[] = [];
  const repeater = new EndRepeater(blocks);
  for (const first of blocks) {
    let at: CodeBlock | undefined = first;
    while (at !== undefined && placed.add(at)) {
      order.push(at);
      const next: CodeBlock | undefined = waysOn(at, place, heirs).find((each) => !placed.has(each));
      if (next === undefined) order.push(...repeater.endFor(at));
      at = next;
    }
  }
  return order;
};

/** Of the blocks that jump to a block, the one that runs most often. */
const likelyJumps = (blocks: readonly CodeBlock[]): IdMap<CodeBlock, CodeBlock> => {
  const heirs = new IdMap<CodeBlock, CodeBlock>();
  for (const block of blocks) {
    if (block.end.kind !== "jump") continue;
    const { target } = block.end;
    if (block.frequency > (heirs.get(target)?.frequency ?? -1)) heirs.set(target, block);
  }
  return heirs;
};

/** The likelier one first. */
const waysOn = (block: CodeBlock, place: IdMap<CodeBlock, number>, heirs: IdMap<CodeBlock, CodeBlock>): CodeBlock[] => {
  const { end } = block;
  if (end.kind === "exit") return [];
  if (end.kind === "jump") return heirs.get(end.target) === block ? [end.target] : [];
  const { taken, otherwise, chance } = end;
  const isTakenFirst = chance === 0.5 ? place.get(taken)! < place.get(otherwise)! : chance > 0.5;
  return isTakenFirst ? [taken, otherwise] : [otherwise, taken];
};

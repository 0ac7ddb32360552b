/** Which real registers are read before they are written, from the start of each block on. */
import { IdMap, IdSet } from "../../ssa/by-id.ts";
import { type CodeBlock, targetsOf } from "./code.ts";
import { readsAtEnd, readsOf, writesOf } from "./effects.ts";

/** Masks with bit n for register n. */
export const liveAtStart = (blocks: readonly CodeBlock[]): IdMap<CodeBlock, number> => {
  const reads = new IdMap<CodeBlock, number>();
  const live = new IdMap<CodeBlock, number>();
  const writes = new IdMap<CodeBlock, number>();
  const before = new IdMap<CodeBlock, CodeBlock[]>();
  for (const block of blocks) {
    let read = 0;
    let written = 0;
    for (const word of block.words) {
      read |= readsOf(word) & ~written;
      written |= writesOf(word);
    }
    read |= readsAtEnd(block) & ~written;
    reads.set(block, read);
    live.set(block, read);
    writes.set(block, written);
    for (const target of targetsOf(block)) {
      const list = before.get(target);
      if (list === undefined) before.set(target, [block]);
      else list.push(block);
    }
  }
  const work = [...blocks];
  const waiting = new IdSet<CodeBlock>();
  for (const block of work) waiting.add(block);
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    waiting.delete(block);
    let after = 0;
    for (const target of targetsOf(block)) after |= live.get(target)!;
    const now = reads.get(block)! | (after & ~writes.get(block)!);
    if (now === live.get(block)) continue;
    live.set(block, now);
    for (const each of before.get(block) ?? []) {
      if (waiting.add(each)) work.push(each);
    }
  }
  return live;
};

/** Which real registers are read before they are written, from the start of each block on. */
import { type CodeBlock, targetsOf } from "./code.ts";
import { readsAtEnd, readsOf, writesOf } from "./effects.ts";

/** Masks with bit n for register n. */
export const liveAtStart = (blocks: readonly CodeBlock[]): Map<CodeBlock, number> => {
  const reads = new Map<CodeBlock, number>();
  const writes = new Map<CodeBlock, number>();
  const before = new Map<CodeBlock, CodeBlock[]>();
  for (const block of blocks) {
    let read = 0;
    let written = 0;
    for (const word of block.words) {
      read |= readsOf(word) & ~written;
      written |= writesOf(word);
    }
    reads.set(block, read | (readsAtEnd(block) & ~written));
    writes.set(block, written);
    for (const target of targetsOf(block)) {
      const list = before.get(target);
      if (list === undefined) before.set(target, [block]);
      else list.push(block);
    }
  }
  const live = new Map<CodeBlock, number>(reads);
  const work = [...blocks];
  const waiting = new Set(work);
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    waiting.delete(block);
    let after = 0;
    for (const target of targetsOf(block)) after |= live.get(target)!;
    const now = reads.get(block)! | (after & ~writes.get(block)!);
    if (now === live.get(block)) continue;
    live.set(block, now);
    for (const each of before.get(block) ?? []) {
      if (waiting.has(each)) continue;
      waiting.add(each);
      work.push(each);
    }
  }
  return live;
};

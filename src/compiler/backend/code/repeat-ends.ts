/**
 * Repeats a short ending of the function behind a block that would jump to it: a jump less on the way out. Of what branches on the
 * way the likely side is repeated; the other stays where it is.
 */
import { type CodeBlock, targetsOf } from "./code.ts";

/** Instructions of an ending, and of all that are repeated. */
const LONGEST = 20;
const ALL = 80;
/** Of the runs of an ending, the share that come by one jump, below which size counts for more than that jump. */
const RARE = 0.2;

export class EndRepeater {
  #nextId: number;
  #left = ALL;

  constructor(blocks: readonly CodeBlock[]) {
    this.#nextId = blocks.reduce((most, { id }) => Math.max(most, id), 0) + 1;
  }

  /** Blocks to place behind this one, whose jump leads to the first of them now; none where it has no jump, or far to go. */
  endFor(block: CodeBlock): CodeBlock[] {
    if (block.end.kind !== "jump" || block.frequency < RARE * block.end.target.frequency) return [];
    const ending = endingFrom(block.end.target);
    if (ending === null || ending.length > this.#left) return [];
    this.#left -= ending.length;
    const copies = ending.blocks.map((each): CodeBlock => ({ ...each, id: this.#nextId++, words: [...each.words] }));
    copies.forEach((copy, at) => {
      const [original, next] = [ending.blocks[at + 1], copies[at + 1]];
      if (original === undefined || next === undefined) return;
      const { end } = copy;
      if (end.kind === "jump") copy.end = { ...end, target: next };
      else if (end.kind === "branch")
        copy.end = end.taken === original ? { ...end, taken: next } : { ...end, otherwise: next };
    });
    block.end = { ...block.end, target: copies[0]! };
    return copies;
  }
}

/** The likely way from a block to the function's end; null where it is long, or goes round. */
const endingFrom = (first: CodeBlock): { readonly blocks: readonly CodeBlock[]; readonly length: number } | null => {
  const blocks: CodeBlock[] = [];
  let length = 0;
  for (let at: CodeBlock | undefined = first; at !== undefined; at = likelyWay(at)) {
    length += at.words.length + 1;
    if (length > LONGEST || blocks.includes(at)) return null;
    blocks.push(at);
  }
  return { blocks, length };
};

const likelyWay = (block: CodeBlock): CodeBlock | undefined => {
  const [first, second] = targetsOf(block);
  return block.end.kind === "branch" && block.end.chance <= 0.5 ? second : first;
};

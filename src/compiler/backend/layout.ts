/**
 * Puts code blocks in line: empty ones disappear, the rest keep their order. A branch whose taken side comes next is
 * turned round.
 */
import type { CodeBlock } from "./code.ts";

export const layoutBlocks = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  for (const block of blocks) {
    const { end } = block;
    if (end.kind === "jump") {
      block.end = { ...end, target: through(end.target) };
    } else if (end.kind === "branch") {
      const taken = through(end.taken);
      const otherwise = through(end.otherwise);
      block.end =
        taken === otherwise ? { kind: "jump", target: taken, position: end.position } : { ...end, taken, otherwise };
    }
  }
  const reached = new Set<CodeBlock>([blocks[0]!]);
  const work = [blocks[0]!];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    for (const target of targets(block)) {
      if (reached.has(target)) continue;
      reached.add(target);
      work.push(target);
    }
  }
  return blocks.filter((block) => reached.has(block));
};

const targets = ({ end }: CodeBlock): readonly CodeBlock[] => {
  switch (end.kind) {
    case "jump":
      return [end.target];
    case "branch":
      return [end.taken, end.otherwise];
    case "exit":
      return [];
  }
};

/** Where a jump to this block ends up; a loop of empty blocks stays where it is. */
const through = (block: CodeBlock): CodeBlock => {
  let at = block;
  const path: CodeBlock[] = [];
  while (at.words.length === 0 && at.end.kind === "jump" && !path.includes(at) && path.length < 64) {
    path.push(at);
    at = at.end.target;
  }
  // The path is shortened for those who come later.
  for (const each of path) if (each.end.kind === "jump" && each !== at) each.end = { ...each.end, target: at };
  return at;
};

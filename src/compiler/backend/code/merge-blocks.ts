/** Keeps one of blocks that do the same and go on to the same place: moves into a phi, returns, counters of reasons. */
import { IdMap } from "../../ssa/by-id.ts";
import { type CodeBlock, redirect, targetsOf, type Word } from "./code.ts";

export const mergeBlocks = (blocks: readonly CodeBlock[]): CodeBlock[] => {
  const keptBy = new IdMap<CodeBlock, CodeBlock>();
  const byContent = new Map<string, CodeBlock>();
  const kept = (block: CodeBlock): CodeBlock => keptBy.get(block) ?? block;
  const result: CodeBlock[] = [];
  // From the back, so that what blocks lead to has been merged before them.
  for (let i = blocks.length - 1; i >= 0; i--) {
    const block = blocks[i]!;
    redirect(block, kept);
    const key = contentOf(block);
    const same = key === null ? undefined : byContent.get(key);
    if (same !== undefined && i > 0 && !isWorthTwo(block, same)) {
      keptBy.set(block, same);
      same.frequency += block.frequency;
      continue;
    }
    if (key !== null) byContent.set(key, block);
    result.push(block);
  }
  // Back edges lead to blocks that were merged later.
  for (const block of result) redirect(block, kept);
  return result.reverse();
};

/** Estimated runs of a block, per run of the function, below which its size counts for more than a jump to another. */
const RARE = 0.02;
/** What is shorter saves little by a jump less. */
const SHORTEST = 3;

/** The likely ways to the end of a function fall through to it, each to its own. */
const isWorthTwo = (block: CodeBlock, other: CodeBlock): boolean =>
  block.end.kind === "exit" && block.words.length >= SHORTEST && Math.min(block.frequency, other.frequency) > RARE;

/** Longer equal blocks are rare, and not worth comparing. */
const LONGEST = 16;

const contentOf = (block: CodeBlock): string | null => {
  const { words, end } = block;
  if (words.length > LONGEST || words.some(({ reference }) => reference !== null)) return null;
  const targets = targetsOf(block).map(({ id }) => id);
  const last =
    end.kind === "branch" ? `${end.condition} ${end.code} ${end.destination} ${end.source} ${end.immediate}` : end.kind;
  return `${words.map(textOf).join(";")} ${last} ${targets.join(" ")}`;
};

const textOf = ({ code, destination, source, offset, immediate, wide }: Word): string =>
  `${code},${destination},${source},${offset},${immediate},${wide}`;

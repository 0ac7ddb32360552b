/**
 * Moves what a branch's side only sets before it jumps on (a phi's argument, mostly a constant) in front of the branch:
 *
 *     if r1 == 0 goto A; r2 = 1; goto B; A: r2 = 0; B: ...   becomes   r2 = 0; if r1 == 0 goto B; r2 = 1; B: ...
 *
 * where the other side does not need the register's old value. A jump less for a move more.
 */
import type { IdMap } from "../../ssa/by-id.ts";
import { type CodeBlock, redirect, targetsOf, type Word } from "./code.ts";
import { readsAtEnd, readsOf, writesOf } from "./effects.ts";
import { liveAtStart } from "./liveness.ts";
import { LOAD_IMMEDIATE_64, MOVE, MOVE32_IMMEDIATE, MOVE_IMMEDIATE } from "../opcodes.ts";

export const hoistMoves = (blocks: readonly CodeBlock[]): void => {
  const live = liveAtStart(blocks);
  // From the back: a branch that has become a jump away from a merge makes room for the one before it.
  for (let i = blocks.length - 1; i >= 0; i--) {
    const block = blocks[i]!;
    if (block.end.kind !== "branch") continue;
    const { taken, otherwise } = block.end;
    // The other side may itself only set the register: either will do, the rarer one pays the jump.
    const sides = taken.frequency > otherwise.frequency ? [taken, otherwise] : [otherwise, taken];
    for (const side of sides) {
      if (!isMovable(side)) continue;
      const other = side === taken ? otherwise : taken;
      if (side.frequency * RARE < other.frequency || !isHarmless(side, other, readsAtEnd(block), live)) continue;
      block.words.push(...side.words);
      const target = targetsOf(side)[0]!;
      redirect(block, (each) => (each === side ? target : each));
      break;
    }
  }
};

/** How many times rarer a side may be for the move in front to be worth it. */
const RARE = 3;
const MOST = 2;

const isMovable = ({ words, end }: CodeBlock): boolean =>
  end.kind === "jump" && words.length > 0 && words.length <= MOST && words.every(isMove);

const isMove = ({ code, reference }: Word): boolean =>
  code === MOVE ||
  code === MOVE_IMMEDIATE ||
  code === MOVE32_IMMEDIATE ||
  (code === LOAD_IMMEDIATE_64 && reference === null);

const isHarmless = (
  side: CodeBlock,
  other: CodeBlock,
  readByBranch: number,
  live: IdMap<CodeBlock, number>,
): boolean => {
  let written = 0;
  for (const word of side.words) {
    written |= writesOf(word);
    // What the verifier learns at the branch about a register, it must still learn about its copy.
    if ((readsOf(word) & readByBranch) !== 0) return false;
  }
  return (written & (readByBranch | (live.get(other) ?? 0))) === 0;
};

/**
 * Turns moves that happen at once into moves one after the other. A move waits until nobody reads its target any more;
 * when all wait for each other, one value steps aside into a free register or, where there is none, into memory.
 * Exchanging by xor is no way out: the verifier does not follow pointers through it.
 */
import type { Rebuild } from "./machine.ts";

/** A register, 0 to 9, or {@link FIRST_SLOT} plus the number of a spill slot. */
export type Location = number;

export const FIRST_SLOT = 16;

export interface Move {
  readonly to: Location;
  readonly from: Location | Rebuild;
  /** A spill of a value that is compared later on: what the verifier learns then must reach the copy in memory. */
  readonly isLinked?: boolean;
}

/** What a sequence may use on the side. */
export interface Spare {
  /** A register that holds nothing before the moves and gets nothing by them, other than `except`, or -1. */
  readonly register: (except: Location) => number;
  /** A spill slot that nothing else uses: the first or the second such. */
  readonly slot: (index: 0 | 1) => Location;
}

export const sequenceMoves = (moves: readonly Move[], spare: Spare): Move[] => {
  const pending = moves.filter((move) => move.from !== move.to);
  if (pending.length < 2 && !pending.some(isThroughMemory)) return pending;
  const done: Move[] = [];
  const readers = new Map<Location, number>();
  for (const { from } of pending) if (typeof from === "number") readers.set(from, (readers.get(from) ?? 0) + 1);
  const waiting = new Map<Location, Move>(pending.map((move) => [move.to, move]));
  const ready = pending.filter((move) => !readers.has(move.to));
  let aside: Location = -1;

  const step = (move: Move): void => {
    waiting.delete(move.to);
    if (isThroughMemory(move)) done.push(...throughRegister(move, spare, waiting, aside));
    else done.push(move);
    const { from } = move;
    if (typeof from !== "number") return;
    const left = readers.get(from)! - 1;
    readers.set(from, left);
    if (left > 0) return;
    readers.delete(from);
    const next = waiting.get(from);
    if (next !== undefined) ready.push(next);
  };

  while (waiting.size > 0) {
    // Registers are set before memory is read into others, and constants last: they read nothing.
    const move = ready.pop();
    if (move !== undefined) {
      step(move);
      continue;
    }
    // Only cycles are left. The value that is about to be overwritten moves aside, and its reader reads it there.
    const [blocked] = waiting.values();
    const register = spare.register(-1);
    aside = register >= 0 ? register : spare.slot(0);
    const reader = [...waiting.values()].find((each) => each.from === blocked!.to)!;
    const save = { to: aside, from: blocked!.to };
    if (isThroughMemory(save)) done.push(...throughRegister(save, spare, waiting, aside));
    else done.push(save);
    waiting.set(reader.to, { to: reader.to, from: aside });
    readers.delete(blocked!.to);
    readers.set(aside, 1);
    ready.push(blocked!);
  }
  return done;
};

/** Memory to memory, or something to memory that no single instruction can write. */
const isThroughMemory = ({ to, from }: Move): boolean => {
  if (to < FIRST_SLOT) return false;
  if (typeof from === "number") return from >= FIRST_SLOT;
  return from.kind !== "const" || BigInt.asIntN(32, from.value) !== from.value;
};

const throughRegister = (move: Move, spare: Spare, waiting: ReadonlyMap<Location, Move>, aside: Location): Move[] => {
  let register = spare.register(aside);
  if (register < 0) {
    // One that is set later and read no more is as good as free.
    const read = new Set([...waiting.values()].map((each) => each.from));
    register = [...waiting.keys()].find((to) => to < FIRST_SLOT && !read.has(to)) ?? -1;
  }
  if (register >= 0) {
    return [
      { to: register, from: move.from },
      { to: move.to, from: register },
    ];
  }
  const saved = spare.slot(1);
  return [
    { to: saved, from: 0 },
    { to: 0, from: move.from },
    { to: move.to, from: 0 },
    { to: 0, from: saved },
  ];
};

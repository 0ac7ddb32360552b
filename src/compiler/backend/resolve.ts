/**
 * Finds the moves that connect the pieces of split intervals and carry values into phis, and gives spilled values their
 * slots. A value never changes, so its slot is written once: at the definition or, when that is cheaper, where it leaves
 * its register.
 */
import type { Intervals } from "./build-intervals.ts";
import { comparedValues } from "./compared-values.ts";
import { type Interval, MEMORY } from "./interval.ts";
import type { Allocation } from "./linear-scan.ts";
import { type MachineFunction, type Operand, type Rebuild, Virtual } from "./machine.ts";
import { FIRST_SLOT, type Location, type Move } from "./parallel-move.ts";
import { assignSpillSlots } from "./spill-slots.ts";

export interface Resolution {
  /** By instruction index: moves before the instruction reads, and, in one with a call's arguments, after. */
  readonly before: readonly (Move[] | undefined)[];
  readonly during: readonly (Move[] | undefined)[];
  /** By block id: moves of the edge into a block with one predecessor, and out of one with one successor. */
  readonly atStart: readonly (Move[] | undefined)[];
  readonly atEnd: readonly (Move[] | undefined)[];
  readonly spillSlots: number;
  readonly locate: (operand: Operand, position: number) => Location | Rebuild;
}

const SEVERAL = 0.75;

interface Store {
  readonly from: Interval;
  readonly list: Move[];
  readonly move: Move;
  readonly frequency: number;
}

/** How a value gets from piece to piece. */
interface Ways {
  readonly onward: Map<Interval, Interval[]>;
  readonly stores: Store[];
}

export const resolve = (fn: MachineFunction, intervals: Intervals, { pieces }: Allocation): Resolution => {
  // Filled from the start: what V8 finds by hash in an array full of holes.
  const before = intervals.instructions.map((): Move[] | undefined => undefined);
  const during = intervals.instructions.map((): Move[] | undefined => undefined);
  const byBlock = fn.blocks.reduce((most, { id }) => Math.max(most, id), 0) + 1;
  const atStart = Array.from({ length: byBlock }, (): Move[] | undefined => undefined);
  const atEnd = Array.from({ length: byBlock }, (): Move[] | undefined => undefined);
  const slots = assignSpillSlots(fn, pieces);
  const ways = new Map<Virtual, Ways>();
  const compared = comparedValues(fn);

  const place = (virtual: Virtual, interval: Interval): Location | Rebuild => {
    if (interval.location !== MEMORY) return interval.location;
    return virtual.rebuild ?? FIRST_SLOT + slots.slotOf[virtual.id]!;
  };
  const locate = (operand: Operand, position: number): Location | Rebuild =>
    operand instanceof Virtual ? place(operand, pieceAt(pieces[operand.id]!, position)) : operand;
  const { first, starts } = startsOf(pieces);
  /** By virtual register: which piece was found last. Blocks are in order, and so are most of their predecessors. */
  const lastFound = first.slice();
  /** A place in the list of all pieces. */
  const pieceNear = (virtual: number, position: number): number => {
    const near = lastFound[virtual]!;
    if (starts[near]! <= position && (near + 1 === first[virtual + 1] || starts[near + 1]! > position)) return near;
    const found = first[virtual]! + indexAt(pieces[virtual]!, position);
    lastFound[virtual] = found;
    return found;
  };

  /** Whether a value that is stored at `position` may be compared after that, and read back from memory after that. */
  const isLinked = (virtual: Virtual, position: number): boolean => {
    const comparisons = compared.get(virtual);
    if (comparisons === undefined) return false;
    const lastPiece = pieces[virtual.id]!.findLast(({ location }) => location !== MEMORY)!;
    if (intervals.blockAt[position >> 1]!.loop !== null) return true;
    return comparisons.some((each) => each > position && each < lastPiece.start);
  };

  /** Between two pieces of one value. */
  const connect = (moves: Move[], virtual: Virtual, from: Interval, to: Interval, frequency: number): void => {
    let known = ways.get(virtual);
    if (known === undefined) {
      known = { onward: new Map(), stores: [] };
      ways.set(virtual, known);
    }
    const list = known.onward.get(from);
    if (list === undefined) known.onward.set(from, [to]);
    else list.push(to);
    if (from.location === to.location) return;
    const target = place(virtual, to);
    if (typeof target !== "number") return;
    const move = { to: target, from: place(virtual, from), isLinked: isLinked(virtual, to.start) };
    if (to.location === MEMORY) known.stores.push({ from, list: moves, move, frequency });
    else moves.push(move);
  };

  for (const list of pieces) {
    for (let i = 1; i < list.length; i++) {
      const from = list[i - 1]!;
      const to = list[i]!;
      const block = intervals.blockAt[to.start >> 1]!;
      if (from.end !== to.start || to.start === block.from) continue;
      const moves = ((to.start & 1) === 0 ? before : during)[to.start >> 1] ?? [];
      ((to.start & 1) === 0 ? before : during)[to.start >> 1] = moves;
      connect(moves, to.virtual, from, to, block.frequency);
    }
  }
  for (const block of fn.blocks) {
    const liveFrom = intervals.liveFrom[block.id]!;
    const liveTo = intervals.liveFrom[block.id + 1]!;
    for (let edge = 0; edge < block.predecessors.length; edge++) {
      const predecessor = block.predecessors[edge]!;
      const moves: Move[] = [];
      if (predecessor.successors.length === 1) atEnd[predecessor.id] = moves;
      else atStart[block.id] = moves;
      const frequency = Math.min(predecessor.frequency, block.frequency);
      for (let i = liveFrom; i < liveTo; i++) {
        const virtual = intervals.live[i]!;
        const own = first[virtual]!;
        if (first[virtual + 1]! - own === 1) continue;
        const from = pieceNear(virtual, predecessor.to - 1);
        const to = pieceNear(virtual, block.from);
        if (from === to) continue;
        const list = pieces[virtual]!;
        connect(moves, list[to - own]!.virtual, list[from - own]!, list[to - own]!, frequency);
      }
      for (const phi of block.phis) {
        const to = locate(phi.result, block.from);
        if (typeof to === "number") moves.push({ to, from: locate(phi.args[edge]!, predecessor.to - 1) });
      }
    }
  }
  for (const [virtual, { onward, stores }] of ways) {
    if (stores.length === 0) continue;
    const unsaved = unsavedPieces(pieces[virtual.id]![0]!, onward);
    placeStores(
      virtual,
      stores.filter((store) => unsaved.has(store.from)),
    );
  }

  function placeStores(virtual: Virtual, list: readonly Store[]): void {
    if (list.length === 0) return;
    const position = pieces[virtual.id]![0]!.start;
    const from = locate(virtual, position);
    if (from === list[0]!.move.to) return; // defined in memory
    let cost = 0;
    for (const { frequency } of list) cost += frequency;
    // One store is better than several that together run hardly less often.
    if (cost < virtual.block.frequency * (list.length > 1 ? SEVERAL : 1)) {
      for (const store of list) store.list.push(store.move);
    } else {
      const index = (position >> 1) + 1;
      (before[index] ??= []).push({ to: list[0]!.move.to, from, isLinked: isLinked(virtual, position) });
    }
  }
  return { before, during, atStart, atEnd, spillSlots: slots.count, locate };
};

/** Where all pieces start, value after value, and by virtual register where its own are among them. */
const startsOf = (pieces: readonly Interval[][]): { readonly first: Int32Array; readonly starts: Int32Array } => {
  const first = new Int32Array(pieces.length + 1);
  for (let virtual = 0; virtual < pieces.length; virtual++)
    first[virtual + 1] = first[virtual]! + pieces[virtual]!.length;
  const starts = new Int32Array(first[pieces.length]!);
  for (let virtual = 0; virtual < pieces.length; virtual++) {
    const list = pieces[virtual]!;
    for (let i = 0; i < list.length; i++) starts[first[virtual]! + i] = list[i]!.start;
  }
  return { first, starts };
};

/** Pieces in registers that some way from the definition reaches without the value having been in memory. */
const unsavedPieces = (first: Interval, onward: Ways["onward"]): Set<Interval> => {
  const unsaved = new Set<Interval>();
  const work = [first];
  for (let piece = work.pop(); piece !== undefined; piece = work.pop()) {
    if (piece.location === MEMORY || unsaved.has(piece)) continue;
    unsaved.add(piece);
    work.push(...(onward.get(piece) ?? []));
  }
  return unsaved;
};

/** The piece that covers the position, or the last that starts at or before it. */
const pieceAt = (pieces: readonly Interval[], position: number): Interval => pieces[indexAt(pieces, position)]!;

const indexAt = (pieces: readonly Interval[], position: number): number => {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (pieces[middle]!.start <= position) low = middle;
    else high = middle - 1;
  }
  return low;
};

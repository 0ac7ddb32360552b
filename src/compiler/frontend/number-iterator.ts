/**
 * The kernel's number iterator (`bpf_iter_num`, kernel/bpf/bpf_iter.c) behind `range()`: 8 bytes on the stack between
 * `new` and `destroy`. The verifier wants it destroyed exactly once on every path, also when `new` refused its bounds.
 */
import type { Node, StackSlot } from "../ssa/ir.ts";
import type { Unit } from "./unit.ts";

export interface NumberIterator {
  /** Blocks of the program so far: those that come are the loop's. */
  readonly blocksBefore: number;
  readonly slot: StackSlot;
  readonly mostRounds: bigint;
  /** 0, of which the verifier knows nothing: what is added to it is unknown, too. */
  readonly unknownZero: Node;
}

const ITERATOR_BYTES = 8;

export const openIterator = (unit: Unit, from: Node, to: Node, mostRounds: bigint): NumberIterator => {
  const { builder } = unit;
  const slot = unit.acquireSlot(ITERATOR_BYTES, "the iterator of a range");
  const result = builder.kfunc("bpf_iter_num_new", [builder.slotPointer(slot), from, to]);
  const iterator = {
    blocksBefore: builder.fn.blocks.length,
    slot,
    mostRounds,
    unknownZero: builder.hide(builder.constant(0), result),
  };
  unit.iterators.push(iterator);
  return iterator;
};

/** The address of the next number, or null. */
export const nextNumber = (unit: Unit, { slot }: NumberIterator): Node =>
  unit.builder.kfunc("bpf_iter_num_next", [unit.builder.slotPointer(slot)]);

/** On one way out of the loop. */
export const destroyIterator = ({ builder }: Unit, { slot }: NumberIterator): void =>
  void builder.kfunc("bpf_iter_num_destroy", [builder.slotPointer(slot)]);

/** Behind the loop, where all ways out of it that stay in the function have met. */
export const closeIterator = (unit: Unit, iterator: NumberIterator): void => {
  if (unit.builder.reachable) {
    destroyIterator(unit, iterator);
    pinInvariants(unit, iterator);
  }
  unit.iterators.pop();
  unit.releaseSlot(iterator.slot);
};

/**
 * Where two rounds differ, the verifier forgets what it knew of numbers that nothing has needed yet, those from before the
 * loop included, and may then miss it in the rounds to come. It looks behind the loop before it looks into it, so a need there
 * comes in time.
 */
const pinInvariants = ({ builder }: Unit, { blocksBefore }: NumberIterator): void => {
  const blocks = new Set(builder.fn.blocks.slice(blocksBefore));
  const used = new Set<Node>();
  for (const { nodes } of blocks) for (const { args } of nodes) for (const arg of args) used.add(arg);
  for (const node of used) if (!blocks.has(node.block)) builder.pin(node);
};

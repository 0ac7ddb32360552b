/** Gives values that live in memory their 8-byte slots: values whose lives do not meet share one, phis and their arguments first. */
import { type Interval, MEMORY } from "./interval.ts";
import { type MachineFunction, Virtual } from "./machine.ts";

export interface SpillSlots {
  /** By virtual register. */
  readonly slotOf: readonly (number | undefined)[];
  readonly count: number;
}

export const assignSpillSlots = (fn: MachineFunction, pieces: readonly Interval[][]): SpillSlots => {
  const spilled = fn.virtuals.filter(
    ({ id, rebuild }) => rebuild === null && pieces[id]!.some(({ location }) => location === MEMORY),
  );
  if (spilled.length === 0) return { slotOf: [], count: 0 };
  const related = phiRelations(fn);
  const start = ({ id }: Virtual): number => pieces[id]![0]!.start;
  spilled.sort((a, b) => start(a) - start(b));
  const slotOf: number[] = [];
  const busyUntil: number[] = [];
  for (const virtual of spilled) {
    const from = start(virtual);
    const isFree = (slot: number | undefined): slot is number => slot !== undefined && busyUntil[slot]! <= from;
    let slot = related
      .get(virtual)
      ?.map(({ id }) => slotOf[id])
      .find(isFree);
    slot ??= busyUntil.findIndex((until) => until <= from);
    if (slot < 0) slot = busyUntil.length;
    slotOf[virtual.id] = slot;
    busyUntil[slot] = pieces[virtual.id]!.at(-1)!.end;
  }
  return { slotOf, count: busyUntil.length };
};

const phiRelations = (fn: MachineFunction): Map<Virtual, Virtual[]> => {
  const related = new Map<Virtual, Virtual[]>();
  const relate = (a: Virtual, b: Virtual): void => {
    const list = related.get(a);
    if (list === undefined) related.set(a, [b]);
    else list.push(b);
  };
  for (const { phis } of fn.blocks) {
    for (const { result, args } of phis) {
      for (const arg of args) {
        if (!(arg instanceof Virtual)) continue;
        relate(result, arg);
        relate(arg, result);
      }
    }
  }
  return related;
};

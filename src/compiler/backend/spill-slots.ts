/** Gives values that live in memory their 8-byte slots: values whose lives do not meet share one, phis and their arguments first. */
import { Interval, MEMORY, NEVER } from "./interval.ts";
import { type MachineFunction, Virtual } from "./machine.ts";
import { Timeline } from "./timeline.ts";

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
  const slots: Timeline[] = [];
  for (const virtual of spilled) {
    const life = wholeLife(virtual, pieces[virtual.id]!);
    const isFree = (slot: number): boolean => slots[slot]!.firstConflict(life) === NEVER;
    const known = related.get(virtual)?.map(({ id }) => slotOf[id]) ?? [];
    let slot = known.find((each) => each !== undefined && isFree(each)) ?? slots.findIndex((_, each) => isFree(each));
    if (slot < 0) slot = slots.push(new Timeline()) - 1;
    slotOf[virtual.id] = slot;
    slots[slot]!.add(life);
  }
  return { slotOf, count: slots.length };
};

/** The slot is the value's wherever it lives, in registers too: it is written once and stays valid. */
const wholeLife = (virtual: Virtual, pieces: readonly Interval[]): Interval => {
  const life = new Interval(virtual);
  for (const { starts, ends } of pieces) {
    life.starts.push(...starts);
    life.ends.push(...ends);
  }
  return life;
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

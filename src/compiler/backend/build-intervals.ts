/** Numbers a function's instructions and finds the live interval of each virtual register, and the registers that calls take. */
import { firstAbove, Interval, USE_ANYWHERE, USE_IN_REGISTER } from "./interval.ts";
import { computeLiveness, type Liveness } from "./liveness.ts";
import { type Instruction, type MachineBlock, type MachineFunction, Virtual } from "./machine.ts";
import { CLOBBERED, REGISTERS } from "./opcodes.ts";
import { Timeline } from "./timeline.ts";

export interface Intervals extends Liveness {
  /** By virtual register. */
  readonly intervals: readonly Interval[];
  /** By register: when instructions themselves use or destroy it. */
  readonly fixed: readonly Timeline[];
  /** Instructions by index; null at the start of a block. */
  readonly instructions: readonly (Instruction | null)[];
  /** The block at each index. */
  readonly blockAt: readonly MachineBlock[];
}

export const buildIntervals = (fn: MachineFunction): Intervals => {
  const instructions: (Instruction | null)[] = [];
  const blockAt: MachineBlock[] = [];
  for (const block of fn.blocks) {
    block.from = instructions.length * 2;
    instructions.push(null);
    blockAt.push(block);
    for (const instruction of block.instructions) {
      instruction.index = instructions.length;
      instructions.push(instruction);
      blockAt.push(block);
    }
    block.to = instructions.length * 2;
  }
  const liveness = computeLiveness(fn);
  const intervals = fn.virtuals.map((virtual) => new Interval(virtual));
  for (let i = fn.blocks.length - 1; i >= 0; i--) walkBlock(fn.blocks[i]!, liveness, intervals);
  for (const interval of intervals) {
    interval.starts.reverse();
    interval.ends.reverse();
    interval.uses.reverse();
    interval.needs.reverse();
  }
  for (const loop of fn.loops) noteLoopEnd(loop.header, loop.last, liveness, intervals);
  return { ...liveness, intervals, fixed: fixedRanges(fn), instructions, blockAt };
};

/** Ranges and uses are collected backwards, and turned round at the end. */
const walkBlock = (block: MachineBlock, { live, liveFrom }: Liveness, intervals: readonly Interval[]): void => {
  for (const successor of block.successors) {
    const end = liveFrom[successor.id + 1]!;
    for (let i = liveFrom[successor.id]!; i < end; i++) addRange(intervals[live[i]!]!, block.from, block.to);
    for (const phi of successor.phis) {
      const arg = phi.args[block.edge]!;
      if (!(arg instanceof Virtual)) continue;
      addRange(intervals[arg.id]!, block.from, block.to);
      addUse(intervals[arg.id]!, block.to - 1, USE_ANYWHERE);
    }
  }
  for (let i = block.instructions.length - 1; i >= 0; i--) {
    const instruction = block.instructions[i]!;
    const position = instruction.index * 2;
    if (instruction.result !== null) {
      const anywhere = instruction.kind === "take";
      define(intervals[instruction.result.id]!, position + 1, anywhere ? USE_ANYWHERE : USE_IN_REGISTER);
    }
    const read = (virtual: Virtual, need: number, late: boolean): void => {
      const interval = intervals[virtual.id]!;
      addRange(interval, block.from, late ? position + 2 : position + 1);
      if (late) addUse(interval, position + 1, need);
      addUse(interval, position, need);
    };
    const { left, right, base, kind } = instruction;
    // A tied left operand is copied into the result, so the others must still be readable after that.
    const tied = kind === "fetch" || (kind === "alu" && right !== null && !instruction.commutative);
    if (right !== null) read(right, USE_IN_REGISTER, tied || kind === "compareExchange");
    if (base !== null) read(base, USE_IN_REGISTER, tied || kind === "compareExchange");
    if (left instanceof Virtual) {
      const copied =
        kind === "return" || kind === "give" || kind === "fetch" || (kind === "alu" && !instruction.commutative);
      read(left, copied ? USE_ANYWHERE : USE_IN_REGISTER, false);
    }
    for (const arg of instruction.args) if (arg instanceof Virtual) read(arg, USE_ANYWHERE, false);
  }
  for (const phi of block.phis) define(intervals[phi.result.id]!, block.from, USE_ANYWHERE);
};

const addRange = (interval: Interval, from: number, to: number): void => {
  const last = interval.starts.length - 1;
  if (last >= 0 && interval.starts[last]! <= to) {
    if (from < interval.starts[last]!) interval.starts[last] = from;
    if (to > interval.ends[last]!) interval.ends[last] = to;
  } else {
    interval.starts.push(from);
    interval.ends.push(to);
  }
};

const addUse = (interval: Interval, position: number, need: number): void => {
  const last = interval.uses.length - 1;
  if (last >= 0 && interval.uses[last] === position) {
    interval.needs[last] = Math.max(interval.needs[last]!, need);
  } else if (last >= 0 && interval.uses[last]! < position) {
    // An early and a late use by one instruction, met in the wrong order.
    const before = interval.uses.pop()!;
    const beforeNeed = interval.needs.pop()!;
    addUse(interval, position, need);
    addUse(interval, before, beforeNeed);
  } else {
    interval.uses.push(position);
    interval.needs.push(need);
  }
};

const define = (interval: Interval, position: number, need: number): void => {
  const last = interval.starts.length - 1;
  if (last >= 0) interval.starts[last] = position;
  else addRange(interval, position, position + 1);
  addUse(interval, position, need);
};

/**
 * What lives around a loop and is used in it is wanted again when the loop comes round, although no use follows in the
 * order of positions: without this note it would be the first to lose its register.
 */
const noteLoopEnd = (
  header: MachineBlock,
  last: MachineBlock,
  { live, liveFrom }: Liveness,
  intervals: readonly Interval[],
): void => {
  const position = last.to - 1;
  for (let i = liveFrom[header.id]!; i < liveFrom[header.id + 1]!; i++) {
    const interval = intervals[live[i]!]!;
    if (interval.nextUse(header.from) >= position || !interval.covers(position)) continue;
    const index = firstAbove(interval.uses, position - 1);
    interval.uses.splice(index, 0, position);
    interval.needs.splice(index, 0, USE_ANYWHERE);
  }
};

const fixedRanges = (fn: MachineFunction): Timeline[] => {
  const fixed = Array.from({ length: REGISTERS }, () => new Timeline());
  const block = (register: number, from: number, to: number): void => fixed[register]!.append(from, to);
  for (const each of fn.blocks) {
    const list = each.instructions;
    for (let i = 0; i < list.length; i++) {
      const instruction = list[i]!;
      const position = instruction.index * 2;
      const next = list[i + 1];
      if (instruction.kind === "call") {
        // The result waits in r0 until it is taken.
        block(0, position + 1, next?.kind === "take" ? position + 3 : position + 2);
        for (let register = 1; register < CLOBBERED; register++) block(register, position + 1, position + 2);
      } else if (instruction.kind === "give") {
        // Give, compare and exchange, take.
        block(0, position + 1, position + 5);
      } else if (instruction.kind === "take" && instruction.register > 0) {
        // An argument, which waits from the function's start on.
        block(instruction.register, each.from, position + 1);
      }
    }
  }
  return fixed;
};

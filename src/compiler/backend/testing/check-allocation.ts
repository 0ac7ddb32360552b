/**
 * Follows values through registers and spill slots, by every path, and checks that each use finds its own value where
 * the allocation says it is. Knows nothing of how the allocation came about.
 */
import {
  type Instruction,
  type MachineBlock,
  type MachineFunction,
  type Operand,
  type Rebuild,
  Virtual,
} from "../machine.ts";
import { CLOBBERED } from "../opcodes.ts";
import type { Location, Move } from "../parallel-move.ts";
import type { Resolution } from "../resolve.ts";

/** What each place holds; places with different things on different paths are left out. */
type Contents = Map<Location, Operand>;

/** What is wrong, in words; empty when nothing is. */
export const checkAllocation = (fn: MachineFunction, resolution: Resolution): string[] => {
  const checker = new Checker(resolution);
  const atStart = new Map<MachineBlock, Contents>([[fn.blocks[0]!, new Map<Location, Operand>()]]);
  const work = new Set(fn.blocks.slice(0, 1));
  for (const block of work) {
    work.delete(block);
    const contents = new Map(atStart.get(block)!);
    checker.block(block, contents);
    for (const successor of block.successors) {
      const after = checker.edge(block, successor, contents);
      const known = atStart.get(successor);
      if (known === undefined) {
        atStart.set(successor, after);
      } else {
        const before = known.size;
        for (const [place, value] of known) if (after.get(place) !== value) known.delete(place);
        if (known.size === before) continue;
      }
      work.add(successor);
    }
  }
  return [...checker.faults];
};

class Checker {
  readonly faults = new Set<string>();
  readonly #resolution: Resolution;

  constructor(resolution: Resolution) {
    this.#resolution = resolution;
  }

  block(block: MachineBlock, contents: Contents): void {
    const { before, during, atEnd } = this.#resolution;
    for (const instruction of block.instructions) {
      move(contents, before[instruction.index] ?? []);
      if (instruction.kind === "jump") move(contents, atEnd[block.id] ?? []);
      this.#reads(instruction, contents);
      const also = during[instruction.index] ?? [];
      if (instruction.kind === "give") {
        const from = this.#resolution.locate(instruction.left!, instruction.index * 2);
        move(contents, [...also, { to: 0, from }]);
      } else {
        move(contents, also);
      }
      this.#writes(instruction, contents);
    }
  }

  edge(from: MachineBlock, to: MachineBlock, contents: Contents): Contents {
    const after = new Map(contents);
    if (from.successors.length > 1) move(after, this.#resolution.atStart[to.id] ?? []);
    const edge = to.predecessors.indexOf(from);
    for (const phi of to.phis) {
      const place = this.#resolution.locate(phi.result, to.from);
      if (typeof place === "number") this.#expect(after, place, phi.args[edge]!, `the phi of v${phi.result.id}`);
    }
    for (const phi of to.phis) {
      const place = this.#resolution.locate(phi.result, to.from);
      if (typeof place === "number") after.set(place, phi.result);
    }
    return after;
  }

  #reads(instruction: Instruction, contents: Contents): void {
    const { left, right, base, args, index } = instruction;
    for (const operand of [left, right, base, ...args]) {
      if (!(operand instanceof Virtual)) continue;
      const place = this.#resolution.locate(operand, index * 2);
      if (typeof place === "number") this.#expect(contents, place, operand, `${instruction.kind} ${index}`);
      else if (place !== operand.rebuild)
        this.faults.add(`${instruction.kind} ${index} makes something else of v${operand.id}`);
    }
  }

  #writes(instruction: Instruction, contents: Contents): void {
    const { kind, result, index, left, right, base } = instruction;
    if (kind === "call") for (let register = 0; register < CLOBBERED; register++) contents.delete(register);
    if (kind === "compareExchange") contents.delete(0);
    if (result === null) return;
    const place = this.#resolution.locate(result, index * 2 + 1);
    if (typeof place !== "number") {
      this.faults.add(`v${result.id} is defined nowhere`);
      return;
    }
    // The left operand is copied to the result's place before the others are read.
    const copies = (kind === "alu" && !instruction.commutative) || kind === "fetch";
    for (const other of copies ? [right, base] : []) {
      if (other !== null && other !== left && this.#resolution.locate(other, index * 2) === place) {
        this.faults.add(`${kind} ${index} overwrites v${other.id} before it reads it`);
      }
    }
    contents.set(place, result);
  }

  #expect(contents: Contents, place: Location, operand: Operand, where: string): void {
    const found = contents.get(place);
    if (found === operand || (operand instanceof Virtual && operand.rebuild !== null && found === operand.rebuild))
      return;
    const name = (value: Operand | undefined): string =>
      value === undefined ? "nothing sure" : value instanceof Virtual ? `v${value.id}` : value.kind;
    this.faults.add(`${where} expects ${name(operand)} in ${place} and finds ${name(found)}`);
  }
}

/** All at once. */
const move = (contents: Contents, moves: readonly Move[]): void => {
  const values = moves.map(({ from }): Operand | undefined => (typeof from === "number" ? contents.get(from) : from));
  moves.forEach(({ to }, i) => {
    const value: Virtual | Rebuild | undefined = values[i];
    if (value === undefined) contents.delete(to);
    else contents.set(to, value);
  });
};

/**
 * Rewrites allocated machine instructions into code with real registers: moves in sequence, two-address operations with
 * their left operand copied first, rebuilt values made in place.
 */
import { HopmarkError } from "../../errors.ts";
import type { Position } from "../../kernel/source.ts";
import { IdMap } from "../ssa/by-id.ts";
import type { Intervals } from "./build-intervals.ts";
import { type CodeBlock, type Word, word } from "./code/code.ts";
import type { Frame } from "./frame.ts";
import type { Allocation } from "./linear-scan.ts";
import {
  fitsImmediate,
  type Instruction,
  type MachineBlock,
  type MachineFunction,
  type Operand,
  type Rebuild,
} from "./machine.ts";
import {
  Alu,
  Class,
  CLOBBERED,
  FRAME_POINTER,
  LOAD_IMMEDIATE_64,
  Mode,
  MOVE,
  MOVE32_IMMEDIATE,
  MOVE_IMMEDIATE,
  Pseudo,
  PSEUDO_CALL,
  PSEUDO_KFUNC,
  REGISTERS,
  Size,
  Source,
} from "./opcodes.ts";
import { FIRST_SLOT, type Location, type Move, sequenceMoves, type Spare } from "./parallel-move.ts";
import type { Resolution } from "./resolve.ts";

export const assignRegisters = (
  fn: MachineFunction,
  intervals: Intervals,
  allocation: Allocation,
  resolution: Resolution,
  frame: Frame,
): CodeBlock[] => {
  const assigner = new Assigner(intervals, allocation, resolution, frame);
  const blocks = new IdMap<MachineBlock, CodeBlock>();
  const list = fn.blocks.map((block): CodeBlock => {
    const code: CodeBlock = {
      id: block.id,
      frequency: block.frequency,
      words: [],
      end: { kind: "exit", position: null },
    };
    blocks.set(block, code);
    return code;
  });
  for (const block of fn.blocks) assigner.block(block, blocks);
  return list;
};

class Assigner {
  readonly #intervals: Intervals;
  readonly #allocation: Allocation;
  readonly #resolution: Resolution;
  readonly #frame: Frame;
  #words: Word[] = [];
  #position: Position | null = null;

  constructor(intervals: Intervals, allocation: Allocation, resolution: Resolution, frame: Frame) {
    this.#intervals = intervals;
    this.#allocation = allocation;
    this.#resolution = resolution;
    this.#frame = frame;
  }

  block(block: MachineBlock, blocks: IdMap<MachineBlock, CodeBlock>): void {
    const code = blocks.get(block)!;
    this.#words = code.words;
    const { atStart, atEnd, before } = this.#resolution;
    this.#position = null;
    if (atStart[block.id] !== undefined) {
      this.#moves(atStart[block.id]!, [block.predecessors[0]!.to - 1, block.from]);
    }
    for (const instruction of block.instructions) {
      this.#position = instruction.position;
      const at = instruction.index * 2;
      const moves = before[instruction.index];
      if (moves !== undefined) this.#moves(moves, [at - 1, at]);
      if (instruction.kind === "jump" && atEnd[block.id] !== undefined) {
        this.#moves(atEnd[block.id]!, [block.to - 1, block.successors[0]!.from]);
      }
      this.#instruction(instruction);
    }
    const last = block.instructions.at(-1)!;
    const { position } = last;
    const [first, second] = block.successors.map((successor) => blocks.get(successor)!);
    if (last.kind === "jump") {
      code.end = { kind: "jump", target: first!, position };
    } else if (last.kind === "branch") {
      const at = last.index * 2;
      code.end = {
        kind: "branch",
        code: last.code,
        condition: last.condition,
        destination: this.#register(last.left!, at),
        source: last.right === null ? 0 : this.#register(last.right, at),
        immediate: last.immediate,
        taken: first!,
        otherwise: second!,
        chance: first!.frequency / (first!.frequency + second!.frequency),
        position,
      };
    } else {
      code.end = { kind: "exit", position };
    }
  }

  #instruction(instruction: Instruction): void {
    const { index, kind, left, right, result, immediate, code } = instruction;
    const at = index * 2;
    const during = this.#resolution.during[index];
    if (kind === "call") return this.#call(instruction, during ?? []);
    if (kind === "give") {
      this.#moves([...(during ?? []), { to: 0, from: this.#resolution.locate(left!, at) }], [at, at + 1]);
      return;
    }
    if (during !== undefined) this.#moves(during, [at, at + 1]);
    switch (kind) {
      case "build":
        return this.#move(this.#register(result!, at + 1), instruction.rebuild!);
      case "extend":
        this.#emit(code, {
          destination: this.#register(result!, at + 1),
          source: this.#register(left!, at),
          offset: instruction.offset,
        });
        return;
      case "pin":
        this.#emit(code, { destination: this.#register(left!, at), immediate });
        return;
      case "alu":
        return this.#alu(instruction);
      case "load": {
        const destination = this.#register(result!, at + 1);
        this.#emit(code, { destination, ...this.#memory(instruction, "source") });
        return;
      }
      case "store":
      case "atomic":
      case "compareExchange": {
        const source = right === null ? 0 : this.#register(right, at);
        this.#emit(code, { source, immediate, ...this.#memory(instruction, "destination") });
        return;
      }
      case "fetch": {
        const source = this.#register(result!, at + 1);
        this.#move(source, this.#resolution.locate(left!, at));
        this.#emit(code, { source, immediate, ...this.#memory(instruction, "destination") });
        return;
      }
      case "take":
        return this.#moves([{ to: this.#location(result!, at + 1), from: instruction.register }], [at, at + 1]);
      case "return":
        return this.#move(0, this.#resolution.locate(left!, at));
      case "jump":
      case "branch":
        return;
    }
  }

  #alu(instruction: Instruction): void {
    const { index, left, right, result, code, immediate, commutative } = instruction;
    const at = index * 2;
    const destination = this.#register(result!, at + 1);
    const from = this.#resolution.locate(left!, at);
    if (right === null) {
      this.#move(destination, from);
      this.#emit(code, { destination, immediate });
      return;
    }
    const other = this.#register(right, at);
    if (commutative && other === destination && typeof from === "number") {
      this.#emit(code, { destination, source: from });
      return;
    }
    this.#move(destination, from);
    this.#emit(code, { destination, source: other });
  }

  /** Arguments, and values that leave their registers because of the call, move at once. */
  #call(instruction: Instruction, during: readonly Move[]): void {
    const at = instruction.index * 2;
    const args = instruction.args.map((arg, i): Move => ({ to: i + 1, from: this.#resolution.locate(arg, at) }));
    // r0 is lost to the call and can be in no cycle, so it is free once all others have moved.
    this.#sequence([...during, ...args], { register: () => 0, slot: (index) => this.#scratch(index) });
    const { immediate, kfunc, callee } = instruction;
    const [source, reference]: [number, Word["reference"]] =
      callee !== null
        ? [PSEUDO_CALL, { kind: "function", callee }]
        : kfunc !== ""
          ? [PSEUDO_KFUNC, { kind: "kfunc", name: kfunc }]
          : [0, null];
    this.#words.push(word(instruction.code, this.#position, { source, immediate, reference }));
  }

  #memory(instruction: Instruction, role: "source" | "destination"): Partial<Word> {
    if (instruction.base !== null) {
      return { [role]: this.#register(instruction.base, instruction.index * 2), offset: instruction.offset };
    }
    return { [role]: FRAME_POINTER, offset: this.#frame.offsetOf(instruction.slot!) + instruction.offset };
  }

  #emit(code: number, fields: Partial<Omit<Word, "code" | "position">>): void {
    this.#words.push(word(code, this.#position, fields));
  }

  #location(operand: Operand, position: number): Location {
    const location = this.#resolution.locate(operand, position);
    if (typeof location !== "number") throw new HopmarkError("internal", "a rebuilt value has no place");
    return location;
  }

  #register(operand: Operand, position: number): number {
    const location = this.#location(operand, position);
    if (location >= REGISTERS) throw new HopmarkError("internal", "an operand is not in a register");
    return location;
  }

  /** Moves between the places that hold at two positions. */
  #moves(moves: readonly Move[], positions: readonly number[]): void {
    const used = new Set<number>();
    for (const { to, from } of moves) {
      used.add(to);
      if (typeof from === "number") used.add(from);
    }
    const register = (except: Location): number => {
      for (let i = 0; i < REGISTERS; i++) {
        if (i !== except && !used.has(i) && this.#isFree(i, positions)) return i;
      }
      return -1;
    };
    this.#sequence(moves, { register, slot: (index) => this.#scratch(index) });
  }

  #sequence(moves: readonly Move[], spare: Spare): void {
    for (const { to, from, isLinked } of sequenceMoves(moves, spare)) this.#move(to, from, isLinked);
  }

  #isFree(register: number, positions: readonly number[]): boolean {
    const { fixed } = this.#intervals;
    const timeline = this.#allocation.timelines[register]!;
    // Without calls r6 to r9 would have to be saved just for this.
    if (register >= CLOBBERED && timeline.isEmpty) return false;
    return positions.every((position) => !timeline.isTaken(position) && !fixed[register]!.isTaken(position));
  }

  #scratch(index: number): Location {
    return FIRST_SLOT + this.#resolution.spillSlots + index;
  }

  #move(to: Location, from: Location | Rebuild, isLinked = false): void {
    if (to === from) return;
    if (typeof from === "number") {
      if (from >= FIRST_SLOT) {
        const offset = this.#frame.spillOffset(from);
        this.#emit(Class.Ldx | Mode.Memory | Size[8], { destination: to, source: FRAME_POINTER, offset });
      } else if (to >= FIRST_SLOT) {
        const offset = this.#frame.spillOffset(to);
        // Kernels before 6.9 give a number no identity when it is spilled, only when it is copied.
        if (isLinked) this.#emit(MOVE, { destination: from, source: from });
        this.#emit(Class.Stx | Mode.Memory | Size[8], { destination: FRAME_POINTER, source: from, offset });
      } else {
        this.#emit(MOVE, { destination: to, source: from });
      }
    } else if (to >= FIRST_SLOT) {
      const offset = this.#frame.spillOffset(to);
      const immediate = from.kind === "const" ? Number(from.value) : 0;
      this.#emit(Class.St | Mode.Memory | Size[8], { destination: FRAME_POINTER, offset, immediate });
    } else {
      this.#make(to, from);
    }
  }

  #make(destination: number, value: Rebuild): void {
    switch (value.kind) {
      case "const":
        return this.#constant(destination, value.value);
      case "frame":
        this.#emit(MOVE, { destination, source: FRAME_POINTER });
        this.#emit(Class.Alu64 | Alu.add | Source.Immediate, {
          destination,
          immediate: this.#frame.offsetOf(value.slot) + value.offset,
        });
        return;
      case "map":
        this.#emit(LOAD_IMMEDIATE_64, { destination, source: Pseudo.map, wide: 0, reference: value });
        return;
      case "mapValue":
        this.#emit(LOAD_IMMEDIATE_64, { destination, source: Pseudo.mapValue, wide: value.offset, reference: value });
        return;
    }
  }

  #constant(destination: number, value: bigint): void {
    if (fitsImmediate(value)) {
      this.#emit(MOVE_IMMEDIATE, { destination, immediate: Number(value) });
    } else if (value >= 0n && value <= 0xffffffffn) {
      this.#emit(MOVE32_IMMEDIATE, { destination, immediate: Number(BigInt.asIntN(32, value)) });
    } else {
      this.#emit(LOAD_IMMEDIATE_64, {
        destination,
        immediate: Number(BigInt.asIntN(32, value)),
        wide: Number(BigInt.asIntN(32, value >> 32n)),
      });
    }
  }
}

/**
 * What instruction selection produces and register allocation consumes: eBPF instructions whose registers are still
 * virtual, in SSA form, in blocks without critical edges.
 */
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Position } from "../../kernel/source.ts";
import type { Condition, SsaFunction, StackSlot } from "../ssa/ir.ts";

/** A value that is made from nothing wherever it is wanted: never kept in memory, never worth a register for long. */
export type Rebuild =
  | { readonly kind: "const"; readonly value: bigint }
  | { readonly kind: "frame"; readonly slot: StackSlot; readonly offset: number }
  | { readonly kind: "map"; readonly map: MapDescriptor }
  | { readonly kind: "mapValue"; readonly map: MapDescriptor; readonly offset: number };

/** A virtual register: one definition, and 64 bits. */
export class Virtual {
  readonly id: number;
  /** How to make it again; null when it must be kept. */
  readonly rebuild: Rebuild | null;
  /** The block that defines it. */
  block: MachineBlock;

  constructor(id: number, rebuild: Rebuild | null, block: MachineBlock) {
    this.id = id;
    this.rebuild = rebuild;
    this.block = block;
  }
}

/** Operands that are only copied somewhere may be a {@link Rebuild}; all others are in registers. */
export type Operand = Virtual | Rebuild;

export type InstructionKind =
  | "build" // result = rebuild
  | "extend" // result = low bits of left, extended
  | "alu" // result = left; result op= right, or immediate
  | "load" // result = [base + offset]
  | "store" // [base + offset] = right, or immediate
  | "pin" // a comparison of left and immediate that leads on either way
  | "atomic" // [base + offset] op= right
  | "fetch" // result = left; exchange result with [base + offset], op'ed
  | "compareExchange" // r0 is compared with [base + offset], right stored when equal, r0 = what was there
  | "call" // args to r1.., r0 to r5 lost
  | "give" // register = left
  | "take" // result = register
  | "jump"
  | "branch" // left against right, or immediate
  | "return"; // left to r0

export class Instruction {
  readonly kind: InstructionKind;
  readonly position: Position | null;
  /** The opcode byte; of a branch only class and source. */
  code = 0;
  result: Virtual | null = null;
  left: Operand | null = null;
  right: Virtual | null = null;
  /** The register of an address; null when it is the frame pointer and `slot` says where. */
  base: Virtual | null = null;
  slot: StackSlot | null = null;
  args: Operand[] = [];
  offset = 0;
  immediate = 0;
  /** Left and right may change places. */
  commutative = false;
  rebuild: Rebuild | null = null;
  /** Of `give` and `take`. */
  register = 0;
  /** Of a call of a kernel function; empty for others. */
  kfunc = "";
  /** Of a call of another function of the program. */
  callee: SsaFunction | null = null;
  condition: Condition = "eq";
  /** Of a branch: the verifier may learn bounds of numbers from it, which no pointer's identity carries on. */
  isTelling = false;
  /** Set by numbering: see {@link MachineBlock.from}. */
  index = 0;

  constructor(kind: InstructionKind, position: Position | null) {
    this.kind = kind;
    this.position = position;
  }
}

export interface MachinePhi {
  readonly result: Virtual;
  /** One per predecessor. */
  readonly args: Operand[];
}

export class MachineBlock {
  readonly id: number;
  readonly phis: MachinePhi[] = [];
  /** The terminator is last. */
  readonly instructions: Instruction[] = [];
  predecessors: MachineBlock[] = [];
  /** Of a branch: taken, otherwise. */
  successors: MachineBlock[] = [];
  /** The place of this block among the predecessors of its successor; the successors of a branch have but one. */
  edge = 0;
  /** The innermost loop around the block. */
  loop: MachineLoop | null = null;
  /** Estimated runs per run of the function. */
  frequency = 1;
  /**
   * Positions [from, to): instruction `i` reads at 2i and writes at 2i + 1, and the block's start has a number of its
   * own, at which phis are written.
   */
  from = 0;
  to = 0;

  constructor(id: number) {
    this.id = id;
  }
}

export interface MachineLoop {
  readonly header: MachineBlock;
  readonly parent: MachineLoop | null;
  readonly depth: number;
  /** The block of the loop that comes last; all between header and it belong to the loop. */
  last: MachineBlock;
}

export interface MachineFunction {
  readonly name: string;
  readonly blocks: MachineBlock[];
  readonly virtuals: Virtual[];
  readonly loops: MachineLoop[];
}

/** Whether the constant can be an immediate of a 64-bit operation, which extends its sign. */
export const fitsImmediate = (value: bigint): boolean => value >= -0x80000000n && value <= 0x7fffffffn;

/**
 * The intermediate representation: a control-flow graph of basic blocks in SSA form, with operations close to
 * eBPF's own. The front end builds it, passes rewrite it, the back end allocates registers and emits it.
 *
 * Every value is one 64-bit register. Narrow results are zero-extended; signed 32-bit values are sign-extended.
 */
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Position } from "../../kernel/source.ts";
import { S64_MAX, S64_MIN } from "./range.ts";

export type ArithmeticOp =
  | "add" | "sub" | "mul" | "div" | "mod" // div and mod are unsigned; a zero divisor gives what the kernel gives: 0, and the dividend
  | "and" | "or" | "xor"
  | "shl" | "shr" | "sar"; // prettier-ignore

export type ValueOp =
  | ArithmeticOp // args [left, right]; width 64, or 32 with a zero-extended result
  | "const" // imm: the value as a signed 64-bit bigint
  | "context" // r1 at entry
  | "argument" // of a subprogram: r1 to r5 at entry; imm counts from 0
  | "hide" // args [value, unknown]: the value, of which the verifier knows nothing where it knows nothing of `unknown`
  | "phi" // one arg per predecessor, in the order of block.predecessors
  | "neg" // args [value]
  | "zext" // args [value]; width 8, 16 or 32: keeps the low bits
  | "sext" // args [value]; width 8, 16 or 32
  | "bswap" // args [value]; width 16, 32 or 64: reverses the low bytes, zero-extends
  | "load" // args [pointer]; size, offset, space
  | "map" // the map's address, for helpers; map
  | "mapValue" // address of the first value of a one-element array map, plus offset; map, offset
  | "stack" // address of a stack slot; slot
  | "atomic" // args [pointer, operand] or [pointer, operand, expected]; size 4 or 8, offset, atomic, result = old value (undefined for "add", "and", "or", "xor")
  | "call" // args up to 5; helper id in imm
  | "kfunc" // args up to 5; name of the vmlinux function in name
  | "invoke"; // args up to 5; another function of the program in callee

/** Operations with an effect and no result. */
export type EffectOp =
  | "store" // args [pointer, value]; size, offset, space
  | "pin"; // args [value], known to be imm or more: makes the verifier keep what it knows of the value at every way to here

export type TerminatorOp =
  | "jump" // block.successors [target]
  | "branch" // args [left, right]; condition, width; block.successors [taken, otherwise]
  | "return"; // args [value]

export type Op = ValueOp | EffectOp | TerminatorOp;

/** `set` is true when `left & right` is not 0. Unsigned unless the name starts with s. */
export type Condition = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "slt" | "sle" | "sgt" | "sge" | "set";

/** `fetch_*`, `exchange` and `compare_exchange` return the old value. */
export type AtomicOp =
  | "add" | "and" | "or" | "xor"
  | "fetch_add" | "fetch_and" | "fetch_or" | "fetch_xor"
  | "exchange" | "compare_exchange"; // prettier-ignore

/** What a pointer points into: the alias class, and which rules of the verifier apply. */
export type Space = "context" | "packet" | "map" | "ring" | "stack" | "btf";

/** Bytes on the program's stack; alignment is 8. Slots whose lives do not meet may share bytes. */
export interface StackSlot {
  readonly id: number;
  readonly size: number;
  /** For people, of what was first there: `the key of pages`. */
  readonly what?: string;
  /** Where it was first needed. */
  readonly position?: Position | null;
}

export class Node {
  readonly id: number;
  readonly op: Op;
  args: Node[];
  block: Block;
  position: Position | null;
  width: 8 | 16 | 32 | 64 = 64;
  /** Bytes of a load, store or atomic. */
  size: 1 | 2 | 4 | 8 = 8;
  offset = 0;
  /** A load that happens even where nobody needs its value. */
  kept = false;
  imm = 0n;
  space: Space = "stack";
  condition: Condition = "eq";
  atomic: AtomicOp = "add";
  name = "";
  map: MapDescriptor | null = null;
  slot: StackSlot | null = null;
  callee: SsaFunction | null = null;
  /**
   * What the value is known to lie in, as the verifier will know it too: signed 64-bit bounds, both ends included.
   * For pointers, and where nothing is known, the whole range.
   */
  low = S64_MIN;
  high = S64_MAX;

  constructor(id: number, op: Op, args: Node[], block: Block, position: Position | null) {
    this.id = id;
    this.op = op;
    this.args = args;
    this.block = block;
    this.position = position;
  }
}

export class Block {
  readonly id: number;
  /** Phis first, the terminator last. */
  nodes: Node[] = [];
  predecessors: Block[] = [];
  successors: Block[] = [];
  /** How many real (not unrolled) loops the block is in. */
  loopDepth = 0;

  constructor(id: number) {
    this.id = id;
  }

  get terminator(): Node | undefined {
    return this.nodes[this.nodes.length - 1];
  }
}

/** One kernel function: blocks in an order in which, loops' back edges aside, definitions precede uses. */
export interface SsaFunction {
  readonly name: string;
  readonly entry: Block;
  blocks: Block[];
  readonly slots: StackSlot[];
}

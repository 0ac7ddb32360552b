/**
 * Rewrites IR into machine instructions over virtual registers: constants that fit become immediates, stack addresses
 * become offsets from the frame pointer, and constants, addresses and maps that only travel (to a call, a phi, a
 * return) stay operands, made where they arrive.
 */
import { HopmarkError } from "../../errors.ts";
import type { Block, Node, SsaFunction } from "../ssa/ir.ts";
import {
  fitsImmediate,
  Instruction,
  type InstructionKind,
  MachineBlock,
  type MachineFunction,
  type MachineLoop,
  type Operand,
  type Rebuild,
  Virtual,
} from "./machine.ts";
import { Alu, Atomic, CALL, Class, EXIT, JUMP, Mode, MOVE32, Size, Source, TO_BIG_ENDIAN } from "./opcodes.ts";
import type { Loop } from "./find-loops.ts";
import type { BlockOrder } from "./order-blocks.ts";

export const select = (fn: SsaFunction, order: BlockOrder): MachineFunction => {
  const selector = new Selector();
  const blocks = new Map<Block, MachineBlock>();
  for (const block of order.blocks) blocks.set(block, new MachineBlock(block.id));
  const { loops, loopOf } = machineLoops(order, blocks);
  for (const block of order.blocks) {
    const machine = blocks.get(block)!;
    machine.predecessors = block.predecessors.map((each) => blocks.get(each)!);
    machine.successors = block.successors.map((each) => blocks.get(each)!);
    for (let i = 0; i < machine.predecessors.length; i++) machine.predecessors[i]!.edge = i;
    machine.frequency = order.frequency[block.id]!;
    machine.loop = loopOf.get(block) ?? null;
  }
  for (const block of order.blocks) selector.block(block, blocks.get(block)!);
  selector.fillPhis();
  return { name: fn.name, blocks: [...blocks.values()], virtuals: selector.virtuals, loops };
};

const machineLoops = (
  order: BlockOrder,
  blocks: ReadonlyMap<Block, MachineBlock>,
): { loops: MachineLoop[]; loopOf: Map<Block, MachineLoop> } => {
  const made = new Map<Loop, MachineLoop>();
  for (const loop of order.loops.all) {
    const header = blocks.get(loop.header)!;
    const parent = loop.parent === null ? null : made.get(loop.parent)!;
    made.set(loop, { header, parent, depth: loop.depth, last: header });
  }
  const loopOf = new Map<Block, MachineLoop>();
  for (const block of order.blocks) {
    const loop = order.loops.innermost[block.id];
    if (loop === undefined) continue;
    loopOf.set(block, made.get(loop)!);
    for (let at: MachineLoop | null = made.get(loop)!; at !== null; at = at.parent) at.last = blocks.get(block)!;
  }
  return { loops: [...made.values()], loopOf };
};

const ALL_ONES = 0xffffffffn;

class Selector {
  readonly virtuals: Virtual[] = [];
  readonly #values = new Map<Node, Virtual>();
  readonly #phis: { node: Node; args: Operand[] }[] = [];
  /** Constants and addresses that this block already has in a register. */
  readonly #built = new Map<string, Virtual>();
  #block: MachineBlock = new MachineBlock(0);
  #node: Node | null = null;

  block(block: Block, machine: MachineBlock): void {
    this.#block = machine;
    this.#built.clear();
    for (const node of block.nodes) {
      this.#node = node;
      this.#select(node);
    }
  }

  /** Arguments of phis may be defined in blocks that come later. */
  fillPhis(): void {
    for (const { node, args } of this.#phis) args.push(...node.args.map((arg) => this.#operand(arg)));
  }

  #select(node: Node): void {
    switch (node.op) {
      case "const":
      case "stack":
      case "map":
      case "mapValue":
        return; // made where they are wanted
      case "phi": {
        const args: Operand[] = [];
        this.#block.phis.push({ result: this.#define(node), args });
        this.#phis.push({ node, args });
        return;
      }
      case "context":
        return this.#context(node);
      case "load":
        return this.#load(node);
      case "store":
        return this.#store(node);
      case "atomic":
        return this.#atomic(node);
      case "call":
      case "kfunc":
        return this.#call(node);
      case "jump":
        this.#emit("jump").code = JUMP;
        return;
      case "branch":
        return this.#branch(node);
      case "return": {
        const instruction = this.#emit("return");
        instruction.code = EXIT;
        instruction.left = this.#operand(node.args[0]!);
        return;
      }
      case "neg":
        this.#unary(node, this.#aluClass(node) | Alu.neg, 0);
        return;
      case "bswap":
        this.#unary(node, TO_BIG_ENDIAN, node.width);
        return;
      case "zext":
        return this.#zeroExtend(node);
      case "sext":
        return this.#signExtend(node);
      default:
        return this.#binary(node);
    }
  }

  #emit(kind: InstructionKind): Instruction {
    const instruction = new Instruction(kind, this.#node?.position ?? null);
    this.#block.instructions.push(instruction);
    return instruction;
  }

  #virtual(rebuild: Rebuild | null): Virtual {
    const virtual = new Virtual(this.virtuals.length, rebuild, this.#block);
    this.virtuals.push(virtual);
    return virtual;
  }

  #define(node: Node): Virtual {
    const virtual = this.#virtual(null);
    this.#values.set(node, virtual);
    return virtual;
  }

  #operand(node: Node): Operand {
    const rebuild = rebuildOf(node);
    if (rebuild !== null) return rebuild;
    const virtual = this.#values.get(node);
    if (virtual === undefined) throw new HopmarkError("internal", `value %${node.id} is used before it is defined`);
    return virtual;
  }

  /** The value in a register, whatever it is. */
  #register(node: Node): Virtual {
    const operand = this.#operand(node);
    return operand instanceof Virtual ? operand : this.#build(operand, keyOf(node, operand));
  }

  #build(rebuild: Rebuild, key: string): Virtual {
    const known = this.#built.get(key);
    if (known !== undefined) return known;
    const instruction = this.#emit("build");
    instruction.rebuild = rebuild;
    instruction.result = this.#virtual(rebuild);
    this.#built.set(key, instruction.result);
    return instruction.result;
  }

  #address(instruction: Instruction, pointer: Operand, offset: number, node: Node): void {
    instruction.offset = offset;
    if (pointer instanceof Virtual) {
      instruction.base = pointer;
    } else if (pointer.kind === "frame") {
      instruction.slot = pointer.slot;
      instruction.offset += pointer.offset;
    } else {
      // The instruction is not in the block yet: a build goes in front of it.
      instruction.base = this.#build(pointer, keyOf(node, pointer));
    }
  }

  #aluClass(node: Node): number {
    return node.width === 32 ? Class.Alu32 : Class.Alu64;
  }

  #context(node: Node): void {
    // r1 must be read before anything else can take the register.
    const entry = this.#block;
    const first = entry.instructions[0];
    if (first?.kind === "take") {
      this.#values.set(node, first.result!);
      return;
    }
    const instruction = new Instruction("take", node.position);
    instruction.register = 1;
    instruction.result = this.#define(node);
    entry.instructions.unshift(instruction);
  }

  #load(node: Node): void {
    const instruction = new Instruction("load", node.position);
    instruction.code = Class.Ldx | Mode.Memory | Size[node.size];
    this.#address(instruction, this.#operand(node.args[0]!), node.offset, node.args[0]!);
    instruction.result = this.#define(node);
    this.#block.instructions.push(instruction);
  }

  #store(node: Node): void {
    const instruction = new Instruction("store", node.position);
    const value = storedImmediate(node);
    this.#address(instruction, this.#operand(node.args[0]!), node.offset, node.args[0]!);
    if (value !== null) {
      instruction.code = Class.St | Mode.Memory | Size[node.size];
      instruction.immediate = value;
    } else {
      instruction.code = Class.Stx | Mode.Memory | Size[node.size];
      instruction.right = this.#register(node.args[1]!);
    }
    this.#block.instructions.push(instruction);
  }

  #atomic(node: Node): void {
    const [pointer, operand, expected] = node.args;
    const kind =
      node.atomic === "compare_exchange" ? "compareExchange" : (Atomic[node.atomic] & 1) === 1 ? "fetch" : "atomic";
    const instruction = new Instruction(kind, node.position);
    instruction.code = Class.Stx | Mode.Atomic | Size[node.size];
    instruction.immediate = Atomic[node.atomic];
    this.#address(instruction, this.#operand(pointer!), node.offset, pointer!);
    if (kind === "fetch") {
      instruction.left = this.#operand(operand!);
      instruction.result = this.#define(node);
    } else {
      instruction.right = this.#register(operand!);
    }
    if (kind === "compareExchange") {
      const give = this.#emit("give");
      give.left = this.#operand(expected!);
    }
    this.#block.instructions.push(instruction);
    if (kind === "compareExchange") this.#emit("take").result = this.#define(node);
  }

  #call(node: Node): void {
    const instruction = new Instruction("call", node.position);
    instruction.code = CALL;
    instruction.immediate = node.op === "call" ? Number(node.imm) : 0;
    instruction.kfunc = node.op === "kfunc" ? node.name : "";
    instruction.args = node.args.map((arg) => this.#operand(arg));
    this.#block.instructions.push(instruction);
    this.#emit("take").result = this.#define(node);
  }

  #branch(node: Node): void {
    const [left, right] = node.args;
    const instruction = new Instruction("branch", node.position);
    instruction.condition = node.condition;
    instruction.code = node.width === 32 ? Class.Jmp32 : Class.Jmp;
    instruction.left = this.#register(left!);
    const immediate = immediateOf(right!, node.width);
    if (immediate !== null) {
      instruction.immediate = immediate;
    } else {
      instruction.code |= Source.Register;
      instruction.right = this.#register(right!);
    }
    this.#block.instructions.push(instruction);
  }

  #unary(node: Node, code: number, immediate: number): void {
    const instruction = new Instruction("alu", node.position);
    instruction.code = code;
    instruction.immediate = immediate;
    instruction.left = this.#operand(node.args[0]!);
    instruction.result = this.#define(node);
    this.#block.instructions.push(instruction);
  }

  #zeroExtend(node: Node): void {
    if (node.width === 32) {
      const instruction = new Instruction("move32", node.position);
      instruction.code = MOVE32;
      instruction.left = this.#register(node.args[0]!);
      instruction.result = this.#define(node);
      this.#block.instructions.push(instruction);
    } else {
      this.#unary(node, Class.Alu64 | Alu.and, node.width === 8 ? 0xff : 0xffff);
    }
  }

  #signExtend(node: Node): void {
    const shift = new Instruction("alu", node.position);
    shift.code = Class.Alu64 | Alu.shl;
    shift.immediate = 64 - node.width;
    shift.left = this.#operand(node.args[0]!);
    shift.result = this.#virtual(null);
    const back = new Instruction("alu", node.position);
    back.code = Class.Alu64 | Alu.sar;
    back.immediate = 64 - node.width;
    back.left = shift.result;
    back.result = this.#define(node);
    this.#block.instructions.push(shift, back);
  }

  #binary(node: Node): void {
    const rebuild = rebuildOf(node);
    if (rebuild !== null) return; // stack address plus constant
    const op = node.op as keyof typeof Alu;
    const instruction = new Instruction("alu", node.position);
    instruction.code = this.#aluClass(node) | Alu[op];
    let [left, right] = node.args as [Node, Node];
    instruction.commutative = op === "add" || op === "mul" || op === "and" || op === "or" || op === "xor";
    if (instruction.commutative && rebuildOf(left) !== null && immediateOf(right, node.width) === null) {
      [left, right] = [right, left];
    }
    const immediate = immediateOf(right, node.width);
    // The kernel refuses an immediate zero divisor; at run time it divides as the IR says.
    if (immediate !== null && !((op === "div" || op === "mod") && immediate === 0)) {
      // Machines shift by the low bits of the count; as an immediate the kernel takes nothing else.
      const isShift = op === "shl" || op === "shr" || op === "sar";
      instruction.immediate = isShift ? immediate & (node.width - 1) : immediate;
      instruction.commutative = false;
    } else {
      instruction.code |= Source.Register;
      instruction.right = this.#register(right);
    }
    instruction.left = this.#operand(left);
    // What is built in place needs the right operand to stay out of the way.
    if (!(instruction.left instanceof Virtual)) instruction.commutative = false;
    instruction.result = this.#define(node);
    this.#block.instructions.push(instruction);
  }
}

const rebuildOf = (node: Node): Rebuild | null => {
  switch (node.op) {
    case "const":
      return { kind: "const", value: node.imm };
    case "stack":
      return { kind: "frame", slot: node.slot!, offset: 0 };
    case "map":
      return { kind: "map", map: node.map! };
    case "mapValue":
      return { kind: "mapValue", map: node.map!, offset: node.offset };
    case "add": {
      const [left, right] = node.args;
      if (node.width !== 64 || right!.op !== "const" || !fitsImmediate(right!.imm)) return null;
      const inner = left!.op === "stack" || left!.op === "add" ? rebuildOf(left!) : null;
      if (inner?.kind !== "frame") return null;
      return { ...inner, offset: inner.offset + Number(right!.imm) };
    }
    default:
      return null;
  }
};

/** Tells one rebuilt value of a block from another. */
const keyOf = (node: Node, rebuild: Rebuild): string => {
  switch (rebuild.kind) {
    case "const":
      return `#${rebuild.value}`;
    case "frame":
      return `s${rebuild.slot.id}+${rebuild.offset}`;
    default:
      return `n${node.id}`;
  }
};

/** A constant operand as the immediate of an operation of this width, or null. */
const immediateOf = (node: Node, width: number): number | null => {
  if (node.op !== "const") return null;
  if (width === 32) return Number(BigInt.asIntN(32, node.imm));
  return fitsImmediate(node.imm) ? Number(node.imm) : null;
};

/** What a store can write without a register. Kernels before 6.4 refuse immediate stores to the context. */
const storedImmediate = (node: Node): number | null => {
  const value = node.args[1]!;
  if (value.op !== "const" || node.space === "context") return null;
  if (node.size === 8) return fitsImmediate(value.imm) ? Number(value.imm) : null;
  return Number(BigInt.asIntN(node.size * 8, value.imm & ALL_ONES));
};

/** Selects the instructions of one block after the other. */
import { HopmarkError } from "../../errors.ts";
import { IdMap } from "../ssa/by-id.ts";
import type { Block, Node } from "../ssa/ir.ts";
import { Instruction, type InstructionKind, MachineBlock, type Operand, type Rebuild, Virtual } from "./machine.ts";
import {
  Alu,
  Atomic,
  CALL,
  Class,
  EXIT,
  Jump,
  JUMP,
  Mode,
  MOVE,
  MOVE32,
  Size,
  Source,
  TO_BIG_ENDIAN,
} from "./opcodes.ts";
import { immediateOf, keyOf, rebuildOf, storedImmediate } from "./operands.ts";

/** Instructions to choose from: v3 since Linux 5.12; v4, since 6.6, extends signs in one instruction. */
export type Cpu = "v3" | "v4";

export class Selector {
  readonly #cpu: Cpu;
  readonly virtuals: Virtual[] = [];
  readonly #values = new IdMap<Node, Virtual>();
  readonly #phis: { node: Node; args: Operand[] }[] = [];
  /** Constants and addresses that this block already has in a register. */
  readonly #built = new Map<string, Virtual>();
  #block: MachineBlock = new MachineBlock(0);
  #node: Node | null = null;

  constructor(cpu: Cpu) {
    this.#cpu = cpu;
  }

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
        return this.#atEntry(node, 1);
      case "argument":
        return this.#atEntry(node, Number(node.imm) + 1);
      case "load":
        return this.#load(node);
      case "store":
        return this.#store(node);
      case "atomic":
        return this.#atomic(node);
      case "call":
      case "kfunc":
      case "invoke":
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
      case "pin":
        return this.#pin(node);
      case "hide":
        return this.#hide(node);
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

  /** The registers of arguments must be read before anything else can take them. */
  #atEntry(node: Node, register: number): void {
    const { instructions } = this.#block;
    const others = instructions.findIndex((each) => each.kind !== "take" || each.register === 0);
    const taken = others === -1 ? instructions : instructions.slice(0, others);
    const known = taken.find((each) => each.register === register);
    if (known !== undefined) {
      this.#values.set(node, known.result!);
      return;
    }
    const instruction = new Instruction("take", node.position);
    instruction.register = register;
    instruction.result = this.#define(node);
    instructions.splice(taken.length, 0, instruction);
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
    instruction.callee = node.callee;
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
    // Two addresses, or an address and null, teach it nothing about numbers.
    const isEquality = node.condition === "eq" || node.condition === "ne";
    instruction.isTelling = isBounded(left!) || (!isEquality && isBounded(right!));
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

  /** A comparison whose outcome the verifier can tell makes it keep the bounds that tell it. */
  #pin(node: Node): void {
    const [value] = node.args;
    if (rebuildOf(value!) !== null) return;
    const instruction = this.#emit("pin");
    instruction.code = Class.Jmp | Jump.slt;
    instruction.immediate = Number(node.imm);
    instruction.left = this.#register(value!);
  }

  /** Exclusive or with something unknown, twice. */
  #hide(node: Node): void {
    const [value, unknown] = node.args;
    const right = this.#register(unknown!);
    let left = this.#operand(value!);
    for (const result of [this.#virtual(null), this.#define(node)]) {
      const instruction = new Instruction("alu", node.position);
      instruction.code = Class.Alu64 | Alu.xor | Source.Register;
      instruction.left = left;
      instruction.right = right;
      instruction.result = result;
      this.#block.instructions.push(instruction);
      left = result;
    }
  }

  #zeroExtend(node: Node): void {
    if (node.width === 32) this.#extend(node, MOVE32, 0);
    else this.#unary(node, Class.Alu64 | Alu.and, node.width === 8 ? 0xff : 0xffff);
  }

  #extend(node: Node, code: number, offset: number): void {
    const instruction = new Instruction("extend", node.position);
    instruction.code = code;
    instruction.offset = offset;
    instruction.left = this.#register(node.args[0]!);
    instruction.result = this.#define(node);
    this.#block.instructions.push(instruction);
  }

  #signExtend(node: Node): void {
    if (this.#cpu === "v4") return this.#extend(node, MOVE, node.width);
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

const isBounded = ({ low, high }: Node): boolean => low > -(1n << 63n) || high < (1n << 63n) - 1n;

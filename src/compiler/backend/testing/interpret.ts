/**
 * Runs emitted eBPF, as strictly as the kernel's verifier reads it: no register or stack byte is read before it is
 * written, r1 to r5 are gone after a call, spills are aligned, r10 never changes.
 */
import { HopmarkError } from "../../../errors.ts";
import type { MachineCode } from "../../object/machine-code.ts";
import type { ArithmeticOp, AtomicOp, Condition } from "../../ssa/ir.ts";
import {
  Alu,
  Atomic,
  CALL,
  Class,
  EXIT,
  Jump,
  JUMP,
  LOAD_IMMEDIATE_64,
  Mode,
  Source,
  TO_BIG_ENDIAN,
} from "../opcodes.ts";
import { addressOf } from "./addresses.ts";
import { arithmetic, holds, swapBytes } from "../../ssa/arithmetic.ts";
import { atomicStep, type Memory } from "./memory.ts";

const STACK_TOP = 0x6000_0200n;
const STACK_BYTES = 512;

const named = <T extends string>(table: Readonly<Record<T, number>>): Map<number, T> =>
  new Map((Object.entries(table) as [T, number][]).map(([name, code]) => [code, name]));
const aluNames = named(Alu);
const jumpNames = named(Jump);
const atomicNames = named(Atomic);
const sizes = new Map([
  [0x00, 4],
  [0x08, 2],
  [0x10, 1],
  [0x18, 8],
]);

/** r0 at exit as an unsigned 64-bit number, and how many instructions ran. */
export const interpret = (
  code: MachineCode,
  memory: Memory,
  context: bigint,
  limit = 400_000,
): { result: bigint; steps: number } => {
  const view = new DataView(code.instructions.buffer, code.instructions.byteOffset, code.instructions.byteLength);
  const stack = memory.add(STACK_TOP - BigInt(STACK_BYTES), new Uint8Array(STACK_BYTES));
  const written = new Uint8Array(STACK_BYTES);
  const registers: (bigint | null)[] = Array.from({ length: 11 }, () => null);
  registers[1] = context;
  registers[10] = STACK_TOP;
  const references = new Map(code.relocations.map((each) => [each.instruction, each]));

  const fail = (at: number, message: string): never => {
    throw new HopmarkError("rejected", `instruction ${at}: ${message}`);
  };
  const stackIndex = (address: bigint): number | null => {
    const index = Number(address - stack.base);
    return index >= 0 && index < STACK_BYTES ? index : null;
  };

  let at = 0;
  for (let steps = 1; steps < limit; steps++) {
    const here = at++;
    if (here * 8 >= view.byteLength) fail(here, "past the end");
    const opcode = view.getUint8(here * 8);
    const destination = view.getUint8(here * 8 + 1) & 15;
    const source = view.getUint8(here * 8 + 1) >> 4;
    const offset = view.getInt16(here * 8 + 2, true);
    const immediate = view.getInt32(here * 8 + 4, true);
    const read = (register: number): bigint => registers[register] ?? fail(here, `r${register} is not set`);
    const write = (register: number, value: bigint): void => {
      if (register >= 10) fail(here, `r${register} is read only`);
      registers[register] = BigInt.asUintN(64, value);
    };
    const access = (base: bigint, size: number, isRead: boolean): bigint => {
      const address = BigInt.asUintN(64, base + BigInt(offset));
      const index = stackIndex(address);
      if (index !== null) {
        if (index % size !== 0) fail(here, "unaligned stack access");
        if (STACK_BYTES - index > code.stackBytes)
          fail(here, `stack access below the ${code.stackBytes} bytes declared`);
        if (isRead && written.subarray(index, index + size).includes(0))
          fail(here, "stack is read before it is written");
        if (!isRead) written.fill(1, index, index + size);
      }
      return address;
    };
    const kind = opcode & 7;
    const operand = (): bigint => ((opcode & Source.Register) === 0 ? BigInt(immediate) : read(source));

    if (opcode === EXIT) return { result: read(0), steps };
    if (opcode === LOAD_IMMEDIATE_64) {
      const reference = references.get(here);
      const high = view.getInt32(here * 8 + 12, true);
      if (reference === undefined && source !== 0) fail(here, "pseudo value without a relocation");
      if (reference?.kind === "map") write(destination, addressOf(reference.map));
      else if (reference?.kind === "mapValue") write(destination, addressOf(reference.map) + BigInt(reference.offset));
      else write(destination, (BigInt(high) << 32n) | BigInt(immediate >>> 0));
      at++;
    } else if (opcode === CALL) {
      const reference = references.get(here);
      const helper = reference?.kind === "kfunc" ? reference.name : immediate;
      const args: bigint[] = [];
      // Helpers here take as many arguments as their number or name says.
      const count = typeof helper === "string" ? helper.length % 6 : helper % 10;
      for (let i = 1; i <= count; i++) args.push(read(i));
      const result = memory.call(helper, args);
      for (let i = 1; i <= 5; i++) registers[i] = null;
      write(0, result);
    } else if (opcode === JUMP) {
      at += offset;
    } else if (kind === Class.Jmp || kind === Class.Jmp32) {
      const condition = jumpNames.get(opcode & 0xf0) as Condition;
      if (holds(condition, read(destination), operand(), kind === Class.Jmp ? 64 : 32)) at += offset;
    } else if (opcode === TO_BIG_ENDIAN) {
      write(destination, swapBytes(read(destination), immediate));
    } else if (kind === Class.Alu32 || kind === Class.Alu64) {
      const width = kind === Class.Alu64 ? 64 : 32;
      const name = aluNames.get(opcode & 0xf0)!;
      if (name === "mov" && offset !== 0) write(destination, BigInt.asIntN(offset, operand()));
      else if (name === "mov") write(destination, BigInt.asUintN(width, operand()));
      else if (name === "neg") write(destination, arithmetic("sub", 0n, read(destination), width));
      else {
        if ((name === "div" || name === "mod") && (opcode & Source.Register) === 0 && immediate === 0) {
          fail(here, "division by an immediate 0");
        }
        write(destination, arithmetic(name as ArithmeticOp, read(destination), operand(), width));
      }
    } else if (kind === Class.Ldx) {
      const size = sizes.get(opcode & 0x18)!;
      write(destination, memory.read(access(read(source), size, true), size));
    } else if ((opcode & 0xe0) === Mode.Atomic) {
      const size = sizes.get(opcode & 0x18)!;
      const op = atomicNames.get(immediate) as AtomicOp;
      const address = access(read(destination), size, true);
      const expected = op === "compare_exchange" ? read(0) : 0n;
      const old = atomicStep(memory, op, address, size, read(source), expected);
      if (op === "compare_exchange") write(0, old);
      else if ((immediate & 1) === 1) write(source, old);
    } else {
      const size = sizes.get(opcode & 0x18)!;
      const value = kind === Class.St ? BigInt(immediate) : read(source);
      memory.write(access(read(destination), size, false), size, value);
    }
  }
  throw new HopmarkError("too-long", `the program does not end within ${limit} steps`);
};

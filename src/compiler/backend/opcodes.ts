/** The numbers of eBPF's encoding (RFC 9669, section 3). An opcode byte is class | source or size | operation. */
import type { ArithmeticOp, AtomicOp, Condition } from "../ssa/ir.ts";

export const Class = { Ld: 0x00, Ldx: 0x01, St: 0x02, Stx: 0x03, Alu32: 0x04, Jmp: 0x05, Jmp32: 0x06, Alu64: 0x07 };

/** Whether the right operand is the immediate or a register. */
export const Source = { Immediate: 0x00, Register: 0x08 };

export const Alu = {
  add: 0x00,
  sub: 0x10,
  mul: 0x20,
  div: 0x30,
  or: 0x40,
  and: 0x50,
  shl: 0x60,
  shr: 0x70,
  neg: 0x80,
  mod: 0x90,
  xor: 0xa0,
  mov: 0xb0,
  sar: 0xc0,
  end: 0xd0,
} satisfies Record<ArithmeticOp | "neg" | "mov" | "end", number>;

export const Jump = {
  always: 0x00,
  eq: 0x10,
  gt: 0x20,
  ge: 0x30,
  set: 0x40,
  ne: 0x50,
  sgt: 0x60,
  sge: 0x70,
  call: 0x80,
  exit: 0x90,
  lt: 0xa0,
  le: 0xb0,
  slt: 0xc0,
  sle: 0xd0,
} satisfies Record<Condition | "always" | "call" | "exit", number>;

/** The size field for 1, 2, 4 and 8 bytes. */
export const Size = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 };

export const Mode = { Immediate: 0x00, Memory: 0x60, Atomic: 0xc0 };

/** The immediate of an atomic instruction; the low bit asks for the old value. */
export const Atomic = {
  add: 0x00,
  or: 0x40,
  and: 0x50,
  xor: 0xa0,
  fetch_add: 0x01,
  fetch_or: 0x41,
  fetch_and: 0x51,
  fetch_xor: 0xa1,
  exchange: 0xe1,
  compare_exchange: 0xf1,
} satisfies Record<AtomicOp, number>;

/** Two slots; the source register says what the immediate is. */
export const LOAD_IMMEDIATE_64 = Class.Ld | Mode.Immediate | Size[8];

/** Source registers of {@link LOAD_IMMEDIATE_64}. */
export const Pseudo = { none: 0, map: 1, mapValue: 2 };

export const CALL = Class.Jmp | Jump.call;
/** Source register of a {@link CALL} whose immediate is the distance to another function of the program. */
export const PSEUDO_CALL = 1;
/** Source register of a {@link CALL} whose immediate is the BTF id of a kernel function. */
export const PSEUDO_KFUNC = 2;
export const EXIT = Class.Jmp | Jump.exit;
export const JUMP = Class.Jmp | Jump.always;
export const MOVE = Class.Alu64 | Alu.mov | Source.Register;
export const MOVE_IMMEDIATE = Class.Alu64 | Alu.mov;
export const MOVE32 = Class.Alu32 | Alu.mov | Source.Register;
export const MOVE32_IMMEDIATE = Class.Alu32 | Alu.mov;
/** Byte swap on a little-endian host; the immediate is 16, 32 or 64. */
export const TO_BIG_ENDIAN = Class.Alu32 | Alu.end | 0x08;

/** The frame pointer: read only. */
export const FRAME_POINTER = 10;
/** Registers a value may live in: r0 to r9. */
export const REGISTERS = 10;
/** r0 to r5 do not survive a call. */
export const CLOBBERED = 6;

/** What holds exactly when the condition does not; `set` has no such condition. */
export const inverse: Readonly<Record<Exclude<Condition, "set">, Condition>> = {
  eq: "ne",
  ne: "eq",
  lt: "ge",
  le: "gt",
  gt: "le",
  ge: "lt",
  slt: "sge",
  sle: "sgt",
  sgt: "sle",
  sge: "slt",
};

/** The condition that holds with left and right exchanged. */
export const mirror: Readonly<Record<Condition, Condition>> = {
  eq: "eq",
  ne: "ne",
  lt: "gt",
  le: "ge",
  gt: "lt",
  ge: "le",
  slt: "sgt",
  sle: "sge",
  sgt: "slt",
  sge: "sle",
  set: "set",
};

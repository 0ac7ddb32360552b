/** Machine code as text, in the notation of the kernel's log and of bpftool: `r1 = *(u32 *)(r2 +4)`. */
import type { MachineCode, Relocation } from "../object/machine-code.ts";
import { helperName } from "../ssa/helper-names.ts";
import type { ArithmeticOp } from "../ssa/ir.ts";
import { sourceComment } from "../ssa/source-comment.ts";
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
  PSEUDO_CALL,
  PSEUDO_KFUNC,
  Source,
} from "./opcodes.ts";

/** What is shown beside the instructions. */
export interface DisassembleOptions {
  /** Put the source line in front of the instructions made from it, once for those that follow each other. */
  readonly source?: boolean;
}

/** One line an instruction, numbered by 8-byte slot. */
export const disassemble = (code: MachineCode, options: DisassembleOptions = {}): string => {
  const view = new DataView(code.instructions.buffer, code.instructions.byteOffset, code.instructions.byteLength);
  const references = new Map(code.relocations.map((each) => [each.instruction, each]));
  const sources = new Map(code.lines.map((each) => [each.instruction, each.position]));
  const names = new Map(code.subprograms?.map(({ instruction, name }) => [instruction, name]));
  const lines: string[] = [];
  let shown = "";
  for (let at = 0; at < view.byteLength / 8; at++) {
    if (names.has(at)) {
      lines.push("", `${names.get(at)}:`);
      shown = "";
    }
    const position = sources.get(at);
    if (options.source === true && position !== undefined) {
      const comment = sourceComment(position);
      if (comment !== shown) lines.push(comment);
      shown = comment;
    }
    lines.push(`${String(at).padStart(4)}: ${instructionText(view, at, references.get(at), names)}`);
    if (view.getUint8(at * 8) === LOAD_IMMEDIATE_64) at++;
  }
  return `${lines.join("\n")}\n`;
};

const instructionText = (
  view: DataView,
  at: number,
  reference: Relocation | undefined,
  names: ReadonlyMap<number, string>,
): string => {
  const code = view.getUint8(at * 8);
  const destination = view.getUint8(at * 8 + 1) & 15;
  const source = view.getUint8(at * 8 + 1) >> 4;
  const offset = view.getInt16(at * 8 + 2, true);
  const immediate = view.getInt32(at * 8 + 4, true);
  const kind = code & 7;
  const letter = kind === Class.Alu32 || kind === Class.Jmp32 ? "w" : "r";
  const left = `${letter}${destination}`;
  const right = (code & Source.Register) === 0 ? `${immediate}` : `${letter}${source}`;
  const goto = `goto ${signed(offset)} <${at + offset + 1}>`;

  if (code === EXIT) return "exit";
  if (code === JUMP) return goto;
  if (code === CALL && source === PSEUDO_CALL) return `call ${names.get(at + 1 + immediate)} <${at + 1 + immediate}>`;
  if (code === CALL)
    return source === PSEUDO_KFUNC ? `call ${kfuncName(reference)}` : `call ${helperName(immediate)}#${immediate}`;
  if (code === LOAD_IMMEDIATE_64) {
    const high = view.getInt32(at * 8 + 12, true);
    return `r${destination} = ${wideText(reference, (BigInt(high) << 32n) | BigInt(immediate >>> 0))}`;
  }
  switch (kind) {
    case Class.Jmp:
    case Class.Jmp32:
      return `if ${left} ${comparison.get(code & 0xf0)} ${right} ${goto}`;
    case Class.Ldx:
      return `r${destination} = ${memory(code, source, offset)}`;
    case Class.St:
      return `${memory(code, destination, offset)} = ${immediate}`;
    case Class.Stx:
      if ((code & 0xe0) !== Mode.Atomic) return `${memory(code, destination, offset)} = r${source}`;
      return `lock ${atomic.get(immediate)} ${memory(code, destination, offset)}, r${source}`;
    default:
      return arithmeticText(code, left, right, immediate, offset);
  }
};

const arithmeticText = (code: number, left: string, right: string, immediate: number, offset: number): string => {
  const operation = code & 0xf0;
  if (operation === Alu.end) return `${left.replace("w", "r")} = be${immediate} ${left.replace("w", "r")}`;
  if (operation === Alu.neg) return `${left} = -${left}`;
  if (operation === Alu.mov) return offset === 0 ? `${left} = ${right}` : `${left} = (s${offset})${right}`;
  return `${left} ${assignment.get(operation)} ${right}`;
};

const memory = (code: number, register: number, offset: number): string =>
  `*(${size.get(code & 0x18)} *)(r${register} ${signed(offset)})`;

const signed = (value: number): string => (value < 0 ? `${value}` : `+${value}`);

const kfuncName = (reference: Relocation | undefined): string =>
  reference?.kind === "kfunc" ? reference.name : "kfunc";

const wideText = (reference: Relocation | undefined, value: bigint): string => {
  switch (reference?.kind) {
    case "map":
      return `map[${reference.map.name}]`;
    case "mapValue":
      return `map[${reference.map.name}][0]+${reference.offset}`;
    default:
      return `0x${BigInt.asUintN(64, value).toString(16)} ll`;
  }
};

const size = new Map([
  [0x00, "u32"],
  [0x08, "u16"],
  [0x10, "u8"],
  [0x18, "u64"],
]);

const symbols: Record<ArithmeticOp, string> = {
  add: "+=",
  sub: "-=",
  mul: "*=",
  div: "/=",
  mod: "%=",
  and: "&=",
  or: "|=",
  xor: "^=",
  shl: "<<=",
  shr: ">>=",
  sar: "s>>=",
};
const assignment = new Map((Object.keys(symbols) as ArithmeticOp[]).map((op) => [Alu[op], symbols[op]]));

const comparison = new Map([
  [Jump.eq, "=="],
  [Jump.ne, "!="],
  [Jump.gt, ">"],
  [Jump.ge, ">="],
  [Jump.lt, "<"],
  [Jump.le, "<="],
  [Jump.sgt, "s>"],
  [Jump.sge, "s>="],
  [Jump.slt, "s<"],
  [Jump.sle, "s<="],
  [Jump.set, "&"],
]);

const atomic = new Map(Object.entries(Atomic).map(([name, code]) => [code, name]));

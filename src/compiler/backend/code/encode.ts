/** Writes code blocks as bytes: branch offsets, line table, and the list of what the loader fills in. */
import { HopmarkError } from "../../../errors.ts";
import type { Position } from "../../../kernel/source.ts";
import { CompileError, LESS_CODE } from "../../diagnostics.ts";
import type { LineEntry, MachineCode, Relocation } from "../../object/machine-code.ts";
import { IdMap } from "../../ssa/by-id.ts";
import type { SsaFunction } from "../../ssa/ir.ts";
import { type CodeBlock, type Reference, type Word, word } from "./code.ts";
import { fallsBack } from "./falls-back.ts";
import { EXIT, inverse, Jump, JUMP } from "../opcodes.ts";

/** A call of another function of the program: its immediate is for the linker to fill in. */
export interface Call {
  readonly instruction: number;
  readonly callee: SsaFunction;
  readonly position: Position | null;
}

export interface FunctionCode extends MachineCode {
  readonly calls: readonly Call[];
}

/** Jumps reach 16 bits' worth of instructions. */
const REACH = 0x7fff;

export const encode = (name: string, blocks: readonly CodeBlock[], stackBytes: number): FunctionCode => {
  const words: Word[] = [];
  /** By word: where a jump leads. */
  const targets: (CodeBlock | null)[] = [];
  const starts = new IdMap<CodeBlock, number>();
  let length = 0;
  const add = (each: Word, target: CodeBlock | null = null): void => {
    words.push(each);
    targets.push(target);
    length += each.wide === null ? 1 : 2;
  };
  const jumping = fallsBack(blocks);
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]!;
    starts.set(block, length);
    for (const each of block.words) add(each);
    addEnd(block, jumping.has(block) ? undefined : blocks[i + 1], add);
  }

  const instructions = new Uint8Array(length * 8);
  const view = new DataView(instructions.buffer);
  const relocations: Relocation[] = [];
  const calls: Call[] = [];
  const lines: LineEntry[] = [];
  let last: Position | null = null;
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    const each = words[i]!;
    const target = targets[i]!;
    const { position, reference } = each;
    if (position !== null && (position.module !== last?.module || position.offset !== last.offset)) {
      lines.push({ instruction: at, position });
      last = position;
    }
    if (reference?.kind === "function") calls.push({ instruction: at, callee: reference.callee, position });
    else if (reference !== null) relocations.push(relocation(reference, at));
    const offset = target === null ? each.offset : starts.get(target)! - at - 1;
    if (offset > REACH || offset < -REACH - 1) throw tooFar(name, length, target !== null, position);
    view.setUint8(at * 8, each.code);
    view.setUint8(at * 8 + 1, each.destination | (each.source << 4));
    view.setInt16(at * 8 + 2, offset, true);
    view.setInt32(at * 8 + 4, each.immediate, true);
    at++;
    if (each.wide !== null) {
      view.setInt32(at * 8 + 4, each.wide, true);
      at++;
    }
  }
  return { instructions, relocations, lines, stackBytes, calls };
};

const addEnd = (
  { end }: CodeBlock,
  next: CodeBlock | undefined,
  add: (each: Word, target?: CodeBlock) => void,
): void => {
  switch (end.kind) {
    case "exit":
      return add(word(EXIT, end.position));
    case "jump":
      if (end.target !== next) add(word(JUMP, end.position), end.target);
      return;
    case "branch": {
      const { destination, source, immediate, position, taken, otherwise } = end;
      const fields = { destination, source, immediate };
      if (taken === next && end.condition !== "set") {
        add(word(end.code | Jump[inverse[end.condition]], position, fields), otherwise);
        return;
      }
      add(word(end.code | Jump[end.condition], position, fields), taken);
      if (otherwise !== next) add(word(JUMP, position), otherwise);
    }
  }
};

const relocation = (reference: Exclude<Reference, { kind: "function" }>, instruction: number): Relocation => {
  switch (reference.kind) {
    case "map":
      return { kind: "map", instruction, map: reference.map };
    case "mapValue":
      return { kind: "mapValue", instruction, map: reference.map, offset: reference.offset };
    case "kfunc":
      return { kind: "kfunc", instruction, name: reference.name };
  }
};

const tooFar = (name: string, length: number, isJump: boolean, position: Position | null): HopmarkError => {
  if (!isJump) return new HopmarkError("internal", `${name} has an access at an offset that 16 bits cannot hold`);
  const message = `${name} has ${length} instructions and a jump that 16 bits cannot hold`;
  return position === null
    ? new HopmarkError("function-too-large", message, { hint: LESS_CODE })
    : new CompileError([{ code: "HM1304", message: `${message}; ${LESS_CODE}`, position }]);
};

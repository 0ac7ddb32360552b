/** Puts a program's functions one behind the other, and fills in the calls between them. */
import { refuse } from "../diagnostics.ts";
import type { MachineCode, SubprogramCode } from "../object/machine-code.ts";
import type { SsaFunction } from "../ssa/ir.ts";
import type { FunctionCode } from "./code/encode.ts";

/** A function besides the main one, and what is said about it. */
export interface LinkedFunction extends Omit<SubprogramCode, "instruction" | "stackBytes"> {
  readonly fn: SsaFunction;
  readonly code: FunctionCode;
}

/** Throws `HM1305` when the kernel would refuse a chain of calls. */
export const link = (main: FunctionCode, functions: readonly LinkedFunction[]): MachineCode => {
  const { instructions, relocations, lines, stackBytes } = main;
  if (functions.length === 0) return { instructions, relocations, lines, stackBytes };
  checkChains(main, functions);
  const all = [main, ...functions.map(({ code }) => code)];
  const starts: number[] = [];
  let length = 0;
  for (const code of all) {
    starts.push(length);
    length += code.instructions.length / 8;
  }
  const bytes = new Uint8Array(length * 8);
  all.forEach((code, index) => bytes.set(code.instructions, starts[index]! * 8));
  const startOf = new Map(functions.map(({ fn }, index) => [fn, starts[index + 1]!]));
  const view = new DataView(bytes.buffer);
  all.forEach(({ calls }, index) => {
    for (const { instruction, callee } of calls) {
      const at = starts[index]! + instruction;
      view.setInt32(at * 8 + 4, startOf.get(callee)! - at - 1, true);
    }
  });
  const moved = <T extends { readonly instruction: number }>(entry: T, index: number): T => ({
    ...entry,
    instruction: entry.instruction + starts[index]!,
  });
  return {
    instructions: bytes,
    relocations: all.flatMap((code, index) => code.relocations.map((each) => moved(each, index))),
    lines: all.flatMap((code, index) => {
      const own = code.lines.map((each) => moved(each, index));
      const { position } = functions[index - 1] ?? { position: null };
      // Every function starts with a line of its own.
      const start = starts[index]!;
      return position === null || own[0]?.instruction === start ? own : [{ instruction: start, position }, ...own];
    }),
    stackBytes,
    subprograms: functions.map(({ name, parameters, result, position, code }, index) => ({
      name,
      parameters,
      result,
      position,
      instruction: starts[index + 1]!,
      stackBytes: code.stackBytes,
    })),
  };
};

/** The kernel's limits on a chain of calls (`MAX_BPF_STACK`, `MAX_CALL_FRAMES`), and what it rounds a frame up to. */
const STACK_LIMIT = 512;
const FRAME_LIMIT = 8;
const FRAME_ROUNDED = 32;

interface Chain {
  readonly bytes: number;
  readonly names: readonly string[];
}

const checkChains = (main: FunctionCode, functions: readonly LinkedFunction[]): void => {
  const byFunction = new Map(functions.map((each) => [each.fn, each]));
  const chains = new Map<SsaFunction, { readonly stack: Chain; readonly depth: Chain }>();
  /** The worst chains that start with `code`, called `name`. */
  const worst = (code: FunctionCode, name: string): { readonly stack: Chain; readonly depth: Chain } => {
    const bytes = Math.ceil(Math.max(code.stackBytes, 1) / FRAME_ROUNDED) * FRAME_ROUNDED;
    let stack: Chain = { bytes, names: [name] };
    let depth = stack;
    for (const { callee, position } of code.calls) {
      const called = byFunction.get(callee)!;
      let below = chains.get(callee);
      if (below === undefined) chains.set(callee, (below = worst(called.code, called.name)));
      const extend = (chain: Chain): Chain => ({ bytes: bytes + chain.bytes, names: [name, ...chain.names] });
      const [more, deeper] = [extend(below.stack), extend(below.depth)];
      if (more.bytes > STACK_LIMIT) {
        refuse(
          "HM1305",
          `${more.names.join(" calls ")} and together they need ${more.bytes} bytes of stack; the kernel gives ${STACK_LIMIT}`,
          position ?? called.position,
        );
      }
      if (deeper.names.length > FRAME_LIMIT) {
        refuse(
          "HM1305",
          `${deeper.names.join(" calls ")}: the kernel allows ${FRAME_LIMIT} functions on the way, the program included; call fewer within each other`,
          position ?? called.position,
        );
      }
      if (more.bytes > stack.bytes) stack = more;
      if (deeper.names.length > depth.names.length) depth = deeper;
    }
    return { stack, depth };
  };
  worst(main, "the program");
};

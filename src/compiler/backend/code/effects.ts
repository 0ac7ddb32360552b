/** Which registers an instruction reads and writes, as masks with bit n for register n. */
import { Alu, Atomic, CALL, Class, LOAD_IMMEDIATE_64, Mode, Source } from "../opcodes.ts";
import type { CodeBlock, Word } from "./code.ts";

const ARGUMENTS = 0b111110;
const CLOBBERED = 0b111111;

export const readsOf = ({ code, destination, source, immediate }: Word): number => {
  if (code === CALL) return ARGUMENTS;
  if (code === LOAD_IMMEDIATE_64) return 0;
  const kind = code & 7;
  switch (kind) {
    case Class.Ldx:
      return 1 << source;
    case Class.St:
    case Class.Jmp:
      return 1 << destination;
    case Class.Stx: {
      const both = (1 << destination) | (1 << source);
      const comparesR0 = (code & 0xe0) === Mode.Atomic && immediate === Atomic.compare_exchange;
      return comparesR0 ? both | 1 : both;
    }
    default: {
      const operation = code & 0xf0;
      const isSwap = operation === Alu.end;
      const right = (code & Source.Register) !== 0 && !isSwap ? 1 << source : 0;
      return operation === Alu.mov ? right : right | (1 << destination);
    }
  }
};

export const writesOf = ({ code, destination, source, immediate }: Word): number => {
  if (code === CALL) return CLOBBERED;
  switch (code & 7) {
    case Class.St:
    case Class.Jmp:
      return 0;
    case Class.Stx:
      if ((code & 0xe0) !== Mode.Atomic || (immediate & 1) === 0) return 0;
      return immediate === Atomic.compare_exchange ? 1 : 1 << source;
    default:
      return 1 << destination;
  }
};

/** What the end of a block reads. */
export const readsAtEnd = ({ end }: CodeBlock): number => {
  if (end.kind === "jump") return 0;
  if (end.kind === "exit") return 1;
  const right = (end.code & Source.Register) !== 0 ? 1 << end.source : 0;
  return right | (1 << end.destination);
};

/**
 * Bounds that were tested and do not hold: map memory is shared, so each read of it is a new value, of which a test of the
 * read before says nothing.
 */
import type { Node } from "../ssa/ir.ts";
import type { Unit } from "./unit.ts";
import type { IntegerValue } from "./values.ts";

/** Part of the source: what is being refused. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/**
 * What to do to prove something of a value: what `advice` says, or, where the value is read from shared memory within the
 * refused code itself, to keep it first.
 */
export const proofAdvice = (unit: Unit, value: IntegerValue, advice: string, node?: Extent): string => {
  const extent = node ?? unit.blamed ?? { start: unit.builder.position?.offset ?? 0, end: unit.end };
  const read = freshRead(unit, value.node, extent);
  if (read === null) return advice;
  const text = textOf(unit.module.text, read.position?.offset ?? 0);
  return `another CPU may change it between the test and here: keep it in a const first${text} and test that`;
};

/** Operations that a value goes through between memory and the program's name for it, and arithmetic. */
const MOST_STEPS = 8;

const freshRead = (unit: Unit, node: Node, extent: Extent, steps = MOST_STEPS): Node | null => {
  if (node.op === "load") return isShared(node) && isWithin(unit, node, extent) ? node : null;
  if (node.op === "phi" || node.op === "call" || steps === 0) return null;
  for (const arg of node.args) {
    const found = freshRead(unit, arg, extent, steps - 1);
    if (found !== null) return found;
  }
  return null;
};

const isShared = ({ space }: Node): boolean => space === "map" || space === "btf";

const isWithin = (unit: Unit, { position }: Node, { start, end }: Extent): boolean =>
  position !== null && position.module === unit.module && position.offset >= start && position.offset < end;

/** ` (const n = a.b)` when the read at `offset` is plainly written. */
const textOf = (text: string, offset: number): string => {
  const before = /[\w$.]*$/.exec(text.slice(0, offset))?.[0] ?? "";
  const after = /^[\w$]*/.exec(text.slice(offset))?.[0] ?? "";
  return /^[A-Za-z_$].*\./.test(before) && after !== "" ? ` (const n = ${before}${after})` : "";
};

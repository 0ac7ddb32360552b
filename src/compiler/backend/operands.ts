/** How IR values appear as operands: in a register, made where they are wanted, or as an immediate. */
import type { Node } from "../ssa/ir.ts";
import { fitsImmediate, type Rebuild } from "./machine.ts";

/** How to make the value from nothing; null when it must be computed. */
export const rebuildOf = (node: Node): Rebuild | null => {
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
export const keyOf = (node: Node, rebuild: Rebuild): string => {
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
export const immediateOf = (node: Node, width: number): number | null => {
  if (node.op !== "const") return null;
  if (width === 32) return Number(BigInt.asIntN(32, node.imm));
  return fitsImmediate(node.imm) ? Number(node.imm) : null;
};

/** What a store can write without a register. Kernels before 6.4 refuse immediate stores to the context. */
export const storedImmediate = (node: Node): number | null => {
  const value = node.args[1]!;
  if (value.op !== "const" || node.space === "context") return null;
  if (node.size === 8) return fitsImmediate(value.imm) ? Number(value.imm) : null;
  return Number(BigInt.asIntN(node.size * 8, value.imm));
};

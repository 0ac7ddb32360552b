/** Runs IR directly, as the judge of what the back end makes of it. */
import { HopmarkError } from "../../../errors.ts";
import type { ArithmeticOp, Block, Node, SsaFunction } from "../../ssa/ir.ts";
import { arithmetic, holds, swapBytes } from "../../ssa/arithmetic.ts";
import { addressOf } from "./addresses.ts";
import { atomicStep, type Memory } from "./memory.ts";

/** The result as an unsigned 64-bit number. `memory` gets a region for the function's stack slots. */
export const evaluate = (fn: SsaFunction, memory: Memory, context: bigint, limit = 100_000): bigint => {
  const values = new Map<Node, bigint>();
  const slots = new Map<number, bigint>();
  let base = 0x5000_0000n;
  for (const slot of fn.slots) {
    memory.add(base, new Uint8Array(slot.size));
    slots.set(slot.id, base);
    base += 0x1000n;
  }
  const valueOf = (node: Node): bigint => {
    const value = values.get(node);
    if (value === undefined) throw new HopmarkError("invalid-ssa", `%${node.id} is read before it has a value`);
    return value;
  };
  const compute = (node: Node): bigint => {
    const args = node.args.map(valueOf);
    const [a = 0n, b = 0n, c = 0n] = args;
    switch (node.op) {
      case "const":
        return BigInt.asUintN(64, node.imm);
      case "context":
        return context;
      case "neg":
        return arithmetic("sub", 0n, a, node.width);
      case "zext":
        return BigInt.asUintN(node.width, a);
      case "sext":
        return BigInt.asUintN(64, BigInt.asIntN(node.width, a));
      case "bswap":
        return swapBytes(a, node.width);
      case "load":
        return memory.read(BigInt.asUintN(64, a + BigInt(node.offset)), node.size);
      case "store":
        memory.write(BigInt.asUintN(64, a + BigInt(node.offset)), node.size, b);
        return 0n;
      case "map":
        return addressOf(node.map!);
      case "mapValue":
        return addressOf(node.map!) + BigInt(node.offset);
      case "stack":
        return slots.get(node.slot!.id)!;
      case "atomic":
        return atomicStep(memory, node.atomic, BigInt.asUintN(64, a + BigInt(node.offset)), node.size, b, c);
      case "call":
        return memory.call(Number(node.imm), args);
      case "kfunc":
        return memory.call(node.name, args);
      default:
        return arithmetic(node.op as ArithmeticOp, a, b, node.width);
    }
  };

  let block = fn.entry;
  let previous: Block | null = null;
  for (let steps = 0; steps < limit;) {
    const from: Block | null = previous;
    const phis = block.nodes.filter((node) => node.op === "phi");
    const edge = from === null ? -1 : block.predecessors.indexOf(from);
    const taken = phis.map((phi) => valueOf(phi.args[edge]!));
    phis.forEach((phi, i) => values.set(phi, taken[i]!));
    let next: Block | null = null;
    for (const node of block.nodes.slice(phis.length)) {
      steps++;
      if (node.op === "return") return valueOf(node.args[0]!);
      if (node.op === "jump") next = block.successors[0]!;
      else if (node.op === "branch") {
        const [left, right] = node.args.map(valueOf) as [bigint, bigint];
        next = block.successors[holds(node.condition, left, right, node.width) ? 0 : 1]!;
      } else values.set(node, compute(node));
    }
    previous = block;
    block = next!;
  }
  throw new HopmarkError("too-long", `${fn.name} does not end within ${limit} steps`);
};

/**
 * Rewrites IR into machine instructions over virtual registers: constants that fit become immediates, stack addresses
 * become offsets from the frame pointer, and constants, addresses and maps that only travel (to a call, a phi, a
 * return) stay operands, made where they arrive.
 */
import { IdMap } from "../ssa/by-id.ts";
import type { Block, SsaFunction } from "../ssa/ir.ts";
import type { Loop } from "./find-loops.ts";
import { MachineBlock, type MachineFunction, type MachineLoop } from "./machine.ts";
import type { BlockOrder } from "./order-blocks.ts";
import { type Cpu, Selector } from "./selector.ts";

export const select = (fn: SsaFunction, order: BlockOrder, cpu: Cpu = "v3"): MachineFunction => {
  const selector = new Selector(cpu);
  const blocks = new IdMap<Block, MachineBlock>();
  for (const block of order.blocks) blocks.set(block, new MachineBlock(block.id));
  const { loops, loopOf } = machineLoops(order, blocks);
  for (const block of order.blocks) {
    const machine = blocks.get(block)!;
    machine.predecessors = block.predecessors.map((each) => blocks.get(each)!);
    machine.successors = block.successors.map((each) => blocks.get(each)!);
    for (let i = 0; i < machine.predecessors.length; i++) machine.predecessors[i]!.edge = i;
    machine.frequency = order.frequency[block.id]!;
    machine.loop = loopOf.get(block) ?? null;
  }
  for (const block of order.blocks) selector.block(block, blocks.get(block)!);
  selector.fillPhis();
  return { name: fn.name, blocks: order.blocks.map((block) => blocks.get(block)!), virtuals: selector.virtuals, loops };
};

const machineLoops = (
  order: BlockOrder,
  blocks: IdMap<Block, MachineBlock>,
): { loops: MachineLoop[]; loopOf: IdMap<Block, MachineLoop> } => {
  const made = new Map<Loop, MachineLoop>();
  for (const loop of order.loops.all) {
    const header = blocks.get(loop.header)!;
    const parent = loop.parent === null ? null : made.get(loop.parent)!;
    made.set(loop, { header, parent, depth: loop.depth, last: header });
  }
  const loopOf = new IdMap<Block, MachineLoop>();
  for (const block of order.blocks) {
    const loop = order.loops.innermost[block.id];
    if (loop === undefined) continue;
    loopOf.set(block, made.get(loop)!);
    for (let at: MachineLoop | null = made.get(loop)!; at !== null; at = at.parent) at.last = blocks.get(block)!;
  }
  return { loops: [...made.values()], loopOf };
};

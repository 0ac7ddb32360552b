import { type Block, Node } from "../../ssa/ir.ts";

/** The same operation on other arguments, in another block. */
export const copyNode = (node: Node, id: number, args: Node[], block: Block): Node => {
  const copy = new Node(id, node.op, args, block, node.position);
  copy.width = node.width;
  copy.size = node.size;
  copy.offset = node.offset;
  copy.kept = node.kept;
  copy.imm = node.imm;
  copy.space = node.space;
  copy.condition = node.condition;
  copy.atomic = node.atomic;
  copy.name = node.name;
  copy.map = node.map;
  copy.slot = node.slot;
  copy.callee = node.callee;
  copy.low = node.low;
  copy.high = node.high;
  return copy;
};

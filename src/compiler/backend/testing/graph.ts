/** Builds IR node by node, with nothing folded. */
import type { MapDescriptor } from "../../../kernel/maps.ts";
import { Block, Node, type Op, type SsaFunction, type StackSlot } from "../../ssa/ir.ts";

export interface NodeFields {
  readonly width?: 8 | 16 | 32 | 64;
  readonly size?: 1 | 2 | 4 | 8;
  readonly offset?: number;
  readonly imm?: bigint;
  readonly condition?: Node["condition"];
  readonly atomic?: Node["atomic"];
  readonly name?: string;
  readonly map?: MapDescriptor;
  readonly slot?: StackSlot;
  readonly space?: Node["space"];
  readonly low?: bigint;
  readonly high?: bigint;
}

export class Graph {
  readonly fn: SsaFunction;
  block: Block;
  #nodes = 0;
  #blocks = 0;

  constructor(name = "test") {
    this.block = new Block(this.#blocks++);
    this.fn = { name, entry: this.block, blocks: [this.block], slots: [] };
  }

  /** A block that {@link start} puts in the function. */
  newBlock(): Block {
    return new Block(this.#blocks++);
  }

  start(block: Block): void {
    this.fn.blocks.push(block);
    this.block = block;
  }

  slot(size: number): StackSlot {
    const slot = { id: this.fn.slots.length, size };
    this.fn.slots.push(slot);
    return slot;
  }

  add(op: Op, args: Node[] = [], fields: NodeFields = {}): Node {
    const node = Object.assign(new Node(this.#nodes++, op, args, this.block, null), fields);
    this.block.nodes.push(node);
    return node;
  }

  constant(value: bigint | number): Node {
    const imm = BigInt.asIntN(64, BigInt(value));
    return this.add("const", [], { imm, low: imm, high: imm });
  }

  jump(target: Block): void {
    this.add("jump");
    this.#connect(target);
  }

  branch(condition: Node["condition"], left: Node, right: Node, width: 32 | 64, taken: Block, otherwise: Block): void {
    this.add("branch", [left, right], { condition, width });
    this.#connect(taken);
    this.#connect(otherwise);
  }

  return(value: Node): void {
    this.add("return", [value]);
  }

  #connect(target: Block): void {
    this.block.successors.push(target);
    target.predecessors.push(this.block);
  }
}

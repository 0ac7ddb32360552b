/**
 * Builds SSA with folding on the way: constants fold, identities vanish, and a pure operation already computed on
 * every path to here is not computed again.
 */
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Position } from "../../kernel/source.ts";
import { arithmetic, swapBytes } from "./arithmetic.ts";
import { State, Table } from "./state.ts";
import {
  Block,
  Node,
  type ArithmeticOp,
  type AtomicOp,
  type Condition,
  type Op,
  type Space,
  type SsaFunction,
  type StackSlot,
} from "./ir.ts";
import { anyRange, S64_MAX, S64_MIN, U32_MAX, isOpaque, rangeOf64, type Range } from "./range.ts";

/** Undo information for an abandoned attempt. */
export interface Snapshot {
  readonly blocks: number;
  readonly block: Block | null;
  readonly nodes: number;
  readonly slots: number;
  readonly mark: number;
  readonly nodeCount: number;
}

const mask = (width: number): bigint => (1n << BigInt(width)) - 1n;

const commutative = new Set<ArithmeticOp>(["add", "mul", "and", "or", "xor"]);

export class Builder {
  readonly fn: SsaFunction;
  readonly state = new State();
  /** Pure operations computed on every path to here, by what they compute. */
  readonly #computed = new Table<string, Node>("drop");
  /** Narrower ranges proved by branches. */
  readonly ranges = new Table<Node, Range>("drop");
  /** Null while no path reaches here. */
  block: Block | null;
  position: Position | null = null;
  /** Real loops around the current place. */
  loopDepth = 0;
  #nodeCount = 0;
  #abandoned = 0;
  #blockCount = 0;
  /** In a subprogram that does not take it, nobody may ask. */
  readonly context: Node;
  readonly arguments: readonly Node[];

  /** `parameters`: how many a subprogram has, and which of them is the context. */
  constructor(name: string, parameters: { readonly count: number; readonly context: number } | null = null) {
    const entry = new Block(this.#blockCount++);
    this.fn = { name, entry, blocks: [entry], slots: [] };
    this.block = entry;
    const count = parameters?.count ?? 0;
    this.arguments = Array.from({ length: count }, (_, at) => {
      const node = this.#append("argument", []);
      node.imm = BigInt(at);
      return node;
    });
    // One that nobody took is in no block: whoever used it would be found out.
    this.context =
      parameters === null
        ? this.#append("context", [])
        : (this.arguments[parameters.context] ?? new Node(-1, "context", [], entry, null));
  }

  get reachable(): boolean {
    return this.block !== null;
  }

  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Nodes that are still there, about. */
  get size(): number {
    return this.#nodeCount - this.#abandoned;
  }

  newBlock(): Block {
    const block = new Block(this.#blockCount++);
    block.loopDepth = this.loopDepth;
    this.fn.blocks.push(block);
    return block;
  }

  #append(op: Op, args: Node[]): Node {
    if (this.block === null) throw new Error(`no block to put ${op} in`);
    const node = new Node(this.#nodeCount++, op, args, this.block, this.position);
    this.block.nodes.push(node);
    return node;
  }

  snapshot(): Snapshot {
    return {
      blocks: this.fn.blocks.length,
      block: this.block,
      nodes: this.block?.nodes.length ?? 0,
      slots: this.fn.slots.length,
      mark: this.state.mark(),
      nodeCount: this.#nodeCount,
    };
  }

  restore(snapshot: Snapshot): void {
    this.#abandoned += this.#nodeCount - snapshot.nodeCount;
    this.fn.blocks.length = snapshot.blocks;
    this.fn.slots.length = snapshot.slots;
    this.block = snapshot.block;
    if (this.block !== null) {
      this.block.nodes.length = snapshot.nodes;
      this.block.successors = [];
    }
    this.state.undo(snapshot.mark);
  }

  /** What is known of a node here, with what branches proved. */
  range(node: Node): Range {
    return this.state.get(this.ranges, node) ?? node;
  }

  narrow(node: Node, low: bigint, high: bigint): void {
    const known = this.range(node);
    const narrowed = { low: known.low > low ? known.low : low, high: known.high < high ? known.high : high };
    if (narrowed.low > known.low || narrowed.high < known.high) this.state.set(this.ranges, node, narrowed);
  }

  /** An earlier equal node, when its range is at least as good as a new one's would be. */
  #reuse(key: string, low: bigint, high: bigint): Node | undefined {
    const found = this.state.get(this.#computed, key);
    if (found === undefined) return undefined;
    const known = this.range(found);
    return known.low >= low && known.high <= high ? found : undefined;
  }

  #pure(key: string, op: Op, args: Node[], low: bigint, high: bigint, fill: (node: Node) => void): Node {
    const found = this.#reuse(key, low, high);
    if (found !== undefined) return found;
    const node = this.#append(op, args);
    node.low = low;
    node.high = high;
    fill(node);
    this.state.set(this.#computed, key, node);
    return node;
  }

  constant(value: bigint | number): Node {
    const imm = BigInt.asIntN(64, BigInt(value));
    return this.#pure(`const ${imm}`, "const", [], imm, imm, (node) => (node.imm = imm));
  }

  binary(op: ArithmeticOp, left: Node, right: Node, width: 32 | 64 = 64): Node {
    if (left.op === "const" && right.op === "const") return this.constant(arithmetic(op, left.imm, right.imm, width));
    if (left.op === "const" && commutative.has(op)) return this.binary(op, right, left, width);
    const a = this.range(left);
    const b = this.range(right);
    if (right.op === "const" && width === 64) {
      const identity = this.#identity(op, left, right.imm, a);
      if (identity !== undefined) return identity;
    }
    let { low, high } = width === 64 || isOpaque(op, b) ? rangeOf64(op, a, b) : { low: 0n, high: U32_MAX };
    if (width === 32 && a.low >= 0n && b.low >= 0n && a.high <= U32_MAX && b.high <= U32_MAX) {
      const exact = rangeOf64(op, a, b);
      if (exact.low >= 0n && exact.high <= U32_MAX) ({ low, high } = exact);
    }
    return this.#pure(
      `${op} ${width} ${left.id} ${right.id}`,
      op,
      [left, right],
      low,
      high,
      (node) => (node.width = width),
    );
  }

  #identity(op: ArithmeticOp, left: Node, right: bigint, a: Range): Node | undefined {
    switch (op) {
      case "add":
      case "sub":
        if (right === 0n) return left;
        if (op === "add" && left.op === "add" && left.args[1]?.op === "const" && !this.#isPointer(left)) {
          return this.binary("add", left.args[0] as Node, this.constant(left.args[1].imm + right));
        }
        return undefined;
      case "or":
      case "xor":
      case "shl":
      case "shr":
      case "sar":
        return right === 0n ? left : undefined;
      case "mul":
        if (right === 1n) return left;
        if (right === 0n) return this.constant(0n);
        if (right > 0n && (right & (right - 1n)) === 0n)
          return this.binary("shl", left, this.constant(right.toString(2).length - 1));
        return undefined;
      case "div":
        if (right === 1n) return left;
        if (right > 0n && (right & (right - 1n)) === 0n)
          return this.binary("shr", left, this.constant(right.toString(2).length - 1));
        return undefined;
      case "mod":
        if (right > 0n && (right & (right - 1n)) === 0n) return this.binary("and", left, this.constant(right - 1n));
        return undefined;
      case "and": {
        if (right === 0n) return this.constant(0n);
        if (right === -1n) return left;
        // A mask of low ones that covers the range changes nothing.
        const ones = right > 0n && (right & (right + 1n)) === 0n;
        return ones && a.low >= 0n && a.high <= right ? left : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Folding `(p + a) + b` would give the pointer a new identity; integers have none. */
  #isPointer(node: Node): boolean {
    return node.low === S64_MIN && node.high === S64_MAX;
  }

  /** `pointer + offset`: never folded, so that a bounds check on it stays attached to it. */
  pointerAdd(pointer: Node, offset: Node): Node {
    return this.#pure(`add 64 ${pointer.id} ${offset.id}`, "add", [pointer, offset], S64_MIN, S64_MAX, () => {});
  }

  /** Keeps the low `width` bits. */
  zeroExtend(value: Node, width: 8 | 16 | 32): Node {
    const known = this.range(value);
    const limit = mask(width);
    if (value.op === "const") return this.constant(BigInt.asUintN(width, value.imm));
    if (known.low >= 0n && known.high <= limit) return value;
    return this.#pure(`zext ${width} ${value.id}`, "zext", [value], 0n, limit, (node) => (node.width = width));
  }

  signExtend(value: Node, width: 8 | 16 | 32): Node {
    const half = 1n << BigInt(width - 1);
    if (value.op === "const") return this.constant(BigInt.asIntN(width, value.imm));
    const known = this.range(value);
    if (known.low >= -half && known.high < half) return value;
    return this.#pure(`sext ${width} ${value.id}`, "sext", [value], -half, half - 1n, (node) => (node.width = width));
  }

  negate(value: Node): Node {
    return this.binary("sub", this.constant(0n), value);
  }

  /** Reverses the low `width` bits' bytes; the rest becomes 0. */
  byteSwap(value: Node, width: 16 | 32 | 64): Node {
    if (value.op === "const")
      return this.constant(BigInt.asIntN(64, swapBytes(BigInt.asUintN(width, value.imm), width)));
    if (value.op === "bswap" && value.width === width) {
      const inner = value.args[0] as Node;
      return width === 64 ? inner : this.zeroExtend(inner, width);
    }
    // Verifiers of older kernels (6.1 is one) know nothing of the result, not even its length.
    const { low, high } = anyRange;
    return this.#pure(`bswap ${width} ${value.id}`, "bswap", [value], low, high, (node) => (node.width = width));
  }

  load(pointer: Node, offset: number, size: 1 | 2 | 4 | 8, space: Space): Node {
    const node = this.#append("load", [pointer]);
    node.offset = offset;
    node.size = size;
    node.space = space;
    if (size < 8) {
      node.low = 0n;
      node.high = mask(size * 8);
    }
    return node;
  }

  /** A load whose result is a pointer (packet data and end in the context): 4 bytes there, 64 in the register. */
  loadPointer(pointer: Node, offset: number): Node {
    const node = this.load(pointer, offset, 4, "context");
    node.low = S64_MIN;
    node.high = S64_MAX;
    return node;
  }

  store(pointer: Node, offset: number, size: 1 | 2 | 4 | 8, value: Node, space: Space): void {
    const node = this.#append("store", [pointer, value]);
    node.offset = offset;
    node.size = size;
    node.space = space;
  }

  atomic(operator: AtomicOp, pointer: Node, offset: number, size: 4 | 8, operands: Node[], space: Space): Node {
    const node = this.#append("atomic", [pointer, ...operands]);
    node.atomic = operator;
    node.offset = offset;
    node.size = size;
    node.space = space;
    if (size === 4) {
      node.low = 0n;
      node.high = U32_MAX;
    }
    return node;
  }

  hide(value: Node, unknown: Node): Node {
    return this.#append("hide", [value, unknown]);
  }

  /** For values with a lower bound; others need none. */
  pin(value: Node): void {
    const { low } = this.range(value);
    if (value.op === "const" || low < -0x8000_0000n || low > 0x7fff_ffffn) return;
    this.#append("pin", [value]).imm = low;
  }

  call(helper: number, args: Node[]): Node {
    const node = this.#append("call", args);
    node.imm = BigInt(helper);
    return node;
  }

  kfunc(name: string, args: Node[]): Node {
    const node = this.#append("kfunc", args);
    node.name = name;
    return node;
  }

  invoke(callee: SsaFunction, args: Node[]): Node {
    const node = this.#append("invoke", args);
    node.callee = callee;
    return node;
  }

  mapPointer(map: MapDescriptor): Node {
    const node = this.#append("map", []);
    node.map = map;
    return node;
  }

  mapValuePointer(map: MapDescriptor): Node {
    const node = this.#append("mapValue", []);
    node.map = map;
    return node;
  }

  /** `what` it holds, for people: `the key of pages`. */
  newSlot(size: number, what: string): StackSlot {
    const slot = { id: this.fn.slots.length, size: Math.ceil(size / 8) * 8, what, position: this.position };
    this.fn.slots.push(slot);
    return slot;
  }

  slotPointer(slot: StackSlot): Node {
    return this.#pure(`stack ${slot.id}`, "stack", [], S64_MIN, S64_MAX, (node) => (node.slot = slot));
  }

  /** A phi of the current block, which must not have anything but phis yet; one argument per predecessor. */
  phi(args: Node[], low: bigint, high: bigint): Node {
    const block = this.block as Block;
    const node = new Node(this.#nodeCount++, "phi", args, block, this.position);
    node.low = low;
    node.high = high;
    const at = block.nodes.findIndex((other) => other.op !== "phi");
    if (at === -1) block.nodes.push(node);
    else block.nodes.splice(at, 0, node);
    return node;
  }

  /** Ends the block. */
  jump(target: Block): void {
    const from = this.block as Block;
    this.#append("jump", []);
    from.successors = [target];
    target.predecessors.push(from);
    this.block = null;
  }

  branch(condition: Condition, left: Node, right: Node, width: 32 | 64, taken: Block, otherwise: Block): void {
    const from = this.block as Block;
    const node = this.#append("branch", [left, right]);
    node.condition = condition;
    node.width = width;
    from.successors = [taken, otherwise];
    taken.predecessors.push(from);
    otherwise.predecessors.push(from);
    this.block = null;
  }

  return(value: Node): void {
    this.#append("return", [value]);
    this.block = null;
  }
}

/** Random functions in SSA form: diamonds, loops, early returns, phis that swap, calls, and more live values than registers. */
import { arrayMap, type MapDescriptor } from "../../../kernel/maps.ts";
import { array, struct, u64 } from "../../../wire/layout.ts";
import type { ArithmeticOp, AtomicOp, Block, Condition, Node, Space, SsaFunction, StackSlot } from "../../ssa/ir.ts";
import { Graph } from "./graph.ts";
import { POINTER_HELPERS } from "./memory.ts";
import { random, type Random } from "./random.ts";

/** What the context points to: bytes that functions treat as a packet, and after them bytes that they treat as context. */
export const CONTEXT_BYTES = 96;
const PACKET_BYTES = 64;
export const MAP_BYTES = 64;
const bytes64 = struct("bytes64", { words: array(u64, MAP_BYTES / 8) });
/** One-element array maps that functions reach through `mapValue`. */
export const maps: readonly MapDescriptor[] = [0, 1].map((i) => arrayMap(bytes64, { entries: 1, name: `map${i}` }));
/** Looked up by functions for the kernel, with keys of which half are there. */
export const table = arrayMap(u64, { entries: 4, name: "table" });

export interface Shape {
  /** About how many nodes. */
  readonly size: number;
  /** How many values statements choose from: the more, the longer values live. */
  readonly pool: number;
  readonly calls: boolean;
  /** An XDP program that the kernel takes: packet bytes behind a bounds check, real helpers. */
  readonly kernel?: boolean;
}

/** Helpers of the kernel: `bpf_map_lookup_elem`, `bpf_xdp_load_bytes`. */
export const LOOKUP = 1;
export const LOAD_BYTES = 189;

export const randomFunction = (seed: number, shape: Shape): SsaFunction => new Generator(seed, shape).function();

const binary: ArithmeticOp[] = ["add", "sub", "mul", "div", "mod", "and", "or", "xor", "shl", "shr", "sar"];
const conditions: Condition[] = ["eq", "ne", "lt", "le", "gt", "ge", "slt", "sle", "sgt", "sge", "set"];
const atomics: AtomicOp[] = [
  "add",
  "and",
  "or",
  "xor",
  "fetch_add",
  "fetch_and",
  "fetch_or",
  "fetch_xor",
  "exchange",
  "compare_exchange",
];

class Generator {
  readonly #random: Random;
  readonly #graph = new Graph();
  readonly #shape: Shape;
  #budget: number;
  readonly #program: Node;
  /** What packet bytes are reached from. */
  #context: Node;
  #slots: StackSlot[] = [];
  /** Integers that are defined on every path to here. */
  #pool: Node[] = [];

  constructor(seed: number, shape: Shape) {
    this.#random = random(seed);
    this.#shape = shape;
    this.#budget = shape.size;
    this.#program = this.#graph.add("context");
    this.#context = this.#program;
  }

  function(): SsaFunction {
    const graph = this.#graph;
    if (this.#shape.kernel === true) this.#checkBounds();
    for (let i = this.#random.below(3); i >= 0; i--) {
      const slot = graph.slot(16);
      this.#slots.push(slot);
      const address = graph.add("stack", [], { slot });
      for (const offset of [0, 8]) graph.add("store", [address, this.#constant()], { offset, space: "stack" });
    }
    for (let i = 0; i < 3; i++) this.#keep(graph.add("load", [this.#context], { offset: i * 8, space: "packet" }));
    while (this.#budget > 0) this.#statements(3);
    // All that is left counts, so that it lives to the end.
    let result = this.#value();
    for (const value of this.#pool) result = graph.add("xor", [graph.add("mul", [result, graph.constant(31)]), value]);
    const map = this.#random.pick(maps);
    graph.add("store", [graph.add("mapValue", [], { map, offset: 0 }), result], { offset: 8, space: "map" });
    graph.return(result);
    return graph.fn;
  }

  #checkBounds(): void {
    const graph = this.#graph;
    const data = graph.add("load", [this.#program], { size: 4, space: "context" });
    const end = graph.add("load", [this.#program], { size: 4, offset: 4, space: "context" });
    const [short, enough] = [graph.newBlock(), graph.newBlock()];
    const needed = graph.add("add", [data, graph.constant(PACKET_BYTES)]);
    graph.branch("gt", needed, end, 64, short, enough);
    graph.start(short);
    graph.return(graph.constant(-1));
    graph.start(enough);
    this.#context = data;
  }

  #keep(node: Node): void {
    this.#pool.push(node);
    if (this.#pool.length > this.#shape.pool) this.#pool.splice(this.#random.below(this.#pool.length - 1), 1);
  }

  #constant(): Node {
    const { below, u64 } = this.#random;
    const kind = below(10);
    if (kind === 0) return this.#graph.constant(BigInt.asIntN(64, u64()));
    if (kind === 1) return this.#graph.constant(u64() & 0xffffffffn);
    if (kind === 2) return this.#graph.constant(-below(1000));
    if (kind === 3) return this.#graph.constant(1n << BigInt(below(64)));
    if (kind === 4) return this.#graph.constant((1n << BigInt(this.#random.pick([1, 8, 12, 16, 31, 32, 48]))) - 1n);
    return this.#graph.constant(below(kind < 7 ? 4 : 70000));
  }

  #value(): Node {
    return this.#pool.length === 0 || this.#random.once(5) ? this.#constant() : this.#random.pick(this.#pool);
  }

  #statements(depth: number): void {
    for (let count = 2 + this.#random.below(8); count > 0 && this.#budget > 0; count--) this.#statement(depth);
  }

  #statement(depth: number): void {
    this.#budget--;
    const kind = this.#random.below(20);
    if (kind < 8) this.#arithmetic();
    else if (kind < 10) this.#unary();
    else if (kind < 12) this.#load();
    else if (kind < 13) this.#store();
    else if (kind < 14 && this.#random.once(2)) this.#scratch();
    else if (kind < 14) this.#atomic();
    else if (kind < 16 && this.#shape.calls) this.#call();
    else if (kind < 18 && depth > 0) this.#diamond(depth);
    else if (kind === 18 && depth > 0) this.#loop(depth);
    else this.#arithmetic();
  }

  #arithmetic(): void {
    const op = this.#random.pick(binary);
    const width = this.#random.once(3) ? 32 : 64;
    const left = this.#value();
    // The kernel refuses constant shifts by the width or more.
    const isShift = op === "shl" || op === "shr" || op === "sar";
    const right =
      isShift && this.#random.once(2) ? this.#graph.constant(this.#random.below(width)) : this.#operand(isShift);
    this.#keep(this.#graph.add(op, [left, right], { width, ...rangeOf(op, width, right) }));
  }

  /** Any value; where constants are no good, one from the pool. */
  #operand(variable: boolean): Node {
    return variable ? this.#random.pick(this.#pool) : this.#value();
  }

  #unary(): void {
    const op = this.#random.pick(["neg", "zext", "sext", "bswap"] as const);
    const widths = { neg: [32, 64], zext: [8, 16, 32], sext: [8, 16, 32], bswap: [16, 32, 64] } as const;
    const width = this.#random.pick<8 | 16 | 32 | 64>(widths[op]);
    this.#keep(this.#graph.add(op, [this.#value()], { width, ...rangeOf(op, width) }));
  }

  /** A pointer to something, and an offset at which `size` bytes are inside and aligned. */
  #place(size: 1 | 2 | 4 | 8): { pointer: Node; offset: number; space: Space } {
    const graph = this.#graph;
    const aligned = (limit: number): number => this.#random.below(limit / size) * size;
    const kind = this.#random.below(this.#shape.kernel === true ? 3 : 5);
    if (kind === 0) return { pointer: this.#context, offset: aligned(PACKET_BYTES), space: "packet" };
    if (kind === 1) {
      const start = aligned(16);
      const map = this.#random.pick(maps);
      return {
        pointer: graph.add("mapValue", [], { map, offset: start }),
        offset: aligned(MAP_BYTES - 16),
        space: "map",
      };
    }
    if (kind === 2) {
      const address = graph.add("stack", [], { slot: this.#random.pick(this.#slots) });
      if (this.#random.once(2)) return { pointer: address, offset: aligned(16), space: "stack" };
      return { pointer: graph.add("add", [address, graph.constant(8)]), offset: aligned(8), space: "stack" };
    }
    if (kind === 3) {
      const offset = PACKET_BYTES + aligned(CONTEXT_BYTES - PACKET_BYTES);
      return { pointer: this.#context, offset, space: "context" };
    }
    const index = graph.add("and", [this.#value(), graph.constant(24)]);
    const pointer = graph.add("add", [this.#context, index]);
    if (this.#random.once(2)) return { pointer, offset: aligned(PACKET_BYTES - 32), space: "packet" };
    const further = graph.add("add", [pointer, graph.constant(16)]);
    return { pointer: further, offset: aligned(PACKET_BYTES - 48), space: "packet" };
  }

  #load(): void {
    const size = this.#random.pick([1, 2, 4, 8] as const);
    const { pointer, offset, space } = this.#place(size);
    this.#keep(this.#graph.add("load", [pointer], { size, offset, space, ...rangeOf("zext", size * 8) }));
  }

  #store(): void {
    if (this.#random.once(2)) return this.#fillIn();
    const size = this.#random.pick([1, 2, 4, 8] as const);
    const value = this.#random.once(2) ? this.#value() : this.#chain();
    const { pointer, offset, space } = this.#place(size);
    this.#graph.add("store", [pointer, value], { size, offset, space });
  }

  /** A header is filled in: constants side by side and over each other, now and then a value or a look at what is there. */
  #fillIn(): void {
    const { pointer, space } = this.#place(8);
    const base = space === "context" ? PACKET_BYTES : 0;
    for (let count = 2 + this.#random.below(6); count > 0; count--) {
      const size = this.#random.pick([1, 1, 2, 4, 8] as const);
      const offset = base + this.#random.below(8 / size) * size;
      if (this.#random.once(8)) {
        this.#keep(this.#graph.add("load", [pointer], { size, offset, space, ...rangeOf("zext", size * 8) }));
      } else {
        const value = this.#random.once(5) ? this.#value() : this.#constant();
        this.#graph.add("store", [pointer, value], { size, offset, space });
      }
      if (this.#random.once(10)) this.#load();
    }
  }

  /** A few words on the stack that are needed here only. */
  #scratch(): void {
    const graph = this.#graph;
    const words = 1 + this.#random.below(3);
    const slot = graph.slot(words * 8 - (this.#random.once(4) ? 4 : 0));
    const address = graph.add("stack", [], { slot });
    for (let i = 0; i < words; i++) {
      const size = i * 8 + 8 > slot.size ? 4 : 8;
      graph.add("store", [address, this.#value()], { offset: i * 8, size, space: "stack" });
    }
    if (this.#shape.calls && this.#shape.kernel !== true && words > 1) {
      const args = [address, this.#value()];
      this.#keep(graph.add("call", args, { imm: BigInt(POINTER_HELPERS + args.length) }));
    }
    if (this.#random.once(2)) this.#arithmetic();
    this.#keep(graph.add("load", [address], { size: 4, space: "stack", ...rangeOf("zext", 32) }));
  }

  #atomic(): void {
    const size = this.#random.pick([4, 8] as const);
    const atomic = this.#random.pick(atomics);
    const operands = [this.#value()];
    if (atomic === "compare_exchange") operands.push(this.#value());
    let { pointer, offset, space } = this.#place(size);
    // The kernel knows no atomics on packets.
    while (this.#shape.kernel === true && space === "packet") ({ pointer, offset, space } = this.#place(size));
    const node = this.#graph.add("atomic", [pointer, ...operands], { size, atomic, offset, space });
    if (atomic.includes("_") || atomic === "exchange") this.#keep(node);
  }

  #call(): void {
    if (this.#shape.kernel === true) return this.#random.once(2) ? this.#lookup() : this.#loadBytes();
    const count = this.#random.below(6);
    const args = Array.from({ length: count }, () => this.#value());
    if (this.#random.once(4)) {
      this.#keep(this.#graph.add("kfunc", args, { name: "kfunc".padEnd(6 + count, "_") }));
    } else if (count > 0 && this.#random.once(2)) {
      args[0] = this.#graph.add("stack", [], { slot: this.#random.pick(this.#slots) });
      this.#keep(this.#graph.add("call", args, { imm: BigInt(POINTER_HELPERS + count) }));
    } else {
      const imm = BigInt(10 * (1 + this.#random.below(4)) + count);
      const node = this.#graph.add("call", args, { imm });
      if (!this.#random.once(4)) this.#keep(node);
    }
  }

  #lookup(): void {
    const graph = this.#graph;
    const key = graph.add("stack", [], { slot: this.#random.pick(this.#slots) });
    const index = graph.add("and", [this.#value(), graph.constant(7)], rangeOf("and", 64, graph.constant(7)));
    graph.add("store", [key, index], { size: 4, space: "stack" });
    const found = graph.add("call", [graph.add("map", [], { map: table }), key], { imm: BigInt(LOOKUP) });
    const [there, merge] = [graph.newBlock(), graph.newBlock()];
    const otherwise = this.#value();
    graph.branch("ne", found, graph.constant(0), 64, there, merge);
    graph.start(there);
    const value = graph.add("load", [found], { space: "map" });
    if (this.#random.once(2)) graph.add("store", [found, this.#value()], { space: "map" });
    graph.jump(merge);
    graph.start(merge);
    this.#keep(graph.add("phi", [otherwise, value]));
  }

  #loadBytes(): void {
    const graph = this.#graph;
    const address = graph.add("stack", [], { slot: this.#random.pick(this.#slots) });
    const offset = graph.add("and", [this.#value(), graph.constant(127)]);
    const args = [this.#program, offset, address, graph.constant(8)];
    this.#keep(graph.add("call", args, { imm: BigInt(LOAD_BYTES) }));
  }

  /** A bit as a number from a branch on another. */
  #flag(): void {
    const graph = this.#graph;
    const bit = graph.add("and", [this.#value(), graph.constant(1)], { low: 0n, high: 1n });
    const [taken, otherwise, merge] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
    const isDirect = this.#random.once(2);
    const condition = this.#random.pick(["eq", "ne"] as const);
    const args = [graph.constant(0), graph.constant(0)];
    args[this.#random.below(2)] = graph.constant(1);
    graph.branch(condition, bit, graph.constant(this.#random.below(2)), 64, taken, isDirect ? merge : otherwise);
    graph.start(taken);
    graph.jump(merge);
    if (!isDirect) {
      graph.start(otherwise);
      graph.jump(merge);
    }
    graph.start(merge);
    this.#keep(graph.add("phi", args, { low: 0n, high: 1n }));
  }

  #diamond(depth: number): void {
    if (this.#random.once(6)) return this.#flag();
    const graph = this.#graph;
    const [taken, otherwise, merge] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
    const shape = this.#random.below(5);
    // Without an else the branch leads to the merge directly: a critical edge.
    const second = shape === 0 ? merge : otherwise;
    this.#branch(taken, second);
    const before = [...this.#pool];
    graph.start(taken);
    this.#statements(depth - 1);
    const left = [...this.#pool];
    if (shape === 1) graph.return(this.#value());
    else graph.jump(merge);
    let right = before;
    if (shape !== 0) {
      this.#pool = [...before];
      graph.start(otherwise);
      this.#statements(depth - 1);
      right = [...this.#pool];
      graph.jump(merge);
    }
    graph.start(merge);
    this.#pool = shape === 1 ? right : [...before];
    if (shape === 1) return;
    const directFirst = merge.predecessors[0]!.successors.length === 2;
    for (let i = this.#random.below(4); i > 0; i--) {
      const args = [this.#random.pick(left), this.#random.pick(right)];
      if (directFirst) args.reverse();
      this.#keep(graph.add("phi", args));
    }
  }

  #branch(taken: Block, otherwise: Block): void {
    const graph = this.#graph;
    const width = this.#random.once(3) ? 32 : 64;
    if (this.#random.once(2)) {
      graph.branch(this.#random.pick(conditions), this.#value(), this.#value(), width, taken, otherwise);
      return;
    }
    // What programs ask of headers: a field, swapped, masked and extended, against a constant.
    const value = this.#chain();
    const mask = 1n << BigInt(this.#random.below(64));
    const constant = this.#random.once(3) ? this.#constant() : graph.constant(this.#random.once(2) ? 0n : mask);
    graph.branch(this.#random.pick(["eq", "ne", "ne", "lt", "set"] as const), value, constant, width, taken, otherwise);
  }

  /** Swaps, masks and extensions one upon the other, each used once. */
  #chain(): Node {
    const graph = this.#graph;
    const size = this.#random.pick([2, 4, 8] as const);
    const bits = (size * 8) as 16 | 32 | 64;
    let value = this.#value();
    if (!this.#random.once(4)) {
      const { pointer, offset, space } = this.#place(size);
      value = graph.add("load", [pointer], { size, offset, space, ...rangeOf("zext", bits) });
    }
    for (let length = 1 + this.#random.below(4); length > 0; length--) {
      const kind = this.#random.below(7);
      if (kind === 6 && this.#random.once(3)) {
        const divisor = graph.constant(3 + this.#random.below(5_000_000));
        const width = this.#random.once(2) ? 32 : 64;
        const [first, second] = this.#random.once(2) ? (["div", "mod"] as const) : (["mod", "div"] as const);
        this.#keep(graph.add(first, [value, divisor], { width }));
        value = graph.add(second, [value, divisor], { width });
      } else if (kind === 6) {
        const op = this.#random.pick(["div", "mod"] as const);
        const divisor = graph.constant(1 + this.#random.below(this.#random.pick([20, 2000, 2_000_000_000])));
        value = graph.add(op, [value, divisor], { width: this.#random.once(2) ? 32 : 64 });
      } else if (kind < 2) {
        const width = this.#random.once(4) ? this.#random.pick([16, 32, 64] as const) : bits;
        value = graph.add("bswap", [value], { width, ...rangeOf("bswap", width) });
      } else if (kind < 4) {
        const op = this.#random.pick(["and", "and", "or", "xor"] as const);
        const width = this.#random.once(3) ? 32 : 64;
        const two = (1n << BigInt(this.#random.below(bits))) | (1n << BigInt(this.#random.below(bits)));
        const constant = this.#random.once(2) ? graph.constant(two) : this.#constant();
        value = graph.add(op, [value, constant], { width, ...rangeOf(op, width, constant) });
      } else {
        const op = this.#random.pick(["zext", "sext"] as const);
        const width = this.#random.pick([8, 16, 32] as const);
        value = graph.add(op, [value], { width, ...rangeOf(op, width) });
      }
      if (this.#random.once(8)) this.#keep(value);
    }
    return value;
  }

  #loop(depth: number): void {
    const graph = this.#graph;
    const atBottom = this.#random.once(2);
    const [header, body, exit] = [graph.newBlock(), graph.newBlock(), graph.newBlock()];
    const zero = graph.constant(0);
    const limit = graph.constant(1 + this.#random.below(3));
    const initial = Array.from({ length: this.#random.below(5) }, () => this.#value());
    graph.jump(header);
    graph.start(header);
    const counter = graph.add("phi", [zero]);
    const phis = initial.map((value) => graph.add("phi", [value]));
    const before = [...this.#pool, ...phis];
    this.#pool = [...before];
    if (!atBottom) {
      graph.branch("lt", counter, limit, 64, body, exit);
      graph.start(body);
    }
    this.#statements(depth - 1);
    const next = graph.add("add", [counter, graph.constant(1)]);
    counter.args.push(next);
    for (const phi of phis) phi.args.push(this.#random.once(3) ? this.#random.pick(phis) : this.#value());
    if (atBottom) {
      const inside = [...this.#pool];
      graph.branch("lt", next, limit, 64, header, exit);
      graph.start(exit);
      this.#pool = inside;
    } else {
      graph.jump(header);
      graph.start(exit);
      this.#pool = before;
    }
    while (this.#pool.length > this.#shape.pool) this.#pool.splice(this.#random.below(this.#pool.length), 1);
  }
}

/** What is surely known of a result; nothing where it takes thought. */
const rangeOf = (op: string, width: number, right?: Node): { low?: bigint; high?: bigint } => {
  if (op === "sext") return { low: -(1n << BigInt(width - 1)), high: (1n << BigInt(width - 1)) - 1n };
  if (op === "and" && right?.op === "const" && right.imm >= 0n) return { low: 0n, high: right.imm };
  if (width < 64) return { low: 0n, high: (1n << BigInt(width)) - 1n };
  if (op === "shr" && right?.op === "const" && right.imm > 0n) return { low: 0n, high: (1n << (64n - right.imm)) - 1n };
  return {};
};

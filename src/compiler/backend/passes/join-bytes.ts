/** Bytes of several values put together in one register, in memory's order. */
import { type Block, Node, type Op } from "../../ssa/ir.ts";
import type { Position } from "../../../kernel/source.ts";
import { lowOnes } from "../../ssa/range.ts";
import { possibleOnes } from "./known-bits.ts";
import type { NodeFields } from "./rewriter.ts";

/** Bytes `from` to `from + count` of a value, at byte `at` of the whole. */
export interface Part {
  readonly value: Node;
  readonly from: number;
  readonly count: number;
  readonly at: number;
}

/** Where new nodes go. */
export interface Sink {
  readonly add: (op: Op, args: Node[], fields?: NodeFields) => Node;
  readonly constant: (value: bigint) => Node;
}

/** A sink that adds to `nodes`, the beginning of `block`. */
export const sinkInto = (
  nodes: Node[],
  block: Block,
  position: Position | null,
  nextId: () => number,
  constant: Sink["constant"],
): Sink => ({
  add: (op, args, fields = {}) => {
    const node = Object.assign(new Node(nextId(), op, args, block, position), fields);
    nodes.push(node);
    return node;
  },
  constant,
});

/** The whole, of `size` bytes: what it is known to lie in is what the verifier will know, even one before Linux 6.11. */
export const joinBytes = (parts: readonly Part[], size: number, { add, constant }: Sink): Node => {
  let known = 0n;
  const values: Node[] = [];
  for (const part of parts) {
    if (part.value.op === "const") known |= bytesOf(part) << BigInt(8 * part.at);
    else values.push(placed(part, size, { add, constant }));
  }
  const [first = constant(known), ...others] = values;
  let whole = others.reduce((sum, value) => add("add", [sum, value], rangeOfSum(sum, value)), first);
  if (known !== 0n && values.length > 0) whole = add("or", [whole, constant(known)], rangeOfUnion(whole, known));
  const limit = lowOnes(8 * size);
  if (size === 8 || (whole.low >= 0n && whole.high <= limit)) return whole;
  return size === 4 || size === 2 || size === 1
    ? add("zext", [whole], { width: (8 * size) as 8 | 16 | 32, low: 0n, high: limit })
    : add("and", [whole, constant(limit)], { low: 0n, high: limit });
};

const bytesOf = ({ value, from, count }: Part): bigint =>
  (BigInt.asUintN(64, value.imm) >> BigInt(8 * from)) & lowOnes(8 * count);

const placed = ({ value, from, count, at }: Part, size: number, { add, constant }: Sink): Node => {
  const limit = lowOnes(8 * count);
  let bytes = value;
  if (from > 0) {
    bytes = add("shr", [value, constant(BigInt(8 * from))], {
      low: 0n,
      high: value.low >= 0n ? value.high >> BigInt(8 * from) : lowOnes(64 - 8 * from),
    });
  }
  // What is shifted out at the top need not be cut off.
  const isCut = (possibleOnes(bytes) & ~limit) === 0n || (at + count === 8 && size === 8);
  if (!isCut) {
    bytes =
      count === 1 || count === 2 || count === 4
        ? add("zext", [bytes], { width: (8 * count) as 8 | 16 | 32, low: 0n, high: limit })
        : add("and", [bytes, constant(limit)], { low: 0n, high: limit });
  }
  if (at === 0) return bytes;
  const high = bytes.high << BigInt(8 * at);
  const isKnown = bytes.low >= 0n && high < 1n << 63n;
  return add("shl", [bytes, constant(BigInt(8 * at))], isKnown ? { low: bytes.low << BigInt(8 * at), high } : {});
};

const isNatural = ({ low }: Node): boolean => low >= 0n;

const rangeOfSum = (a: Node, b: Node): NodeFields => {
  const high = a.high + b.high;
  return isNatural(a) && isNatural(b) && high < 1n << 63n ? { low: a.low + b.low, high } : {};
};

const rangeOfUnion = (a: Node, known: bigint): NodeFields => {
  const high = lowOnes((a.high > known ? a.high : known).toString(2).length);
  return isNatural(a) && known < 1n << 63n && high < 1n << 63n ? { low: known, high } : {};
};

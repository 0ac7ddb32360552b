/** Branches: constants to the right, comparisons of swapped bytes with swapped constants, tests of bits. */
import { swapBytes } from "../../ssa/arithmetic.ts";
import type { Block, Condition, Node } from "../../ssa/ir.ts";
import { S64_MAX } from "../../ssa/range.ts";
import { mirror } from "../opcodes.ts";
import { lowOnes } from "../../ssa/range.ts";
import { fitsUnsigned, U32_MAX } from "./bounds.ts";
import { compareRanges } from "./compare-ranges.ts";
import type { Rewriter } from "./rewriter.ts";

export const simplifyBranch = (node: Node, rewriter: Rewriter): Node => {
  const [left, right] = node.args as [Node, Node];
  const isTaken = compareRanges(node.condition, node.width, left, right);
  if (isTaken !== null) return decide(node, isTaken ? 0 : 1, rewriter);
  if (left.op === "const") {
    node.args = [right, left];
    node.condition = mirror[node.condition];
  }
  dropOne(node, rewriter);
  if (node.args[1]!.op !== "const") return node;
  // Each step may make another possible.
  while (unwrap(node, rewriter));
  narrowComparison(node);
  return node;
};

/** Always the same way: a jump. */
const decide = (node: Node, way: 0 | 1, { insert }: Rewriter): Node => {
  const { block } = node;
  const lost = block.successors[1 - way]!;
  const kept = block.successors[way]!;
  // Of two edges to one block the first predecessor is the first successor.
  const edge = lost === kept && way === 0 ? lost.predecessors.lastIndexOf(block) : lost.predecessors.indexOf(block);
  lost.predecessors.splice(edge, 1);
  for (const phi of lost.nodes) if (phi.op === "phi") phi.args.splice(edge, 1);
  block.successors = [kept];
  return insert("jump", [], {});
};

/** `x + 1 > y` is `x >= y`, and `y < x + 1` is `y <= x`, where the sum cannot wrap. */
const dropOne = (node: Node, { feedsPhi, uses }: Rewriter): void => {
  if (node.width !== 64) return;
  node.args.forEach((sum, side) => {
    const conditions = side === 0 ? withoutOne : mirrored;
    const condition = conditions.get(node.condition);
    if (condition === undefined || sum.op !== "add" || sum.width !== 64) return;
    // A phi's argument can be added up where it is passed on.
    if (uses(sum) > (feedsPhi(sum) ? 2 : 1)) return;
    const [value, one] = sum.args as [Node, Node];
    if (one.op !== "const" || one.imm !== 1n || value.low < 0n || value.high >= S64_MAX) return;
    node.args[side] = value;
    node.condition = condition;
  });
};

/** What becomes of a comparison of `x + 1` with a value. */
const withoutOne: ReadonlyMap<Condition, Condition> = new Map([
  ["gt", "ge"],
  ["le", "lt"],
  ["sgt", "sge"],
  ["sle", "slt"],
]);
/** And of one of a value with `x + 1`. */
const mirrored: ReadonlyMap<Condition, Condition> = new Map([
  ["lt", "le"],
  ["ge", "gt"],
  ["slt", "sle"],
  ["sge", "sgt"],
]);

const unwrap = (node: Node, rewriter: Rewriter): boolean => {
  const [left, right] = node.args as [Node, Node];
  const isEquality = node.condition === "eq" || node.condition === "ne";
  const value = BigInt.asUintN(node.width, right.imm);
  if (left.op === "bswap" && rewriter.isOnlyCompared(left)) return swapConstant(node, left, value, rewriter);
  if (rewriter.uses(left) > 1) return false;
  const isWord = left.op === "zext" && left.width === 32 && isUnsigned(node.condition) && value <= U32_MAX;
  if (isWord && isFresh(left.args[0]!, rewriter)) {
    node.width = 32;
    node.args[0] = left.args[0]!;
    return true;
  }
  if (left.op === "bswap") return swapConstant(node, left, value, rewriter);
  if (left.op === "and" && left.args[1]!.op === "const" && isEquality)
    return maskOfShifted(node, left, value, rewriter) || maskOfSwapped(node, left, value, rewriter);
  return false;
};

/** `bswap(x) == c` is `x == bswap(c)`, and so is a test of bits; not an order. */
const swapConstant = (node: Node, swap: Node, value: bigint, { constant }: Rewriter): boolean => {
  const isBits = node.condition === "eq" || node.condition === "ne" || node.condition === "set";
  const bits = swap.width;
  const inner = swap.args[0]!;
  // The swap reads the low bits only; the comparison must not see more.
  const seesOnlyThose = bits === 64 || fitsUnsigned(inner, bits) || (bits === 32 && value <= U32_MAX);
  if (!isBits || value > lowOnes(bits) || !seesOnlyThose || (node.width === 32 && bits === 64)) return false;
  if (bits === 32) node.width = 32;
  node.args = [inner, constant(swapBytes(value, bits))];
  return true;
};

/** `((x >> n) & m) != 0` is `(x & (m << n)) != 0`. */
const maskOfShifted = (node: Node, and: Node, value: bigint, { constant, insert, uses }: Rewriter): boolean => {
  const [inner, mask] = and.args as [Node, Node];
  const count = inner.args[1];
  if (inner.op !== "shr" || inner.width !== 64 || count?.op !== "const" || count.imm > 31n) return false;
  if (value !== 0n || uses(inner) > 1 || mask.imm < 0n || mask.imm << count.imm > 0x7fff_ffffn) return false;
  const high = mask.imm << count.imm;
  node.args = [insert("and", [inner.args[0]!, constant(high)], { width: 64, low: 0n, high }), constant(0n)];
  return true;
};

/** `(bswap(x) & m) == c` is `(x & bswap(m)) == bswap(c)`; and `(x & m) != 0` is a test of bits. */
const maskOfSwapped = (node: Node, and: Node, value: bigint, rewriter: Rewriter): boolean => {
  const { constant, insert, uses } = rewriter;
  const [inner, mask] = and.args as [Node, Node];
  const bits = inner.width;
  const bitsOfMask = BigInt.asUintN(and.width, mask.imm);
  const isWithin = value <= lowOnes(bits) && bitsOfMask <= lowOnes(bits) && bitsOfMask <= lowOnes(node.width);
  if (inner.op === "bswap" && uses(inner) === 1 && isWithin) {
    const masked = swapBytes(bitsOfMask, bits);
    const width = bits === 64 ? 64 : 32;
    const plain = insert("and", [inner.args[0]!, constant(masked)], {
      width,
      low: 0n,
      high: bits === 64 ? and.high : masked,
    });
    if (bits === 64) plain.low = and.low;
    node.width = width;
    node.args = [plain, constant(swapBytes(value, bits))];
    return true;
  }
  // A test of bits tells the verifier those bits of its operand, path by path: computing on with an operand that is used
  // elsewhere would make it walk every combination of paths (1,000,000 instructions for an IOAM trace type's 22 bits).
  // An operand a constant away from another value is linked with that by the verifier, which then forgets the range of both.
  if (value !== 0n || uses(inner) > 1 || isShifted(inner)) return false;
  const width = bitsOfMask > U32_MAX ? 64 : 32;
  if (width === 64 && (BigInt.asIntN(32, bitsOfMask) !== BigInt.asIntN(64, bitsOfMask) || node.width === 32))
    return false;
  if (node.condition === "eq") swapSuccessors(node.block);
  node.condition = "set";
  node.width = width;
  node.args = [inner, constant(width === 32 ? BigInt.asIntN(32, bitsOfMask) : bitsOfMask)];
  return true;
};

const isShifted = ({ op, args }: Node): boolean => (op === "add" || op === "sub") && args[1]!.op === "const";

/**
 * Whether the comparison is all the value is for, and the verifier links no other value to it. What it concludes from a
 * test of bits or of half a register is at times less than it knew (6.18 forgets both bounds of `x` after testing bits
 * of `x - 14`), and it carries that over to copies and to sums with constants.
 */
const isFresh = (node: Node, { uses }: Rewriter): boolean => {
  if (uses(node) > 1) return false;
  switch (node.op) {
    case "load":
    case "bswap":
    case "and":
    case "or":
    case "xor":
    case "shl":
    case "shr":
    case "sar":
    case "mul":
    case "div":
    case "mod":
      return true;
    default:
      return false;
  }
};

/** Taken and otherwise change places; phis know their predecessors, not the order of successors. */
const swapSuccessors = (block: Block): void => {
  const [taken, otherwise] = block.successors as [Block, Block];
  if (taken === otherwise) {
    const first = taken.predecessors.indexOf(block);
    const second = taken.predecessors.indexOf(block, first + 1);
    for (const phi of taken.nodes) {
      if (phi.op !== "phi") continue;
      const arg = phi.args[first]!;
      phi.args[first] = phi.args[second]!;
      phi.args[second] = arg;
    }
  }
  block.successors = [otherwise, taken];
};

/** Rule: a constant of 2^31 and more must not be a 64-bit immediate, which extends its sign. */
const narrowComparison = (node: Node): void => {
  const value = node.args[1]!.imm;
  if (node.width === 64 && isUnsigned(node.condition) && value > 0x7fffffffn && value <= U32_MAX) {
    if (fitsUnsigned(node.args[0]!, 32)) node.width = 32;
  }
};

const isUnsigned = (condition: Condition): boolean => !condition.startsWith("s") || condition === "set";

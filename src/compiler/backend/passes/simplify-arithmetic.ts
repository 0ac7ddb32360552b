/** Arithmetic with constants, and with operands known to be small. */
import { arithmetic } from "../../ssa/arithmetic.ts";
import type { ArithmeticOp, Node } from "../../ssa/ir.ts";
import { lowOnes } from "../../ssa/range.ts";
import { fitsUnsigned, logarithm, U32_MAX } from "./bounds.ts";
import { simplifyMask, simplifyShiftBack, simplifyUnion } from "./simplify-bits.ts";
import { simplifyFold } from "./simplify-folds.ts";
import { simplifyDivision } from "./simplify-division.ts";
import type { NodeFields, Rewriter } from "./rewriter.ts";

export const simplifyArithmetic = (node: Node, rewriter: Rewriter): Node => {
  const op = node.op as ArithmeticOp;
  const [left, right] = node.args as [Node, Node];
  if (left.op === "const" && right.op === "const") {
    return rewriter.constant(arithmetic(op, BigInt.asUintN(64, left.imm), BigInt.asUintN(64, right.imm), node.width));
  }
  if (left.op === "const" && isCommutative(op)) node.args = [right, left];
  if (left === right) return withItself(node, op, rewriter);
  const folded = op === "add" || op === "and" ? simplifyFold(node, rewriter) : node;
  if (folded !== node) return folded;
  const constant = node.args[1]!;
  if (constant.op === "const") dropExtension(node, op, constant.imm, rewriter);
  if (constant.op === "const") return withConstant(node, op, constant.imm, rewriter);
  return op === "or" ? simplifyUnion(node, rewriter) : narrowDivision(node);
};

/** Of 2, but for 1. */
const isPower = (value: bigint): boolean => logarithm(value) > 0;

const isCommutative = (op: ArithmeticOp): boolean =>
  op === "add" || op === "mul" || op === "and" || op === "or" || op === "xor";

const withItself = (node: Node, op: ArithmeticOp, rewriter: Rewriter): Node => {
  if (op === "sub" || op === "xor") return rewriter.constant(0n);
  if (op === "and" || op === "or") return same(node, rewriter);
  return node;
};

/** What clears the upper half of its operand, and nothing else does with it, may as well read only the lower. */
const dropExtension = (node: Node, op: ArithmeticOp, right: bigint, { uses }: Rewriter): void => {
  const value = node.args[0]!;
  if (value.op !== "zext" || value.width !== 32 || uses(value) > 1 || right < 0n || right > U32_MAX) return;
  if (op === "and") {
    node.args[0] = value.args[0]!;
  } else if ((op === "shr" && right < 32n) || ((op === "div" || op === "mod") && right > 0n && node.width === 32)) {
    node.args[0] = value.args[0]!;
    node.width = 32;
  }
};

/** The left operand as it is; a 32-bit operation would have cleared its upper half. */
const same = (node: Node, rewriter: Rewriter): Node => {
  const value = node.args[0]!;
  if (node.width === 64 || fitsUnsigned(value, 32)) return value;
  return rewriter.insert("zext", [value], { width: 32, low: 0n, high: U32_MAX });
};

const withConstant = (node: Node, op: ArithmeticOp, imm: bigint, rewriter: Rewriter): Node => {
  const right = BigInt.asUintN(node.width, imm);
  const replace = (by: ArithmeticOp, value: bigint): Node => {
    const fields: NodeFields = { width: node.width, low: node.low, high: node.high };
    return rewriter.insert(by, [node.args[0]!, rewriter.constant(value)], fields);
  };
  switch (op) {
    case "shl":
      return right === 0n ? same(node, rewriter) : simplifyShiftBack(node, right, rewriter);
    case "shr":
    case "sar":
      return right === 0n ? same(node, rewriter) : node;
    case "add":
      return right === 0n ? same(node, rewriter) : narrow(addTo(node, right, rewriter));
    case "sub":
    case "xor":
      return right === 0n ? same(node, rewriter) : narrow(node);
    case "or":
      return right === 0n
        ? same(node, rewriter)
        : right === lowOnes(node.width)
          ? rewriter.constant(right)
          : union(node, right, rewriter);
    case "mul":
      if (right === 0n) return rewriter.constant(0n);
      if (right === 1n) return same(node, rewriter);
      return isPower(right) ? replace("shl", BigInt(logarithm(right))) : node;
    case "div":
      if (right === 0n) return rewriter.constant(0n);
      if (right === 1n) return same(node, rewriter);
      return isPower(right) ? replace("shr", BigInt(logarithm(right))) : byConstant(node, right, rewriter);
    case "mod":
      if (right === 0n) return same(node, rewriter);
      if (right === 1n) return rewriter.constant(0n);
      return isPower(right) ? replace("and", right - 1n) : byConstant(node, right, rewriter);
    case "and":
      return maskWith(node, right, rewriter);
  }
};

/** `(x + a) + b` is `x + (a + b)`: of numbers, since two pointers would be two to the verifier. */
const addTo = (node: Node, right: bigint, rewriter: Rewriter): Node => {
  const sum = node.args[0]!;
  if (node.width === 64 && sum.op === "add" && sum.width === 64 && rewriter.uses(sum) === 1) {
    const back = addBack(node, right, rewriter);
    if (back !== null) return back;
  }
  const [value, more] = sum.args;
  const isNumber = sum.op === "add" && sum.low >= 0n && value!.low >= 0n && node.low >= 0n;
  if (!isNumber || more?.op !== "const" || more.imm < 0n || node.width !== 64 || sum.width !== 64) return node;
  const total = BigInt.asIntN(64, right) + more.imm;
  if (total < 0n || total > 0x7fff_ffffn || rewriter.uses(sum) > 1) return node;
  return rewriter.insert("add", [value!, rewriter.constant(total)], { width: 64, low: node.low, high: node.high });
};

/** `(x + (y - a)) + b` is `(x + y) + (b - a)`: what `at(layout, end - 1)` asks of the packet, which need not be asked in steps. */
const addBack = (node: Node, right: bigint, rewriter: Rewriter): Node | null => {
  const [value, lessened] = node.args[0]!.args as [Node, Node];
  const [whole, less] = lessened.args;
  if (lessened.op !== "sub" || lessened.width !== 64 || less?.op !== "const" || rewriter.uses(lessened) > 1)
    return null;
  const rest = BigInt.asIntN(64, right) - less.imm;
  if (whole!.low < 0n || less.imm < 0n || rest < 0n) return null;
  const sum = rewriter.insert("add", [value, whole!], { width: 64 });
  return rest === 0n ? sum : rewriter.insert("add", [sum, rewriter.constant(rest)], { width: 64 });
};

const maskWith = (node: Node, right: bigint, rewriter: Rewriter): Node => {
  const value = node.args[0]!;
  if (right === 0n) return rewriter.constant(0n);
  if (node.width === 64 && right === (1n << 64n) - 1n) return value;
  // A mask of low ones that covers what the value can be changes nothing.
  const bits = logarithm(right + 1n);
  if (bits > 0 && fitsUnsigned(value, bits)) return value;
  const simpler = simplifyMask(node, right, rewriter);
  if (simpler !== node) return simpler;
  if (bits === 32) return rewriter.insert("zext", [value], { width: 32, low: 0n, high: U32_MAX });
  return narrow(node);
};

const union = (node: Node, right: bigint, rewriter: Rewriter): Node => {
  const simpler = simplifyUnion(node, rewriter);
  return simpler === node ? narrow(node) : simpler;
};

/**
 * A constant of 2^31 and more is no immediate of a 64-bit operation, which would extend its sign; where the upper half
 * is 0 before and after, the 32-bit operation does the same.
 */
const narrow = (node: Node): Node => {
  const right = BigInt.asUintN(64, node.args[1]!.imm);
  if (node.width !== 64 || right < 1n << 31n || right > U32_MAX) return node;
  const isMask = node.op === "and";
  const isBitwise = (node.op === "or" || node.op === "xor") && fitsUnsigned(node.args[0]!, 32);
  const isSum = node.op === "add" && fitsUnsigned(node.args[0]!, 32) && fitsUnsigned(node, 32);
  if (isMask || isBitwise || isSum) node.width = 32;
  return node;
};

const byConstant = (node: Node, divisor: bigint, rewriter: Rewriter): Node => {
  const result = simplifyDivision(node, divisor, rewriter);
  return result === node ? narrowDivision(node) : result;
};

/** Dividing 32 bits takes a fraction of the time of dividing 64. */
const narrowDivision = (node: Node): Node => {
  const small = node.args.every((arg) => fitsUnsigned(arg, 32));
  if ((node.op === "div" || node.op === "mod") && node.width === 64 && small) node.width = 32;
  return node;
};

/**
 * Rewrites nodes into cheaper ones with the same value: constants fold, identities vanish, multiplications and divisions
 * become shifts, byte swaps move to the constant they are compared with, constant offsets move into loads and stores.
 *
 * What the verifier tracks stays as it is: a bound it knows belongs to a node, and no rule replaces a bounded node by
 * one with wider bounds, nor computes an address twice.
 */
import type { Node, SsaFunction } from "../../ssa/ir.ts";
import { removeUnreachable } from "./remove-unreachable.ts";
import { rewriteNodes, type Rewriter } from "./rewriter.ts";
import { simplifyArithmetic } from "./simplify-arithmetic.ts";
import { simplifyBranch } from "./simplify-branch.ts";
import { simplifyByteSwap, simplifySignExtension, simplifyZeroExtension } from "./simplify-casts.ts";
import { foldOffset, narrowStoredValue } from "./simplify-memory.ts";

export const simplifyValues = (fn: SsaFunction): void => {
  rewriteNodes(fn, simplify);
  removeUnreachable(fn);
};

const simplify = (node: Node, rewriter: Rewriter): Node => {
  switch (node.op) {
    case "zext":
      return simplifyZeroExtension(node, rewriter);
    case "sext":
      return simplifySignExtension(node, rewriter);
    case "bswap":
      return simplifyByteSwap(node, rewriter);
    case "neg":
      return node.args[0]!.op === "const" ? rewriter.constant(wrap(-node.args[0]!.imm, node.width)) : node;
    case "load":
    case "atomic":
      return foldOffset(node, rewriter);
    case "store":
      return foldOffset(narrowStoredValue(node), rewriter);
    case "branch":
      return simplifyBranch(node, rewriter);
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "mod":
    case "and":
    case "or":
    case "xor":
    case "shl":
    case "shr":
    case "sar":
      return simplifyArithmetic(node, rewriter);
    default:
      return node;
  }
};

const wrap = (value: bigint, width: number): bigint => (width === 32 ? BigInt.asUintN(32, value) : value);

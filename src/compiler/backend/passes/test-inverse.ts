/**
 * Tests single bits of one value, each of which skips something when it is clear, in its inverse:
 *
 *     if ((type & 1) === 0) goto a; ...; a: if ((type & 2) === 0) goto b; ...
 *
 * There is a jump for a bit that is set, and none for one that is clear: in `~type` both are set. An instruction a test instead
 * of three. And what the verifier learns of the bits, path by path, it learns of a value that nothing is computed from.
 */
import { dominators, type DominatorTree } from "../../ssa/dominators.ts";
import { Node, type Block, type SsaFunction } from "../../ssa/ir.ts";
import { countUses } from "./count-uses.ts";
import { freshIds } from "./fresh-ids.ts";

/** Tests that are worth an inverse. */
const FEWEST = 3;
/** A mask must be an immediate of 32 bits that is not negative. */
const MOST = 1n << 30n;

interface Test {
  readonly branch: Node;
  readonly bit: bigint;
}

export const testInverse = (fn: SsaFunction): void => {
  const groups = [...testsByValue(fn)].filter(([, tests]) => isWorthIt(tests));
  if (groups.length === 0) return;
  const ids = freshIds(fn);
  const tree = dominators(fn.entry);
  const constant = (imm: bigint): Node => {
    const node = Object.assign(new Node(ids.node(), "const", [], fn.entry, null), { imm, low: imm, high: imm });
    fn.entry.nodes.unshift(node);
    return node;
  };
  for (const [value, tests] of groups) {
    const at = homeOf(value, tests, tree);
    const ones = constant(-1n);
    const inverse = new Node(ids.node(), "xor", [value, ones], at, tests[0]!.branch.position);
    const after = at === value.block ? at.nodes.indexOf(value) + 1 : 0;
    const place = at.nodes.findIndex((node, index) => index >= after && node.op !== "phi");
    at.nodes.splice(place, 0, inverse);
    for (const { branch, bit } of tests) {
      branch.args = [inverse, constant(bit)];
      branch.condition = "set";
      branch.width = 64;
    }
  }
};

const testsByValue = (fn: SsaFunction): Map<Node, Test[]> => {
  const uses = countUses(fn);
  const found = new Map<Node, Test[]>();
  for (const { terminator, successors, loopDepth } of fn.blocks) {
    if (terminator?.op !== "branch" || terminator.condition !== "eq") continue;
    const [and, zero] = terminator.args as [Node, Node];
    if (and.op !== "and" || zero.op !== "const" || zero.imm !== 0n || uses.get(and) !== 1) continue;
    const [value, mask] = and.args as [Node, Node];
    if (mask.op !== "const" || value.op === "const" || mask.imm <= 0n || mask.imm > MOST) continue;
    const isOneBit = (mask.imm & (mask.imm - 1n)) === 0n;
    // Where a bit that is set is what skips, it is what falls through that would jump.
    const [clear, set] = successors as [Block, Block];
    if (!isOneBit || clear === set || clear.predecessors.length < 2 || set.predecessors.length > 1) continue;
    // In a loop the verifier would know the answers the second time, and walk every combination of them.
    if (loopDepth > value.block.loopDepth) continue;
    const tests = found.get(value);
    if (tests === undefined) found.set(value, [{ branch: terminator, bit: mask.imm }]);
    else tests.push({ branch: terminator, bit: mask.imm });
  }
  return found;
};

/** And of no bit is it known from one test what another will find. */
const isWorthIt = (tests: readonly Test[]): boolean =>
  tests.length >= FEWEST && new Set(tests.map(({ bit }) => bit)).size === tests.length;

/** The first test's block if all others come after it, else the value's own. */
const homeOf = (value: Node, tests: readonly Test[], tree: DominatorTree): Block => {
  const first = tests[0]!.branch.block;
  return tests.every(({ branch }) => tree.dominates(first, branch.block)) ? first : value.block;
};

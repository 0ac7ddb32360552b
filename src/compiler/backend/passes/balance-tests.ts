/**
 * Searches by halves where one value is compared with many constants in a row, as a long `switch` and rules folded into code
 * do: `x === 1 || x === 5 || …` asks first on which side of the middle constant the value is.
 */
import { Block, Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds, type FreshIds } from "./fresh-ids.ts";

/** Rows shorter than this stay: their first tests are often the likely ones. */
const FEWEST = 6;
/** So many constants are compared one after the other, in the order written. */
const IN_A_ROW = 3;
/** A constant of 2^31 and more would be no immediate. */
const MOST = 0x7fff_ffffn;

export const balanceTests = (fn: SsaFunction): void => {
  const ids = freshIds(fn);
  const gone = new Set<Block>();
  const rows = new Map<Block, Block[]>();
  const constants: Node[] = [];
  const constant = (imm: bigint): Node => {
    const node = Object.assign(new Node(ids.node(), "const", [], fn.entry, null), { imm, low: imm, high: imm });
    constants.push(node);
    return node;
  };
  for (const block of fn.blocks) {
    if (gone.has(block)) continue;
    const row = rowFrom(block);
    if (row.length < FEWEST || new Set(row.map(({ value }) => value)).size < row.length) continue;
    for (const { block: member } of row.slice(1)) gone.add(member);
    rows.set(block, new Tree(block, row, ids, constant).blocks);
  }
  if (gone.size === 0) return;
  fn.blocks = fn.blocks.flatMap((block) => (gone.has(block) ? [] : [block, ...(rows.get(block) ?? [])]));
  fn.entry.nodes.unshift(...constants);
};

/** `block` leads to `target` when the value is `value`. */
interface Test {
  readonly block: Block;
  readonly branch: Node;
  readonly value: bigint;
  readonly target: Block;
  readonly otherwise: Block;
}

const rowFrom = (first: Block): Test[] => {
  const row: Test[] = [];
  let test = testOf(first);
  while (test !== null) {
    row.push(test);
    const { otherwise, branch } = test;
    const isNext = otherwise.predecessors.length === 1 && otherwise.nodes.length === 1 && otherwise !== first;
    const next = isNext ? testOf(otherwise) : null;
    test = next !== null && next.branch.args[0] === branch.args[0] && next.branch.width === branch.width ? next : null;
  }
  return row;
};

const testOf = (block: Block): Test | null => {
  const branch = block.terminator;
  if (branch?.op !== "branch" || (branch.condition !== "eq" && branch.condition !== "ne")) return null;
  const { imm, op } = branch.args[1]!;
  if (op !== "const" || imm < 0n || imm > MOST || block.successors[0] === block.successors[1]) return null;
  const [taken, not] = block.successors as [Block, Block];
  const [target, otherwise] = branch.condition === "eq" ? [taken, not] : [not, taken];
  return { block, branch, value: imm, target, otherwise };
};

class Tree {
  readonly blocks: Block[] = [];
  readonly #ids: FreshIds;
  readonly #constant: (imm: bigint) => Node;
  readonly #first: Block;
  readonly #like: Node;
  readonly #default: Block;
  /** What the phis of the default read when the row ends there. */
  readonly #args: Node[];

  constructor(first: Block, row: readonly Test[], ids: FreshIds, constant: (imm: bigint) => Node) {
    const last = row.at(-1)!;
    this.#ids = ids;
    this.#constant = constant;
    this.#first = first;
    this.#like = row[0]!.branch;
    this.#default = last.otherwise;
    const edge = this.#default.predecessors.indexOf(last.block);
    this.#args = phisOf(this.#default).map((phi) => phi.args[edge]!);
    this.#default.predecessors.splice(edge, 1);
    for (const phi of phisOf(this.#default)) phi.args.splice(edge, 1);
    first.nodes.pop();
    this.#build(first, row);
  }

  /** Ends `block` with the search among `tests`, which are in the order written. */
  #build(block: Block, tests: readonly Test[]): void {
    if (tests.length <= IN_A_ROW) return this.#compare(block, tests);
    const sorted = tests.map(({ value }) => value).sort((a, b) => (a < b ? -1 : 1));
    const middle = sorted[sorted.length >> 1]!;
    const [below, rest] = [this.#newBlock(), this.#newBlock()];
    // What is asked first is likely: its half is where the branch is not taken.
    if (tests[0]!.value < middle) this.#branch(block, "ge", middle, rest, below);
    else this.#branch(block, "lt", middle, below, rest);
    below.predecessors.push(block);
    rest.predecessors.push(block);
    this.#build(
      below,
      tests.filter(({ value }) => value < middle),
    );
    this.#build(
      rest,
      tests.filter(({ value }) => value >= middle),
    );
  }

  #compare(block: Block, tests: readonly Test[]): void {
    const [test, ...others] = tests as [Test, ...Test[]];
    const next = others.length === 0 ? this.#default : this.#newBlock();
    this.#branch(block, "eq", test.value, test.target, next);
    const edge = test.target.predecessors.indexOf(test.block);
    test.target.predecessors[edge] = block;
    next.predecessors.push(block);
    if (others.length > 0) return this.#compare(next, others);
    phisOf(next).forEach((phi, at) => phi.args.push(this.#args[at]!));
  }

  #branch(block: Block, condition: "eq" | "lt" | "ge", value: bigint, taken: Block, otherwise: Block): void {
    const { args, width, position } = this.#like;
    const branch = new Node(this.#ids.node(), "branch", [args[0]!, this.#constant(value)], block, position);
    block.nodes.push(Object.assign(branch, { condition, width }));
    block.successors = [taken, otherwise];
  }

  #newBlock(): Block {
    const block = new Block(this.#ids.block());
    block.loopDepth = this.#first.loopDepth;
    this.blocks.push(block);
    return block;
  }
}

const phisOf = ({ nodes }: Block): Node[] => nodes.filter(({ op }) => op === "phi");

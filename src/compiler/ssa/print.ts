/** A function as text: one line a node, stable, for tests and `hopmark compile --print ssa`. */
import { helperName } from "./helper-names.ts";
import type { Block, Node, SsaFunction } from "./ir.ts";
import { sourceComment } from "./source-comment.ts";

/** What is shown beside the nodes. */
export interface PrintOptions {
  /** Put the source line in front of the nodes made from it, once for those that follow each other in a block. */
  readonly source?: boolean;
}

/**
 * Nodes and blocks are numbered in the order in which they are listed, so that equal functions print alike whatever
 * their ids. Types are a suffix (`add.32`), memory is `space[pointer + offset].size`, and what is known of a value
 * stands behind it: `; 0..255`.
 */
export const print = (fn: SsaFunction, options: PrintOptions = {}): string => {
  const blocks = new Map<Block, string>();
  const nodes = new Map<Node, string>();
  for (const block of fn.blocks) blocks.set(block, `b${blocks.size}`);
  for (const { nodes: list } of fn.blocks) {
    for (const node of list) if (hasResult(node) && node.op !== "const") nodes.set(node, `%${nodes.size}`);
  }
  const value = (node: Node): string => (node.op === "const" ? `${node.imm}` : (nodes.get(node) ?? `%?${node.id}`));
  const target = (block: Block | undefined): string => (block === undefined ? "?" : (blocks.get(block) ?? "b?"));

  const lines = [`function ${fn.name}`];
  for (const slot of fn.slots) lines.push(`  slot s${slot.id}: ${slot.size} bytes`);
  for (const block of fn.blocks) {
    const from = block.predecessors.map(target).join(", ");
    const depth = block.loopDepth > 0 ? `, loop depth ${block.loopDepth}` : "";
    lines.push(`${target(block)}:${from === "" && depth === "" ? "" : `  ; from ${from}${depth}`}`);
    let shown = "";
    for (const node of block.nodes) {
      if (node.op === "const") continue;
      const comment = options.source === true && node.position !== null ? sourceComment(node.position) : shown;
      if (comment !== shown) lines.push(comment);
      shown = comment;
      const name = nodes.get(node);
      const text = describe(node, value, target);
      lines.push(`  ${name === undefined ? "" : `${name} = `}${text}${name === undefined ? "" : range(node)}`);
    }
  }
  return `${lines.join("\n")}\n`;
};

const hasResult = ({ op }: Node): boolean =>
  op !== "store" && op !== "pin" && op !== "jump" && op !== "branch" && op !== "return";

const describe = (node: Node, value: (node: Node) => string, target: (block: Block | undefined) => string): string => {
  const args = node.args.map(value);
  const list = args.join(", ");
  const { block } = node;
  switch (node.op) {
    case "phi":
      return `phi ${args.map((arg, i) => `${target(block.predecessors[i])}: ${arg}`).join(", ")}`;
    case "context":
    case "const":
      return node.op;
    case "load":
      return `load ${memory(node, args[0])}`;
    case "store":
      return `store ${memory(node, args[0])}, ${args[1]}`;
    case "atomic":
      return `atomic.${node.atomic} ${memory(node, args[0])}, ${args.slice(1).join(", ")}`;
    case "map":
      return `map ${node.map?.name}`;
    case "mapValue":
      return `mapValue ${node.map?.name}${signed(node.offset)}`;
    case "stack":
      return `stack s${node.slot?.id}`;
    case "call":
      return `call ${helperName(Number(node.imm))}(${list})`;
    case "argument":
      return `argument ${node.imm}`;
    case "invoke":
      return `invoke ${node.callee?.name}(${list})`;
    case "kfunc":
      return `kfunc ${node.name}(${list})`;
    case "jump":
      return `jump ${target(block.successors[0])}`;
    case "branch": {
      const [taken, otherwise] = block.successors.map(target);
      return `branch.${node.width} ${args[0]} ${node.condition} ${args[1]} ? ${taken} : ${otherwise}`;
    }
    case "pin":
      return `pin ${list} >= ${node.imm}`;
    case "return":
      return `return ${list}`;
    default:
      return `${node.op}.${node.width} ${list}`;
  }
};

const memory = (node: Node, pointer: string | undefined): string =>
  `${node.space}[${pointer}${node.offset === 0 ? "" : signed(node.offset)}].${node.size}`;

const signed = (offset: number): string => (offset < 0 ? ` - ${-offset}` : ` + ${offset}`);

const LOWEST = -(1n << 63n);
const HIGHEST = (1n << 63n) - 1n;

const range = ({ low, high }: Node): string => (low === LOWEST && high === HIGHEST ? "" : `  ; ${low}..${high}`);

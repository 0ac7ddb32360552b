/** Replaces phis whose arguments are all one value (or the phi itself) by that value, and phis that become so by this. */
import { IdMap } from "../../ssa/by-id.ts";
import { Node, type SsaFunction } from "../../ssa/ir.ts";
import { freshIds } from "./fresh-ids.ts";
import { Replacements } from "./replacements.ts";

export const simplifyPhis = (fn: SsaFunction): void => {
  const phis: Node[] = [];
  for (const { nodes } of fn.blocks) for (const node of nodes) if (node.op === "phi") phis.push(node);
  if (phis.length === 0) return;
  const users = new IdMap<Node, Node[]>();
  for (const phi of phis) users.set(phi, []);
  for (const phi of phis) for (const arg of phi.args) users.get(arg)?.push(phi);

  const replacements = new Replacements();
  const ids = freshIds(fn);
  const work = phis.toReversed();
  for (let phi = work.pop(); phi !== undefined; phi = work.pop()) {
    if (replacements.has(phi)) continue;
    const value = onlyValue(phi, replacements);
    if (value === undefined) continue;
    replacements.set(
      phi,
      value.op === "const" && value.block !== fn.entry ? entryConstant(fn, value, ids.node()) : value,
    );
    work.push(...users.get(phi)!);
  }
  if (replacements.isEmpty) return;
  for (const block of fn.blocks) {
    if (block.nodes[0]?.op === "phi") block.nodes = block.nodes.filter((node) => !replacements.has(node));
  }
  replacements.apply(fn);
};

const onlyValue = (phi: Node, replacements: Replacements): Node | undefined => {
  let only: Node | undefined;
  for (const each of phi.args) {
    const arg = replacements.find(each);
    if (arg === phi || arg === only) continue;
    if (only !== undefined && !(only.op === "const" && arg.op === "const" && only.imm === arg.imm)) return undefined;
    only = arg;
  }
  return only;
};

/** Equal constants may come from blocks of which none dominates the phi. */
const entryConstant = (fn: SsaFunction, like: Node, id: number): Node => {
  const node = new Node(id, "const", [], fn.entry, like.position);
  node.imm = like.imm;
  node.low = like.imm;
  node.high = like.imm;
  fn.entry.nodes.unshift(node);
  return node;
};

import { forEachChild, parseModule, type Ast } from "../../compiler/source/parse.ts";
import type { Position } from "../../kernel/source.ts";

const MAX_LENGTH = 40;

/** What the source calls that which is used at a place: `view.port`, `counters.lookup`. Undefined when it has no plain name. */
export const nameAt = ({ module, offset }: Position): string | undefined => {
  let root: Ast.Node;
  try {
    root = parseModule(module).program;
  } catch {
    // Text that nobody parsed before: the verifier's refusal matters, not its syntax.
    return undefined;
  }
  const node = namedNode(root, offset);
  if (node === undefined) return undefined;
  const text = module.text.slice(node.start, node.end);
  return text.includes("\n") || text.length > MAX_LENGTH ? undefined : text;
};

/** A member whose name is at `offset`; else what is called there, or the name that stands there. */
const namedNode = (node: Ast.Node, offset: number): Ast.Node | undefined => {
  if (offset < node.start || offset >= node.end) return undefined;
  if (node.type === "MemberExpression" && node.property.start === offset) return node;
  if (node.type === "CallExpression" && node.start === offset && isName(node.callee)) return node.callee;
  if (isName(node) && node.start === offset) return node;
  let found: Ast.Node | undefined;
  forEachChild(node, (child) => (found ??= namedNode(child, offset)));
  return found;
};

const isName = (node: Ast.Node): boolean =>
  node.type === "Identifier" || (node.type === "MemberExpression" && !node.computed && isName(node.object));

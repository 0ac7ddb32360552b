/** Makes a failing program smaller while it still fails the same way: drops statements, then simplifies expressions. */
import { forEachChild, parseModule, type Ast } from "../../src/compiler/source/parse.ts";

/** Puts `text` in the place of `start..end`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Tries smaller texts with `fails` until none fails or the time is up. */
export const reduce = (text: string, fails: (text: string) => boolean, milliseconds: number): string => {
  const deadline = performance.now() + milliseconds;
  let best = text;
  const passes = [statementEdits, expressionEdits];
  for (let pass = 0, idle = 0; idle < passes.length && performance.now() < deadline; pass++) {
    const smaller = onePass(best, passes[pass % passes.length] as Pass, fails, deadline);
    idle = smaller === best ? idle + 1 : 0;
    best = smaller;
  }
  return best.replaceAll(/\n\s*\n\s*\n/g, "\n\n");
};

type Pass = (ast: Ast.Program, text: string) => Edit[];

/** One walk over the program's edits, from the end on, so that what has changed does not move what has not. */
const onePass = (text: string, edits: Pass, fails: (text: string) => boolean, deadline: number): string => {
  const { program } = parseModule({ url: "reduce", text });
  // The larger of two edits that end together first: when it holds, the other is gone.
  const ordered = edits(program, text).toSorted(
    (a, b) => b.end - a.end || a.start - b.start || a.text.length - b.text.length,
  );
  let current = text;
  let changedFrom = Infinity;
  for (const edit of ordered) {
    if (performance.now() > deadline) break;
    if (edit.end > changedFrom) continue;
    const next = current.slice(0, edit.start) + edit.text + current.slice(edit.end);
    if (next.length >= current.length || !fails(next)) continue;
    current = next;
    changedFrom = edit.start;
  }
  return current;
};

const walk = (node: Ast.Node, visit: (node: Ast.Node, parent: Ast.Node | null) => void): void => {
  const go = (child: Ast.Node, parent: Ast.Node | null): void => {
    visit(child, parent);
    forEachChild(child, (grandchild) => go(grandchild, child));
  };
  go(node, null);
};

const isBlock = (node: Ast.Node | null): boolean =>
  node?.type === "BlockStatement" || node?.type === "Program" || node?.type === "SwitchCase";

/** Statements away; the parts of branches and loops in their place; cases, else branches, declarations of the module. */
const statementEdits: Pass = (program, text) => {
  const edits: Edit[] = [];
  const instead = (node: Ast.Node, ...parts: (Ast.Node | null)[]): void => {
    const kept = parts.map((part) => (part === null ? "" : inner(part, text))).join("\n");
    edits.push({ start: node.start, end: node.end, text: kept });
  };
  walk(program, (node, parent) => {
    if (isBlock(parent) && node.type !== "ImportDeclaration")
      edits.push({ start: node.start, end: node.end, text: "" });
    switch (node.type) {
      case "IfStatement":
        instead(node, node.consequent);
        if (node.alternate !== null) {
          instead(node, node.alternate);
          edits.push({ start: node.consequent.end, end: node.end, text: "" });
        }
        break;
      case "ForStatement":
      case "WhileStatement":
      case "DoWhileStatement":
      case "ForOfStatement":
        instead(node, node.body);
        break;
      case "BlockStatement":
        if (isBlock(parent)) instead(node, node);
        break;
      case "SwitchCase":
        edits.push({ start: node.start, end: node.end, text: "" });
        break;
      case "Property":
        if (parent?.type === "ObjectExpression" || parent?.type === "ObjectPattern") edits.push(withComma(node, text));
        break;
      case "CallExpression":
        if (isDeclaration(program, node)) break;
        for (const argument of node.arguments) edits.push(withComma(argument, text));
        break;
      default:
        break;
    }
  });
  return edits;
};

/** Whether a node belongs to a layout, a map or a table of the module: those stay as they are, or go. */
const isDeclaration = (program: Ast.Program, node: Ast.Node): boolean => {
  const statement = program.body.find(({ start, end }) => start <= node.start && node.end <= end);
  const text = statement?.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (text?.type !== "VariableDeclaration") return true;
  const [first] = text.declarations;
  const { init } = first ?? {};
  return (
    init?.type !== "ArrowFunctionExpression" &&
    !(
      init?.type === "CallExpression" &&
      init.arguments[0]?.type === "ArrowFunctionExpression" &&
      init.arguments[0].start < node.start
    )
  );
};

const inner = (node: Ast.Node, text: string): string =>
  node.type === "BlockStatement" ? text.slice(node.start + 1, node.end - 1) : text.slice(node.start, node.end);

const withComma = (node: Ast.Node, text: string): Edit => {
  const rest = /^\s*,\s*/.exec(text.slice(node.end));
  return { start: node.start, end: node.end + (rest?.[0].length ?? 0), text: "" };
};

/** Expressions become one of their operands, or a constant. */
const expressionEdits: Pass = (program, text) => {
  const edits: Edit[] = [];
  walk(program, (node) => {
    if (!expressions.has(node.type) || isDeclaration(program, node)) return;
    const whole = { start: node.start, end: node.end };
    for (const constant of ["0", "1", "0n", "1n", "true", "false"]) edits.push({ ...whole, text: constant });
    forEachChild(node, (child, key) => {
      if (key === "callee" || key === "property" || (child.type === "Identifier" && node.type === "CallExpression"))
        return;
      edits.push({ ...whole, text: `(${text.slice(child.start, child.end)})` });
      if (child.type === "Identifier" || child.type === "Literal")
        edits.push({ ...whole, text: text.slice(child.start, child.end) });
    });
  });
  return edits;
};

const expressions = new Set<string>([
  "BinaryExpression",
  "LogicalExpression",
  "ConditionalExpression",
  "UnaryExpression",
  "CallExpression",
  "Literal",
  "AssignmentExpression",
  "UpdateExpression",
  "MemberExpression",
]);

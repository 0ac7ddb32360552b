/**
 * JavaScript's own functions that change what they are called on. Run while compiling, they would change it once, whatever is
 * branched around them, and whether or not a loop runs.
 */
import type { Ast } from "../source/parse.ts";

const arrayMethods = ["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin"] as const;
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** Methods and static functions of these names change the object, or their first argument. */
const changing: ReadonlySet<unknown> = new Set(
  (
    [
      [Array.prototype, arrayMethods],
      [typedArray, ["set", "fill", "sort", "reverse", "copyWithin"]],
      [DataView.prototype, Object.getOwnPropertyNames(DataView.prototype).filter((name) => name.startsWith("set"))],
      [Map.prototype, ["set", "delete", "clear"]],
      [WeakMap.prototype, ["set", "delete"]],
      [Set.prototype, ["add", "delete", "clear"]],
      [WeakSet.prototype, ["add", "delete"]],
      [Object, ["assign", "defineProperty", "defineProperties", "setPrototypeOf"]],
      [Reflect, ["set", "defineProperty", "deleteProperty", "setPrototypeOf"]],
    ] as const
  ).flatMap(([owner, names]) => names.map((name) => Reflect.get(owner, name) as unknown)),
);

/** Methods of arrays and strings, and functions of `Array` and `Object`, that give a new array. */
const giveNew: ReadonlySet<string> = new Set([
  "concat",
  "entries",
  "filter",
  "flat",
  "flatMap",
  "from",
  "keys",
  "map",
  "of",
  "slice",
  "split",
  "toReversed",
  "toSorted",
  "toSpliced",
  "values",
]);

/** Those that give back what they changed. */
const giveSame: ReadonlySet<string> = new Set(["sort", "reverse", "fill", "copyWithin", "assign"]);

/** Whether the call changes something that others can see. */
export const changesConstant = (
  callee: unknown,
  { callee: written, arguments: [first] }: Ast.CallExpression,
): boolean => {
  if (!changing.has(callee)) return false;
  const isStaticFunction = written.type !== "MemberExpression" || isNamed(written.object, ["Object", "Reflect"]);
  return !isNew(isStaticFunction ? first : written.object);
};

/** Made by the expression itself: nothing else names it. */
const isNew = (node: Ast.Node | undefined): boolean => {
  switch (node?.type) {
    case "ArrayExpression":
    case "ObjectExpression":
      return true;
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
      return isNew(node.expression);
    case "CallExpression": {
      const { callee } = node;
      if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
      const { name } = callee.property;
      if (giveNew.has(name)) return true;
      return giveSame.has(name) && isNew(isNamed(callee.object, ["Object"]) ? node.arguments[0] : callee.object);
    }
    default:
      return false;
  }
};

const isNamed = (node: Ast.Node, names: readonly string[]): boolean =>
  node.type === "Identifier" && names.includes(node.name);

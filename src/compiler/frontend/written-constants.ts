/** Constants that are written out, by number or by name, and have more bits than the field that takes them: slips. */
import type { Ast } from "../source/parse.ts";
import type { Unit } from "./unit.ts";
import type { IntegerValue } from "./values.ts";

/** Refuses one of which the field would keep the lowest bits only. What was calculated may mean to be cut. */
export const requireFits = (unit: Unit, { low: value, type }: IntegerValue, name: string, bits: number): void => {
  if (value >= -(1n << BigInt(bits - 1)) && value < 1n << BigInt(bits)) return;
  const node = unit.assigned ?? unit.blamed;
  if (!isWritten(node)) return;
  const n = type === "bigint" ? "n" : "";
  const most = (1n << BigInt(bits)) - 1n;
  unit.refuse(
    "HM1206",
    `${name} has ${bits} bit${bits === 1 ? "" : "s"}, 0 to ${most}, and this is ${value}; write what fits, or ${value & most}${n} for its lowest bits`,
    node ?? undefined,
  );
};

const isWritten = (node: Ast.Node | null): boolean => {
  switch (node?.type) {
    case "Literal":
    case "Identifier":
      return true;
    case "MemberExpression":
      return !node.computed;
    case "UnaryExpression":
    case "TSNonNullExpression":
    case "TSAsExpression":
    case "ParenthesizedExpression":
      return isWritten("argument" in node ? node.argument : node.expression);
    default:
      return false;
  }
};

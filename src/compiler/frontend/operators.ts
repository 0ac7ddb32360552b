/** Binary operators: JavaScript's on constants, instructions on what is known only at run time. */
import { equality, order } from "./comparisons.ts";
import { booleanValue } from "./conditions.ts";
import { integerOperation } from "./integer-operations.ts";
import { either } from "./flow.ts";
import { isMissing, isThereTest, requireThere } from "./maybe.ts";
import { power } from "./power.ts";
import { refuseConflict } from "./recovery.ts";
import type { Unit } from "./unit.ts";
import { isStatic, statik, type Value } from "./values.ts";

export const applyOperator = (
  unit: Unit,
  operator: string,
  left: Value,
  right: Value,
  node: { start: number },
): Value => {
  if (operator === "==" || operator === "!=") {
    unit.report("HM1110", `write ${operator}= instead of ${operator}`, node);
    return applyOperator(unit, `${operator}=`, left, right, node);
  }
  for (const value of [left, right]) if (value.kind === "conflict") return refuseConflict(unit, value, node);
  if (operator !== "===" && operator !== "!==")
    for (const value of [left, right])
      if (value.kind === "maybe") {
        const [a, b] = [left, right].map((side) => requireThere(unit, side)) as [Value, Value];
        return applyOperator(unit, operator, a, b, node);
      }
  for (const [value, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (value.kind !== "maybe" || isMissing(other)) continue;
    return either(
      unit,
      isThereTest(unit, value),
      () => applyOperator(unit, operator, value.value, other, node),
      () => applyOperator(unit, operator, statik(value.missing), other, node),
    );
  }
  if (isStatic(left) && isStatic(right)) return staticOperation(unit, operator, left.value, right.value, node);
  switch (operator) {
    case "===":
    case "!==":
      return booleanValue(equality(unit, operator, left, right));
    case "<":
    case "<=":
    case ">":
    case ">=":
      return booleanValue(order(unit, operator, left, right));
    case "**":
      return power(unit, left, right);
    case "in":
    case "instanceof":
      return unit.refuse(
        "HM1001",
        `${operator} has no meaning on what is known only at run time; ${operator === "in" ? "test what may be missing, as in x !== null" : "its type is known while you write"}`,
        node,
      );
    default:
      return integerOperation(unit, operator, left, right);
  }
};

/** Both sides are JavaScript values: JavaScript computes. */
const staticOperation = (
  unit: Unit,
  operator: string,
  left: unknown,
  right: unknown,
  node: { start: number },
): Value => {
  const [a, b] = [left as number, right as number];
  const compute = (): unknown => {
    switch (operator) {
      case "+":
        return a + b;
      case "-":
        return a - b;
      case "*":
        return a * b;
      case "/":
        return a / b;
      case "%":
        return a % b;
      case "**":
        return a ** b;
      case "&":
        return a & b;
      case "|":
        return a | b;
      case "^":
        return a ^ b;
      case "<<":
        return a << b;
      case ">>":
        return a >> b;
      case ">>>":
        return a >>> b;
      case "===":
        return a === b;
      case "!==":
        return a !== b;
      case "<":
        return a < b;
      case "<=":
        return a <= b;
      case ">":
        return a > b;
      case ">=":
        return a >= b;
      case "in":
        return Reflect.has(right as object, left as string);
      case "instanceof":
        return typeof right === "function" && left instanceof right;
      default:
        return unit.refuse(
          "HM1001",
          `the operator ${operator} has no meaning in a kernel program; use arithmetic and comparisons`,
          node,
        );
    }
  };
  try {
    return statik(compute());
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return unit.refuse("HM1101", error.message, node);
    throw error;
  }
};

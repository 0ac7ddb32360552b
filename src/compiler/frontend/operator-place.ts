import type { Unit } from "./unit.ts";

/** Where a binary expression's operator stands: all of `a + b + c * d` starts at one place. */
export const operatorOf = (
  unit: Unit,
  node: { readonly operator: string; readonly left: { readonly end: number }; readonly end: number },
): { readonly start: number; readonly end: number } => ({
  start: unit.module.text.indexOf(node.operator, node.left.end),
  end: node.end,
});

/** Verdicts of another type of program. They are numbers, and mean something else here: `Xdp.Pass` at tc is `Tc.Drop`. */
import { CgroupSkb } from "../../kernel/cgroup-context.ts";
import { Tc, Xdp } from "../../kernel/context.ts";
import type { ProgramType } from "../../kernel/program.ts";
import type { Ast } from "../source/parse.ts";
import type { Unit } from "./unit.ts";

export interface VerdictTable {
  readonly name: string;
  readonly type: ProgramType;
  readonly numbers: Readonly<Record<string, number>>;
}

const tables: readonly VerdictTable[] = [
  { name: "Xdp", type: "xdp", numbers: Xdp },
  { name: "Tc", type: "tc", numbers: Tc },
  { name: "CgroupSkb", type: "cgroupSkb", numbers: CgroupSkb },
];

/** Keeps in mind that `node` names a verdict of another type. What is returned is looked at for it: elsewhere it is a number. */
export const noteForeignVerdict = (unit: Unit, object: unknown, node: object): void => {
  const table = tables.find(({ numbers }) => numbers === object);
  if (table !== undefined && table.type !== unit.type) unit.foreignVerdicts.set(node, table);
};

/** Refuses a returned expression that is such a verdict, or chooses one. Paths that were not compiled may have them. */
export const requireOwnVerdicts = (unit: Unit, node: Ast.Expression): void => {
  const own = tables.find((table) => table.type === unit.type);
  if (unit.foreignVerdicts.size === 0 || own === undefined) return;
  for (const leaf of choices(node)) {
    if (leaf.type !== "MemberExpression" || leaf.property.type !== "Identifier") continue;
    const table = unit.foreignVerdicts.get(leaf.property);
    if (table !== undefined) refuseForeign(unit, own, leaf, table, leaf.property.name);
  }
};

/** What an expression may come to. */
const choices = (node: Ast.Expression): readonly Ast.Expression[] => {
  if (node.type === "ConditionalExpression") return [...choices(node.consequent), ...choices(node.alternate)];
  if (node.type === "LogicalExpression") return [...choices(node.left), ...choices(node.right)];
  if (node.type === "TSAsExpression" || node.type === "ParenthesizedExpression") return choices(node.expression);
  return [node];
};

const refuseForeign = (
  unit: Unit,
  own: VerdictTable,
  node: Ast.Expression,
  { name, type, numbers }: VerdictTable,
  member: string,
): never => {
  const number = numbers[member];
  const here = Object.entries(own.numbers).find(([, value]) => value === number);
  const meaning = here === undefined ? "nothing" : `${own.name}.${here[0]}`;
  const all = Object.keys(own.numbers).map((each) => `${own.name}.${each}`);
  return unit.refuse(
    "HM1501",
    `${name}.${member} is ${number}, a verdict of ${type} programs that means ${meaning} here; return one of ${all.join(", ")}`,
    node,
  );
};

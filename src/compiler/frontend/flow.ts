/** Control flow: labels, the edges that reach them, and branches. */
import { Join, type Edge } from "./join.ts";
import type { Unit } from "./unit.ts";
import { undefinedValue, type Test, type Value } from "./values.ts";

/** A place that branches jump to before the code there is evaluated. */
export class Label {
  readonly mark: number;
  readonly edges: Edge[] = [];

  constructor(unit: Unit) {
    this.mark = unit.builder.state.mark();
  }
}

/** Leaves for `label`; what follows is unreachable until a label is bound. */
export const jump = (unit: Unit, label: Label, value: Value = undefinedValue): void => {
  const { builder } = unit;
  if (builder.block === null) return;
  label.edges.push({ block: builder.block, changes: builder.state.since(label.mark), value });
  builder.block = null;
};

/** Branches on `test`: to `whenTrue` or `whenFalse`, each with what the outcome proves. */
export const branch = (unit: Unit, test: Test, whenTrue: Label, whenFalse: Label): void => {
  const { builder } = unit;
  if (builder.block === null) return;
  const taken = builder.newBlock();
  const otherwise = builder.newBlock();
  builder.branch(test.condition, test.left, test.right, test.width, taken, otherwise);
  for (const [block, outcome, label] of [
    [taken, true, whenTrue],
    [otherwise, false, whenFalse],
  ] as const) {
    const mark = builder.state.mark();
    builder.block = block;
    unit.learn(test, outcome);
    jump(unit, label);
    builder.state.undo(mark);
  }
};

/** The same where the outcome may be known. */
export const decide = (unit: Unit, test: Test | boolean, whenTrue: Label, whenFalse: Label): void => {
  if (typeof test === "boolean") return jump(unit, test ? whenTrue : whenFalse);
  branch(unit, test, whenTrue, whenFalse);
};

/** The value of `test ? whenTrue : whenFalse`. */
export const either = (unit: Unit, test: Test | boolean, whenTrue: () => Value, whenFalse: () => Value): Value => {
  if (typeof test === "boolean") return test ? whenTrue() : whenFalse();
  const [taken, otherwise, end] = [new Label(unit), new Label(unit), new Label(unit)];
  branch(unit, test, taken, otherwise);
  bind(unit, taken);
  jump(unit, end, whenTrue());
  bind(unit, otherwise);
  jump(unit, end, whenFalse());
  return bind(unit, end);
};

/** Continues where the edges to `label` meet; the value is what they carried. */
export const bind = (unit: Unit, label: Label): Value => {
  const { builder } = unit;
  // Where nothing has jumped to, what is known stays known.
  if (label.edges.length === 0 && builder.block !== null) return undefinedValue;
  jump(unit, label);
  builder.state.undo(label.mark);
  const [only, ...others] = label.edges;
  if (only === undefined) return undefinedValue;
  if (others.length === 0) {
    builder.block = only.block;
    builder.state.replay(only.changes);
    return only.value;
  }
  return new Join(unit, label.edges).join();
};

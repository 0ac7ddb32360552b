/** From a program's descriptor to SSA: partial evaluation of its function. */
import type { Program } from "../../kernel/program.ts";
import { sourceOf, type FunctionSource, type Position } from "../../kernel/source.ts";
import { HopmarkError } from "../../errors.ts";
import type { Layout } from "../../wire/layout.ts";
import { programTypes } from "../program-types/index.ts";
import { functionAt, type FunctionNode } from "../source/parse.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { RecordLayout } from "../program.ts";
import type { SsaFunction } from "../ssa/ir.ts";
import { evaluateCondition } from "./conditions.ts";
import { evaluateExpression } from "./expressions.ts";
import { inlineCall, runBody } from "./functions.ts";
import { programArguments } from "./program-arguments.ts";
import { executeStatement, requireVerdict, returnVerdict } from "./statements.ts";
import type { EvaluatedSubprogram } from "./evaluated-subprogram.ts";
import { Unit, type CompileOptions, type Evaluator } from "./unit.ts";
import { undefinedValue } from "./values.ts";

const evaluator: Evaluator = {
  expression: evaluateExpression,
  condition: evaluateCondition,
  statement: executeStatement,
  call: inlineCall,
};

export interface EvaluatedProgram {
  readonly fn: SsaFunction;
  /** Functions besides it, whether or not anything calls them in the end. */
  readonly subprograms: readonly EvaluatedSubprogram[];
  readonly maps: readonly MapDescriptor[];
  /** What each ring's records may be. */
  readonly records: ReadonlyMap<MapDescriptor, readonly RecordLayout[]>;
  /** What an iterator writes to user space. */
  readonly written: readonly Layout[];
  readonly position: Position;
}

/**
 * Throws CompileError for what a kernel program cannot say, with all that can be told at once. `met` gets the maps that the
 * program names, also of a program that is refused.
 */
export const evaluateProgram = (
  program: Program,
  options: CompileOptions,
  met = new Set<MapDescriptor>(),
): EvaluatedProgram => {
  const source = sourceOf(program.body);
  if (source === undefined) {
    throw new HopmarkError("no-source", `the source of program ${program.name} is not known`, {
      hint: "kernel programs live in modules named *.bpf.ts, loaded through hopmark/register, hopmark's Vite plugin or a build",
    });
  }
  const node = functionAt(source.module, source.start);
  if (node === undefined)
    throw new HopmarkError("no-source", `no function at offset ${source.start} of ${source.module.url}`);
  const unit = new Unit(program, source.module, options, evaluator);
  unit.at(node);
  const { packet } = programTypes[program.type];
  if (packet !== null) unit.newEpoch();
  try {
    evaluateBody(unit, node, source);
  } catch (error) {
    unit.refusals.last(error);
  }
  for (const map of unit.maps) met.add(map);
  unit.refusals.throwAny();
  return {
    fn: unit.builder.fn,
    subprograms: [...unit.subprograms.values()].flatMap((each) => [...each.values()].filter((one) => one !== null)),
    maps: [...unit.maps],
    records: new Map(
      [...unit.recordLayouts].map(([ring, layouts]) => [
        ring,
        [...layouts].map(([layout, mayBeShorter]) => ({ layout, mayBeShorter })),
      ]),
    ),
    written: [...unit.writtenLayouts],
    position: { module: source.module, offset: node.start },
  };
};

const evaluateBody = (unit: Unit, node: FunctionNode, { module, captures }: FunctionSource): void => {
  const fn = { node, module, scope: null, captures: captures() };
  const value = runBody(unit, fn, programArguments(unit, node), { exit: { label: null } });
  if (!unit.builder.reachable) return;
  const { body } = node;
  const verdict = body === null || body.type === "BlockStatement" ? null : body;
  if (verdict !== null) requireVerdict(unit, verdict);
  unit.at({ start: node.end - 1 });
  if (value !== null || !programTypes[unit.type].hasVerdict)
    return returnVerdict(unit, value ?? undefinedValue, verdict);
  if (unit.refusals.hasHole) return;
  unit.refuse("HM1501", `not every path returns; end the program with return and a verdict of ${unit.type}`);
};

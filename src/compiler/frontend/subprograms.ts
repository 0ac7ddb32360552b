/**
 * Calls of subprograms: functions of their own in the same program. Each is evaluated once for every kind of memory that its
 * views lie in. The verifier follows a call with all that it knows of the registers; this compiler goes by the types.
 */
import { sourceOf, type FunctionSource } from "../../kernel/source.ts";
import type { Subprogram } from "../../kernel/subprogram.ts";
import { functionAt, type Ast, type FunctionNode } from "../source/parse.ts";
import { Builder } from "../ssa/builder.ts";
import type { Node } from "../ssa/ir.ts";
import type { EvaluatedSubprogram } from "./evaluated-subprogram.ts";
import { capturesOf } from "./functions.ts";
import { forgetOpenRecords, requireFinished } from "./records.ts";
import { Checkpoint } from "./recovery.ts";
import { lend, passArgument, resultValue, returnResult, type PassedArgument } from "./subprogram-values.ts";
import { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import type { Epoch, Value } from "./values.ts";

const MAX_REGISTERS = 5;

export const callSubprogram = (
  unit: Unit,
  subprogram: Subprogram,
  args: readonly Value[],
  { node, places }: { readonly node: Ast.Node; readonly places: readonly Ast.Node[] },
): Value => {
  const { builder } = unit;
  const { parameters } = subprogram;
  if (args.length !== parameters.length) return unit.refuse("HM1007", wrongCount(subprogram, args.length), node);
  const passed = parameters.map((type, at) => {
    unit.blamed = places[at] ?? null;
    return passArgument(unit, type, args[at] as Value, `argument ${at + 1}`);
  });
  unit.blamed = null;
  const nodes = passed.flatMap((each) => each.nodes);
  // Views that an index moves within the packet are held against its end: without the context it comes along.
  const needsEnd = passed.some(({ region }) => region?.space === "packet") && contextOf(passed) === -1;
  const hasEnd = needsEnd && nodes.length < MAX_REGISTERS;
  if (hasEnd) nodes.push(unit.epoch().end);
  const callee = evaluatedFor(unit, subprogram, passed, hasEnd, node);
  const result = builder.invoke(callee.fn, nodes);
  for (const space of callee.written) unit.written.add(space);
  builder.state.removeWhere(unit.memory, (_, { region }) => callee.written.has(region.space));
  if (callee.movesPacket) unit.newEpoch();
  if (!callee.isWhole) forgetOpenRecords(unit);
  return resultValue(unit, subprogram, result);
};

const wrongCount = ({ parameters }: Subprogram, given: number): string => {
  const takes = parameters.length === 1 ? "1 argument" : `${parameters.length} arguments`;
  const extra = given > parameters.length ? "leave out the others" : "give each of them";
  return `this subprogram takes ${takes}, not ${given}; ${extra}, or add parameters to its declaration`;
};

/** The register that the context is in, or -1. */
const contextOf = (passed: readonly PassedArgument[]): number => {
  let register = 0;
  for (const { type, nodes } of passed) {
    if (typeof type === "string" && type !== "boolean") return register;
    register += nodes.length;
  }
  return -1;
};

const evaluatedFor = (
  unit: Unit,
  subprogram: Subprogram,
  passed: readonly PassedArgument[],
  hasEnd: boolean,
  node: { readonly start: number },
): EvaluatedSubprogram => {
  const known = unit.subprograms.get(subprogram) ?? new Map<string, EvaluatedSubprogram | null>();
  unit.subprograms.set(subprogram, known);
  const key = passed.map((each) => each.key).join(", ");
  const found = known.get(key);
  if (found !== undefined && found !== null) return found;
  if ([...known.values()].includes(null))
    return unit.refuse("HM1009", "a subprogram may not call itself, nor what calls it; write a loop", node);
  const source = sourceOf(subprogram.body);
  const fn = source === undefined ? undefined : functionAt(source.module, source.start);
  if (source === undefined || fn === undefined)
    return unit.refuse("HM1003", "the source of this subprogram is not known; put it into a .bpf.ts module", node);
  known.set(key, null);
  const evaluated = evaluate(unit, subprogram, passed, hasEnd, source, fn);
  known.set(key, evaluated);
  return evaluated;
};

const evaluate = (
  caller: Unit,
  subprogram: Subprogram,
  passed: readonly PassedArgument[],
  hasEnd: boolean,
  source: FunctionSource,
  node: FunctionNode,
): EvaluatedSubprogram => {
  const { module } = source;
  const name = freeName(caller, subprogram.name ?? source.variable ?? "subprogram");
  const count = passed.flatMap(({ nodes }) => nodes).length + (hasEnd ? 1 : 0);
  const builder = new Builder(name, { count, context: contextOf(passed) });
  const unit = caller.forSubprogram(module, builder);
  unit.at(node);
  if (caller.currentEpoch !== undefined) enterEpoch(unit, passed, hasEnd ? builder.arguments.at(-1) : undefined);
  unit.movesPacket = false;
  unit.written.clear();
  let register = 0;
  const values = passed.map((each) =>
    lend(unit, each, builder.arguments.slice(register, (register += each.nodes.length))),
  );
  const captures = capturesOf(unit, subprogram.body, source);
  const { met } = unit.refusals;
  const here = new Checkpoint(unit);
  try {
    const value = unit.evaluator.call(unit, { node, module, scope: null, captures }, values);
    if (builder.reachable) {
      const { body } = node;
      unit.at({ start: body === null || body.type === "BlockStatement" ? node.end - 1 : body.start });
      requireFinished(unit);
      returnResult(unit, subprogram, name, value);
    }
  } catch (error) {
    // Who calls it goes by the declared types.
    here.recover(error, new Scope(null, new Set()), node);
  }
  const { fn } = builder;
  const { written, movesPacket } = unit;
  const parameterNames = node.params.map((each, at) => (each.type === "Identifier" ? each.name : `argument${at + 1}`));
  const position = { module, offset: node.start };
  const isWhole = unit.refusals.met === met;
  return { name, fn, subprogram, parameterNames, position, written, movesPacket, isWhole };
};

/** The packet's ends inside: from the context, or the end alone, or neither. */
const enterEpoch = (unit: Unit, passed: readonly PassedArgument[], end: Node | undefined): void => {
  if (contextOf(passed) !== -1) return void unit.newEpoch();
  const refuse = (): never =>
    unit.refuse(
      "HM1203",
      `only a subprogram that takes the context can index a view in the packet here; add "${unit.type}" to its parameters, and pass ctx`,
    );
  const epoch: Epoch =
    end === undefined
      ? {
          get data() {
            return refuse();
          },
          get end() {
            return refuse();
          },
        }
      : { data: end, end };
  unit.builder.state.set(unit.epochs, "packet", epoch);
};

const freeName = ({ subprograms }: Unit, wanted: string): string => {
  const used = new Set([...subprograms.values()].flatMap((each) => [...each.values()].map((other) => other?.name)));
  let name = wanted;
  for (let count = 2; used.has(name); count++) name = `${wanted}_${count}`;
  return name;
};

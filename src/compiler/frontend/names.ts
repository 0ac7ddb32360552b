/** What a name stands for: a variable, a captured value, or a global that means the same in a kernel program. */
import { didYouMean } from "../nearest.ts";
import type { Ast } from "../source/parse.ts";
import { topLevelNames } from "../source/top-level-names.ts";
import { settled } from "./maybe.ts";
import { toldAlready } from "./refusals.ts";
import type { Scope } from "./scope.ts";
import type { Unit } from "./unit.ts";
import { statik, type Value } from "./values.ts";

/** Globals that mean the same in a kernel program. */
const globals: Readonly<Record<string, unknown>> = {
  undefined,
  Math,
  BigInt,
  Number,
  Boolean,
  Object,
  Array,
  NaN,
  Infinity,
};

export const readName = (unit: Unit, scope: Scope, node: Ast.IdentifierReference | Ast.IdentifierName): Value => {
  const variable = scope.find(node.name);
  if (variable !== undefined) {
    const value = variable.value ?? unit.builder.state.get(unit.variables, variable);
    if (value?.kind === "refused") throw toldAlready;
    if (value?.kind === "maybe") return settled(unit, value);
    return (
      value ?? unit.refuse("HM1002", `${node.name} is used before it has a value; give it one above this line`, node)
    );
  }
  const captured = scope.capture(node.name);
  if (captured !== undefined) return statik(captured.value);
  if (Object.hasOwn(globals, node.name)) return statik(globals[node.name]);
  return unit.refuse("HM1002", `${node.name} is not known here${adviceFor(unit, scope, node.name)}`, node);
};

/** What to use instead of what people reach for in Node. */
const nodesOwn: Readonly<Record<string, string>> = {
  console: "what Node has is not there in the kernel: report with a ring buffer record, which hopmark run prints",
  Date: "what Node has is not there in the kernel: monotonicNs() and taiNs() tell the time",
  performance: "what Node has is not there in the kernel: monotonicNs() tells the time",
  arguments: "give the function parameters, or ...values",
  String: "there is no text at run time: put the number into a ring buffer record",
  parseInt:
    "Math.trunc(a / b) makes a quotient whole, and all other numbers are; of text that is known, write Number(…)",
  setTimeout: "nothing waits in the kernel: keep monotonicNs() in a map, and compare",
  setInterval: "nothing waits in the kernel: keep monotonicNs() in a map, and compare",
};

const adviceFor = (unit: Unit, scope: Scope, name: string): string => {
  const meant = didYouMean(name, [...scope.visibleNames(), ...topLevelNames(unit.module), ...Object.keys(globals)]);
  if (Object.hasOwn(nodesOwn, name)) return `; ${nodesOwn[name]}`;
  if (meant !== "") return meant;
  return name in globalThis
    ? "; what Node has is not there in the kernel"
    : "; declare it, or import it, as what programs call from hopmark/kernel and headers from hopmark/wire";
};

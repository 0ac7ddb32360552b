/** What a program's function is called with: its context, or what the kernel's types say of its target. */
import { struct, array, u64 } from "../../wire/layout.ts";
import type { KernelFunction } from "../kernel-types.ts";
import { nearest } from "../nearest.ts";
import { programTypes } from "../program-types/index.ts";
import type { FunctionNode } from "../source/parse.ts";
import { kernelTypesOf, kernelValue } from "./kernel-values.ts";
import { loadBytes } from "./memory.ts";
import type { Unit } from "./unit.ts";
import { contextRegion, undefinedValue, type Value } from "./values.ts";

/** Only as many as the function has parameters: others might be such as a program cannot read. */
export const programArguments = (unit: Unit, node: FunctionNode): Value[] => {
  if (programTypes[unit.type].calledWith === undefined) return [{ kind: "context", programType: unit.type }];
  const { parameters } = prototypeOf(unit, "tracepoint", "btf_trace_");
  // The first parameter of a tracepoint's prototype is what the tracepoint's own user passed when it attached.
  return node.params.map((_, at) => {
    const parameter = parameters[at + 1];
    return parameter === undefined ? undefinedValue : argumentAt(unit, at, parameter.type, "argument");
  });
};

/** A member of an iterator's context: an argument of the function that the iterator is. */
export const iteratorMember = (unit: Unit, name: string): Value => {
  const { parameters } = prototypeOf(unit, "iterator", "bpf_iter_");
  const at = parameters.findIndex((parameter) => parameter.name === name);
  const parameter = parameters[at];
  if (parameter !== undefined) return argumentAt(unit, at, parameter.type, name === "meta" ? "never" : "maybe");
  const names = [...parameters.map((one) => one.name), "write"];
  return unit.refuse(
    "HM1005",
    `the context of iterator ${unit.purpose.target} has no ${name}; it has ${names.join(", ")}`,
  );
};

const argumentAt = (unit: Unit, at: number, type: number, nullable: "never" | "argument" | "maybe"): Value => {
  const shape = kernelTypesOf(unit).shape(type);
  const node = loadBytes(unit, contextRegion, unit.builder.context, at * 8, 8);
  return kernelValue(unit, shape, node, nullable);
};

/** The function type behind the program's target; refuses a target that this kernel does not have. */
const prototypeOf = (unit: Unit, what: "tracepoint" | "iterator", prefix: string): KernelFunction => {
  const types = kernelTypesOf(unit);
  const name = unit.purpose.target ?? "";
  const kind = what === "tracepoint" ? "typedef" : "func";
  const id = types.typeId(kind, prefix + name);
  if (id !== undefined) {
    const shape = types.shape(id);
    const fn = shape.kind === "pointer" ? types.shape(shape.target) : shape;
    if (fn.kind === "function") return fn;
  }
  const names = types
    .names(kind)
    .filter((other) => other.startsWith(prefix))
    .map((other) => other.slice(prefix.length));
  const close = nearest(name, names);
  return unit.refuse(
    "HM1602",
    `this kernel has no ${what} ${name}; ${close === undefined ? "hopmark types --list says which there are" : `did you mean ${close}?`}`,
  );
};

/** As many arguments as any tracepoint has. */
const MOST_ARGUMENTS = 12;

/** `ctx.args` of a raw tracepoint. The kernel's types, where they are known, say how many there are. */
export const rawArguments = (unit: Unit): Value => {
  const { kernelTypes } = unit.options;
  const length =
    kernelTypes === undefined ? MOST_ARGUMENTS : prototypeOf(unit, "tracepoint", "btf_trace_").parameters.length - 1;
  const layout = struct("arguments", { args: array(u64, length) });
  const { context: pointer } = unit.builder;
  const view = { kind: "view", layout, region: contextRegion, pointer, offset: 0, nullable: null } as const;
  return { kind: "elements", element: u64, length, view, offset: 0 };
};

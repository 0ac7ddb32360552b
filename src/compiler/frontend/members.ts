/** `object.name` and `object[index]`: reading and assigning. */
import { instead } from "../nearest.ts";
import { contextMember, contextNames, packetMember, packetNames, writeContextField } from "./context.ts";
import { readElement, readField, writeElement, writeField } from "./fields.ts";
import { noteForeignVerdict } from "./foreign-verdicts.ts";
import { proofAdvice } from "./fresh-reads.ts";
import { innerMember } from "./inner-maps.ts";
import { exactInteger } from "./integers.ts";
import { readKernelElement, readKernelMember } from "./kernel-values.ts";
import { Variable as GlobalVariable } from "../../kernel/maps.ts";
import { refuseConflict } from "./recovery.ts";
import { itemsOf } from "./arrays.ts";
import { elementAt } from "./element-at.ts";
import { requireThere, settled } from "./maybe.ts";
import { movedView, provable } from "./proofs.ts";
import type { Unit } from "./unit.ts";
import {
  describe,
  isStatic,
  statik,
  type ArrayValue,
  type ElementsValue,
  type Value,
  type ViewValue,
} from "./values.ts";
import { bitsOf } from "../../wire/layout.ts";

interface Place {
  readonly start: number;
  readonly end: number;
}

export const readMember = (unit: Unit, object: Value, name: string, node: Place): Value => {
  unit.at(node);
  switch (object.kind) {
    case "static":
      return readStatic(unit, object.value, name, node);
    case "view":
      return innerMember(object, name) ?? readField(unit, object, name);
    case "object":
      return settled(unit, object.fields.get(name) ?? absentMember(name, [...object.fields.keys()], node));
    case "array":
      return readItem(unit, object, name, node);
    case "maybe":
      return readMember(unit, requireThere(unit, object), name, node);
    case "elements":
      if (name === "length") return statik(object.length);
      break;
    case "context":
      return (
        contextMember(unit, object, name) ??
        unit.refuse(
          "HM1005",
          `the context of ${object.programType} has no ${name}${name === "length" ? "; ctx.packet.length is the packet's" : instead(name, contextNames(object))}`,
          node,
        )
      );
    case "packet":
      return (
        packetMember(unit, object, name) ??
        unit.refuse("HM1005", `the packet has no ${name}${instead(name, packetNames())}`, node)
      );
    case "kernel":
      if (name === "length" && object.shape.kind === "array") return statik(object.shape.length);
      return readKernelMember(unit, object, name);
    case "conflict":
      return refuseConflict(unit, object, node);
    default:
      break;
  }
  return unit.refuse("HM1005", `${describe(object)} has no property ${name}${propertyAdvice(object)}`, node);
};

const propertyAdvice = ({ kind }: Value): string => {
  if (kind === "elements") return "; go over it with for..of, or copy it: [...field] has the methods of arrays";
  if (kind === "wide") return "; compare it with ===, or look it up in a map: prefixes in an lpmTrie()";
  return kind === "integer" || kind === "boolean" ? "; a number is all there is" : "";
};

const readStatic = (unit: Unit, object: unknown, name: string, node: Place): Value => {
  if (object === null || object === undefined)
    return unit.refuse(
      "HM1005",
      `${String(object)} has no property ${name}; give it a value at the module's top level, or test it first`,
      node,
    );
  if (object instanceof GlobalVariable && name === "value") return readField(unit, globalView(unit, object), "value");
  const value: unknown = Reflect.get(Object(object) as object, name);
  if (typeof value === "number") noteForeignVerdict(unit, object, node);
  if (value === undefined && !(name in (Object(object) as object)))
    return absentMember(name, Object.keys(object as object), node);
  return typeof value === "function" ? { kind: "method", name, receiver: statik(object), fn: value } : statik(value);
};

/** It reads as undefined, as in JavaScript: what asks whether it is there may go on. */
const absentMember = (name: string, known: readonly string[], node: Place): Value => ({
  kind: "static",
  value: undefined,
  absent: { name, known, node },
});

/** An element, the length, or a method. */
const readItem = (unit: Unit, array: ArrayValue, name: string, node: Place): Value => {
  const { items } = array;
  if (name === "length") return statik(items.length);
  const item = Object.hasOwn(items, name) ? items[Number(name)] : undefined;
  if (item !== undefined) return settled(unit, item);
  const fn: unknown = Reflect.get(Array.prototype, name);
  if (typeof fn === "function") return { kind: "method", name, receiver: array, fn };
  return absentMember(name, Object.keys(items), node);
};

/** Whether it is what `hashMap(…)` and its kin made. */
export const isMap = (object: Value): boolean =>
  isStatic(object) &&
  typeof object.value === "object" &&
  object.value !== null &&
  "kind" in object.value &&
  object.value.kind === "map";

/** The view of a global variable: its address is known when the program is loaded. */
export const globalView = (unit: Unit, variable: GlobalVariable<unknown>): ViewValue => {
  unit.maps.add(variable);
  return {
    kind: "view",
    layout: variable.valueLayout,
    region: { space: "map", key: variable, epoch: null, writable: true },
    pointer: unit.builder.mapValuePointer(variable),
    offset: 0,
    nullable: null,
  };
};

export const readIndex = (unit: Unit, object: Value, index: Value, node: Place): Value => {
  unit.at(node);
  if (isStatic(object) && isStatic(index)) {
    const { value } = object;
    if (value === null || value === undefined)
      return unit.refuse(
        "HM1005",
        `${String(value)} has no elements; give it a value at the module's top level, or test it first`,
        node,
      );
    return readStatic(unit, value, String(index.value), node);
  }
  if (isStatic(index) && typeof index.value === "string") return readMember(unit, object, index.value, node);
  if (object.kind === "maybe") return readIndex(unit, requireThere(unit, object), index, node);
  if (object.kind === "array" && isStatic(index)) return readItem(unit, object, String(index.value), node);
  const items = itemsOf(object);
  if (items !== null && !isStatic(index)) return elementAt(unit, items, index, node);
  if (object.kind === "elements") {
    const { view, offset } = elementAddress(unit, object, index, node);
    return readElement(unit, view, object.element, offset);
  }
  if (object.kind === "kernel") return readKernelElement(unit, object, index, node);
  if (isMap(object))
    return unit.refuse("HM1004", "a map is read with its method: lookup(key); delete(key) takes an entry out", node);
  if (isStatic(object))
    return unit.refuse(
      "HM1004",
      "the members of a constant object can be named only by what is known while compiling; compare with each, or put them into a map",
      node,
    );
  return unit.refuse(
    "HM1005",
    object.kind === "packet"
      ? 'the packet cannot be indexed; describe what lies there, as in header("byte", "", { value: u8 }), and read it with ctx.packet.at(layout, offset)'
      : `${describe(object)} cannot be indexed; only array fields and constant arrays can`,
    node,
  );
};

/** Where an element lies; its index must be proven. */
export const elementAddress = (
  unit: Unit,
  array: ElementsValue,
  index: Value,
  node: Place,
): { view: ViewValue; offset: number } => {
  const size = bitsOf(array.element) / 8;
  const at = exactInteger(unit, index, "an index");
  if (at.low < 0n || at.high >= BigInt(array.length)) {
    return unit.refuse(
      "HM1204",
      `the index must be proven to lie in 0..${array.length - 1}, it is in ${at.low}..${at.high}; ${proofAdvice(unit, at, "test or mask it first", node)}`,
      node,
    );
  }
  const { view } = array;
  if (view.region.space === "context" && at.low !== at.high)
    return unit.refuse("HM1004", "the context's args can be indexed only by what is known while compiling", node);
  if (at.low === at.high) return { view, offset: array.offset + Number(at.low) * size };
  const { builder } = unit;
  const proved = provable(unit, at, 0n, BigInt(array.length - 1));
  const bytes = builder.binary("mul", proved, builder.constant(size));
  return { view: movedView(unit, view, bytes, size, array.offset + size), offset: array.offset };
};

export const writeMember = (unit: Unit, object: Value, name: string, value: Value, node: Place): void => {
  unit.at(node);
  if (object.kind === "view") return writeField(unit, object, name, value);
  if (object.kind === "maybe") return writeMember(unit, requireThere(unit, object), name, value, node);
  if (object.kind === "context") return writeContextField(unit, object, name, value);
  if (isStatic(object) && object.value instanceof GlobalVariable && name === "value")
    return writeField(unit, globalView(unit, object.value), "value", value);
  if (object.kind === "conflict") return refuseConflict(unit, object, node);
  return unit.refuse(
    "HM1205",
    object.kind === "object" || (isStatic(object) && typeof object.value === "object" && !isMap(object))
      ? `${describe(object)} cannot be changed at run time; assign a new one to a let, as in o = { ...o, ${name}: … }, or keep what changes in a map or variable(…)`
      : `${describe(object)} cannot be changed at run time; keep what changes in a variable of the program, a map or variable(…)`,
    node,
  );
};

export const writeIndex = (unit: Unit, object: Value, index: Value, value: Value, node: Place): void => {
  unit.at(node);
  if (isMap(object))
    return unit.refuse("HM1205", "a map is written with its method: update(key, { … }) with the value's fields", node);
  if (isStatic(index) && typeof index.value === "string") return writeMember(unit, object, index.value, value, node);
  if (itemsOf(object) !== null)
    return unit.refuse(
      "HM1205",
      "an array stays as it was made in a kernel function; make a new one, as in [first, second], or keep what changes in variables, a map or an array field",
      node,
    );
  if (object.kind !== "elements")
    return unit.refuse(
      "HM1205",
      `elements of ${describe(object)} cannot be changed at run time; keep what changes in a map or an array field`,
      node,
    );
  if (!object.view.region.writable)
    return unit.refuse("HM1205", "this cannot be written here; copy what you need into a variable", node);
  const { view, offset } = elementAddress(unit, object, index, node);
  writeElement(unit, view, object.element, offset, value);
};

/**
 * What a program follows from, as text: its function, the values of the free names, all that those lead to. Two programs
 * with the same text compile to the same code, and the nth object of one is what the nth object of the other is.
 */
import { types } from "node:util";
import { DevMap } from "../../kernel/dev-map.ts";
import { MapOfMaps } from "../../kernel/map-of-maps.ts";
import { ArrayMap, HashMap, LpmTrie, PerCpuArrayMap, PerCpuHashMap, RingBuffer, Variable } from "../../kernel/maps.ts";
import { ProgramArray } from "../../kernel/program-array.ts";
import { SocketStorage } from "../../kernel/socket-storage.ts";
import { sourceOf, type FunctionSource } from "../../kernel/source.ts";
import { subprogramOf } from "../../kernel/subprogram.ts";
import { exportName } from "./known-exports.ts";
import { vocabularyName } from "./known-functions.ts";

export interface ValueGraph {
  readonly text: string;
  /** In the order in which the text first names them; modules and functions too. */
  readonly objects: readonly object[];
}

/** Undefined where something is reached that text cannot stand for: a function from elsewhere, an accessor, a proxy. */
export const graphOf = (root: object): ValueGraph | undefined => {
  const graph = new Graph();
  try {
    graph.add(root);
  } catch (error) {
    // A free name that has no value yet throws by itself.
    if (error instanceof NotPlain || error instanceof ReferenceError) return undefined;
    throw error;
  }
  return { text: graph.parts.join(" "), objects: [...graph.known.keys()] };
};

class NotPlain extends Error {}

const classes: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    ArrayMap,
    DevMap,
    HashMap,
    LpmTrie,
    MapOfMaps,
    PerCpuArrayMap,
    PerCpuHashMap,
    ProgramArray,
    RingBuffer,
    SocketStorage,
    Variable,
  }).map(([name, { prototype }]) => [prototype, name]),
);

/** JavaScript itself calls these, unseen. */
const hooks = new Set(["toString", "valueOf", "toJSON"]);

class Graph {
  readonly parts: string[] = [];
  readonly known = new Map<object, number>();

  add(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.parts.push(`"${value.length}:${value}`);
        return;
      case "number":
        this.parts.push(Object.is(value, -0) ? "-0" : String(value));
        return;
      case "bigint":
        this.parts.push(`${value}n`);
        return;
      case "boolean":
      case "undefined":
        this.parts.push(String(value));
        return;
      case "symbol":
        throw new NotPlain();
      default:
        if (typeof value === "object" && value === null) this.parts.push("null");
        else this.#addObject(value as object);
    }
  }

  #addObject(value: object): void {
    const before = this.known.get(value);
    if (before !== undefined) {
      this.parts.push(`#${before}`);
      return;
    }
    this.known.set(value, this.known.size);
    if (typeof value === "function") this.#addFunction(value);
    else if (types.isProxy(value)) throw new NotPlain();
    else {
      const name = exportName(value);
      if (name === undefined) this.#addMembers(value);
      else this.parts.push(`export ${name}`);
    }
  }

  #addFunction(fn: Function): void {
    const name = vocabularyName(fn);
    if (name !== undefined) {
      this.parts.push(`vocabulary ${name}`);
      return;
    }
    const subprogram = subprogramOf(fn);
    const source = sourceOf(fn);
    if (subprogram === undefined && source === undefined) throw new NotPlain();
    if (Object.keys(fn).length > 0) throw new NotPlain();
    if (subprogram !== undefined) this.add({ ...subprogram });
    if (source !== undefined) this.#addSource(source);
  }

  #addSource({ module, start, captures, variable }: FunctionSource): void {
    this.parts.push("function");
    this.add(module);
    this.add(start);
    this.add(variable);
    // Its members are accessors, each of which reads the name.
    for (const [name, value] of Object.entries(captures())) {
      this.add(name);
      this.add(value);
    }
    this.parts.push(".");
  }

  #addMembers(object: object): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Map.prototype || prototype === Set.prototype) {
      this.parts.push(prototype === Map.prototype ? "map" : "set");
      this.add([...(object as Iterable<unknown>)]);
    } else {
      this.parts.push(kindOf(prototype));
    }
    const descriptors = Object.getOwnPropertyDescriptors(object);
    if (Object.getOwnPropertySymbols(object).length > 0) throw new NotPlain();
    for (const [key, descriptor] of Object.entries(descriptors)) {
      if (!("value" in descriptor) || hooks.has(key)) throw new NotPlain();
      this.add(key);
      this.add(descriptor.value);
    }
    this.parts.push(".");
  }
}

const kindOf = (prototype: unknown): string => {
  if (prototype === Object.prototype || prototype === null) return "object";
  if (prototype === Array.prototype) return "array";
  const name = classes.get(prototype);
  if (name === undefined) throw new NotPlain();
  return name;
};

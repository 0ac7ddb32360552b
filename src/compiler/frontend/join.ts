/** The merging of what each edge to a label knows. */
import type { Block, Node } from "../ssa/ir.ts";
import { conflictAdvice } from "./conflict-advice.ts";
import { S64_MAX, S64_MIN, isWithin, union, type Range } from "../ssa/range.ts";
import { finalValues, sharedPrefix, type Change, type Table } from "../ssa/state.ts";
import { addressChunks, commonFamily } from "./addresses.ts";
import { itemsOf } from "./arrays.ts";
import { narrowedBy } from "./integers.ts";
import { commonKernelValue, isKnownPresent } from "./join-kernel.ts";
import { isMissing } from "./maybe.ts";
import { joinRecords } from "./records.ts";
import type { Variable } from "./scope.ts";
import { booleanOf, materialise, select } from "./select.ts";
import type { Unit } from "./unit.ts";
import {
  describe,
  isStatic,
  nullValue,
  refusedValue,
  statik,
  type Epoch,
  type IntegerValue,
  type KernelValue,
  type Value,
  type ViewValue,
} from "./values.ts";
import { fieldsOf, integerType, isBoolean, isSame, missingIn, noView, standInFor } from "./stand-ins.ts";
import { isNullTest } from "./views.ts";

/** A way to a label. */
export interface Edge {
  /** Open: it gets its jump when the label is bound. */
  block: Block;
  readonly changes: readonly Change[];
  readonly value: Value;
}

const isNull = (value: Value): boolean => isStatic(value) && value.value === null;
const i32Range: Range = { low: -(1n << 31n), high: (1n << 31n) - 1n };

/** Longer arrays that differ are not made one. */
const MAX_ITEMS = 64;

/** Makes one of what the edges to a label know. */
export class Join {
  readonly #unit: Unit;
  readonly #edges: Edge[];
  readonly #deltas: Map<object, Map<unknown, unknown>>[];

  constructor(unit: Unit, edges: Edge[]) {
    this.#unit = unit;
    this.#edges = edges;
    const shared = sharedPrefix(edges.map((edge) => edge.changes));
    unit.builder.state.replay((edges[0] as Edge).changes.slice(0, shared));
    this.#deltas = edges.map((edge) => finalValues(edge.changes.slice(shared)));
  }

  join(): Value {
    const { builder } = this.#unit;
    const variables = this.#changed(this.#unit.variables);
    const merged: [Variable, () => Value][] = [];
    for (const [variable, values] of variables) merged.push([variable, this.#prepare(values)]);
    const records = this.#prepareRecords();
    const epochs = this.#changed(this.#unit.epochs).get("packet");
    const value = this.#prepare(this.#edges.map((edge) => edge.value));
    const meeting = builder.newBlock();
    for (const edge of this.#edges) {
      builder.block = edge.block;
      builder.jump(meeting);
    }
    builder.block = meeting;
    for (const [variable, make] of merged) builder.state.set(this.#unit.variables, variable, make());
    const result = value();
    this.#agree();
    this.#proveTogether();
    for (const merge of records) merge();
    if (epochs !== undefined && epochs.some((epoch) => epoch !== epochs[0])) this.#unit.newEpoch();
    else if (epochs !== undefined) builder.state.set(this.#unit.epochs, "packet", epochs[0] as Epoch);
    return result;
  }

  /** Every key that some edge changed and all edges have, with each edge's value. */
  #changed<K, V>(table: Table<K, V>): Map<K, V[]> {
    const deltas = this.#deltas.map((delta) => delta.get(table) as Map<K, V | undefined> | undefined);
    const result = new Map<K, V[]>();
    for (const delta of deltas) {
      for (const key of delta?.keys() ?? []) {
        if (result.has(key)) continue;
        const values = deltas.map((other) => (other?.has(key) === true ? other.get(key) : table.entries.get(key)));
        if (values.every((value) => value !== undefined)) result.set(key, values as V[]);
      }
    }
    return result;
  }

  /** What every edge proved, each in its own way, holds where they meet. */
  #proveTogether(): void {
    const { builder, presence, truths } = this.#unit;
    this.#everywhere(presence, (a, b) => ({
      present: Math.min(a.present, b.present),
      absent: Math.max(a.absent, b.absent),
    }));
    this.#everywhere(truths, union);
    this.#everywhere(builder.ranges, union);
  }

  /** Joins entries that some edge changed and all edges have. */
  #everywhere<K, V>(table: Table<K, V>, join: (a: V, b: V) => V): void {
    for (const [key, values] of this.#changed(table)) this.#unit.builder.state.set(table, key, values.reduce(join));
  }

  #prepareRecords(): (() => void)[] {
    const unit = this.#unit;
    const keys = new Set(this.#deltas.flatMap((delta) => [...(delta.get(unit.records)?.keys() ?? [])] as object[]));
    return [...keys].map((key) => {
      const states = this.#edges.map((_, at) => this.#onEdge(unit.records, key, at));
      const zeros = states.some((state) => state === undefined)
        ? this.#onEdges(
            this.#edges.map(() => nullValue),
            () => unit.builder.constant(0),
          )
        : [];
      return () =>
        joinRecords(unit, key, states, (pointers) =>
          unit.builder.phi(
            pointers.map((pointer, at) => pointer ?? (zeros[at] as Node)),
            S64_MIN,
            S64_MAX,
          ),
        );
    });
  }

  /** Memory that all edges left with the same known content keeps it. */
  #agree(): void {
    const { memory, builder } = this.#unit;
    const keys = new Set(this.#deltas.flatMap((delta) => [...(delta.get(memory)?.keys() ?? [])] as string[]));
    for (const key of keys) {
      const [first, ...others] = this.#edges.map((_, at) => this.#onEdge(memory, key, at));
      const isSame = others.every((other) => other?.node === first?.node);
      builder.state.set(memory, key, isSame ? first : undefined);
    }
  }

  /** Runs `make` at the end of each edge's block and collects what it made; nothing it computes is remembered. */
  #onEdges(values: readonly Value[], make: (value: Value, edge: Edge) => Node): Node[] {
    const { builder } = this.#unit;
    return this.#edges.map((edge, at) => {
      const mark = builder.state.mark();
      builder.block = edge.block;
      const node = make(values[at] as Value, edge);
      edge.block = builder.block;
      builder.block = null;
      builder.state.undo(mark);
      return node;
    });
  }

  #prepare(given: readonly Value[]): () => Value {
    const values = given.map((value, at) => this.#settledOnEdge(value, at));
    const [first] = values as [Value];
    if (values.every((value) => isSame(value, first))) return () => first;
    if (values.some(({ kind }) => kind === "refused")) return () => refusedValue;
    const type = integerType(first);
    if (type !== null && values.every((value) => integerType(value) === type))
      return this.#prepareIntegers(type, values);
    if (values.every(isBoolean)) return this.#prepareBooleans(values);
    if (values.every((value) => value.kind === "view" || isNull(value))) return this.#prepareViews(values);
    const kernel = commonKernelValue(values);
    if (kernel !== null) return this.#prepareKernel(kernel, values);
    const family = commonFamily(values);
    if (family !== null) return this.#prepareAddresses(family, values);
    const objects = values.map(fieldsOf);
    if (objects.every((fields) => fields !== null)) return this.#prepareObjects(objects, values);
    const arrays = values.map(itemsOf);
    if (arrays.every((items) => items !== null)) return this.#prepareArrays(arrays, values);
    return this.#prepareMaybe(values) ?? this.#conflict(values);
  }

  #conflict(values: readonly Value[]): () => Value {
    const before = values.find(({ kind }) => kind === "conflict");
    if (before !== undefined) return () => before;
    const kinds = [...new Set(values.map(describe))].join(" or ");
    return () => ({
      kind: "conflict",
      message: `this is ${kinds}, depending on the path; ${conflictAdvice(values)}`,
    });
  }

  #prepareIntegers(type: "number" | "bigint", values: readonly Value[]): () => Value {
    const { builder } = this.#unit;
    const integers = values.map((value, at) => this.#integerOnEdge(value, at));
    const wraps = integers.some(({ wrapped }) => wrapped);
    // A result of 32 bits and a value beyond them have only their exact values in common.
    const isExact = integers.some((value) => !value.wrapped && !isWithin(value, i32Range));
    const extend = wraps && isExact;
    const nodes = this.#onEdges(values, (value) => {
      if (isStatic(value)) return builder.constant(value.value as number);
      const { node, wrapped } = value as IntegerValue;
      return extend && wrapped ? builder.signExtend(node, 32) : node;
    });
    const known = integers.map((value, at) => (extend && value.wrapped ? (nodes[at] as Node) : value.known));
    const { low, high } = integers.reduce<Range>(union, integers[0] as Range);
    return () => {
      const { low: least, high: most } = known.reduce(union);
      return { kind: "integer", type, node: builder.phi(nodes, least, most), low, high, wrapped: wraps && !extend };
    };
  }

  /** An integer's value at the end of an edge, and what the verifier knows of its register there. */
  #integerOnEdge(value: Value, at: number): Range & { readonly wrapped: boolean; readonly known: Range } {
    if (isStatic(value)) {
      const exact = { low: BigInt(value.value as number), high: BigInt(value.value as number) };
      const register = BigInt.asIntN(64, exact.low);
      return { ...exact, wrapped: false, known: { low: register, high: register } };
    }
    const { builder, truths } = this.#unit;
    const integer = value as IntegerValue;
    const known = this.#onEdge(builder.ranges, integer.node, at) ?? integer.node;
    const { low, high, wrapped } = narrowedBy(integer, known, this.#onEdge(truths, integer.node, at));
    return { low, high, wrapped, known: { low: known.low, high: known.high } };
  }

  /** What a table holds at the end of an edge. */
  #onEdge<K, V>(table: Table<K, V>, key: K, at: number): V | undefined {
    const own = (this.#deltas[at] as Map<object, Map<unknown, unknown>>).get(table);
    return own?.has(key) === true ? (own.get(key) as V | undefined) : table.entries.get(key);
  }

  /** What is left of a value that may be missing, by what an edge has proved. */
  #settledOnEdge(value: Value, at: number): Value {
    if (value.kind !== "maybe") return value;
    const { low, high } = this.#onEdge(this.#unit.truths, value.there, at) ?? value.there;
    return low > 0n ? value.value : high < 1n ? statik(value.missing) : value;
  }

  #prepareBooleans(values: readonly Value[]): () => Value {
    const nodes = this.#onEdges(values, (value) => materialise(this.#unit, value));
    return () => booleanOf(this.#unit, this.#unit.builder.phi(nodes, 0n, 1n));
  }

  #prepareViews(values: readonly Value[]): () => Value {
    const { builder } = this.#unit;
    const views = values.filter((value): value is ViewValue => value.kind === "view");
    const [first] = views as [ViewValue];
    if (views.some((view) => view.layout !== first.layout || view.region.key !== first.region.key))
      return this.#conflict(values);
    const sameOffset = views.every((view) => view.offset === first.offset);
    const alignments = views.map(({ region: { alignment = 8 }, offset }) =>
      sameOffset || offset === 0 ? alignment : Math.min(alignment, offset & -offset),
    );
    const region = { ...first.region, alignment: Math.min(...alignments) };
    let nullable = false;
    const nodes = this.#onEdges(values, (value, edge) => {
      if (value.kind !== "view") {
        nullable ||= value !== noView;
        return builder.constant(0);
      }
      builder.state.replay(edge.changes.filter((change) => change.table === (this.#unit.presence as unknown)));
      const pointer =
        sameOffset || value.offset === 0
          ? value.pointer
          : builder.pointerAdd(value.pointer, builder.constant(value.offset));
      const test = isNullTest(this.#unit, value);
      if (test === false) return pointer;
      nullable = true;
      if (test === true) return builder.constant(0);
      return value.nullable === "zero" && pointer === value.pointer
        ? pointer
        : select(this.#unit, test, builder.constant(0), pointer);
    });
    return () => {
      const pointer = builder.phi(nodes, S64_MIN, S64_MAX);
      if (first.region.space === "ring") this.#unit.recordKeys.set(pointer, first.region.key);
      const offset = sameOffset ? first.offset : 0;
      return { ...first, region, pointer, offset, nullable: nullable ? "zero" : null };
    };
  }

  #prepareKernel(common: KernelValue, values: readonly Value[]): () => Value {
    const { builder, presence } = this.#unit;
    const isPresent = values.every(
      (value, at) => value.kind === "kernel" && isKnownPresent(value, this.#onEdge(presence, value.pointer, at)),
    );
    const nodes = this.#onEdges(values, (value) => {
      if (value.kind !== "kernel") return builder.constant(0);
      return value.offset === 0 ? value.pointer : builder.pointerAdd(value.pointer, builder.constant(value.offset));
    });
    const nullable = isPresent ? common.nullable : "maybe";
    return () => ({ ...common, pointer: builder.phi(nodes, S64_MIN, S64_MAX), offset: 0, nullable });
  }

  #prepareAddresses(family: "mac" | "ipv4" | "ipv6", values: readonly Value[]): () => Value {
    const { builder } = this.#unit;
    const perEdge: { node: Node; size: 1 | 2 | 4 | 8 }[][] = [];
    this.#onEdges(values, (value) => {
      const chunks = addressChunks(this.#unit, family, value);
      perEdge.push([...chunks]);
      return (chunks[0] as { node: Node }).node;
    });
    const [first] = perEdge as [{ node: Node; size: 1 | 2 | 4 | 8 }[]];
    return () => ({
      kind: "wide",
      family,
      chunks: first.map(({ size }, at) => ({
        size,
        node: builder.phi(
          perEdge.map((chunks) => (chunks[at] as { node: Node }).node),
          S64_MIN,
          S64_MAX,
        ),
      })),
    });
  }

  #prepareArrays(arrays: readonly (readonly Value[])[], values: readonly Value[]): () => Value {
    const [first] = arrays as [readonly Value[]];
    if (first.length > MAX_ITEMS || arrays.some(({ length }) => length !== first.length)) return this.#conflict(values);
    const items = first.map((_, at) => this.#prepare(arrays.map((each) => each[at] as Value)));
    // Not one of the arrays that it is made of, even where all elements are known.
    return () => ({ kind: "array", items: items.map((make) => make()) });
  }

  /** A value that is missing on some edges; null when that is not all that differs. */
  #prepareMaybe(values: readonly Value[]): (() => Value) | null {
    const { builder } = this.#unit;
    const missing = new Set(values.flatMap(missingIn));
    const standIn = standInFor(values);
    if (missing.size !== 1 || standIn === null) return null;
    const inner = this.#prepare(
      values.map((value) => (value.kind === "maybe" ? value.value : isMissing(value) ? standIn : value)),
    );
    const there = this.#onEdges(values, (value) =>
      value.kind === "maybe" ? value.there : builder.constant(isMissing(value) ? 0 : 1),
    );
    const [what] = missing;
    return () => ({ kind: "maybe", there: builder.phi(there, 0n, 1n), value: inner(), missing: what });
  }

  #prepareObjects(objects: readonly ReadonlyMap<string, Value>[], values: readonly Value[]): () => Value {
    const [first] = objects as [ReadonlyMap<string, Value>];
    const names = [...first.keys()];
    if (objects.some((fields) => fields.size !== first.size || names.some((name) => !fields.has(name))))
      return this.#conflict(values);
    const fields = names.map((name): [string, () => Value] => [
      name,
      this.#prepare(objects.map((object) => object.get(name) as Value)),
    ]);
    return () => ({ kind: "object", fields: new Map(fields.map(([name, make]) => [name, make()])) });
  }
}

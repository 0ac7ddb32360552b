/** Compiled programs as JSON: what they share with the values they follow from is named by its number there. */
import type { CompiledProgram } from "../program.ts";

/** Members that are much and seldom read: lines are for who asks, or is told what is wrong. */
const LATE: ReadonlySet<string> = new Set(["lines"]);

/** Throws where something is no data and not among `objects`. */
export const storableProgram = (program: CompiledProgram, objects: readonly object[]): unknown => {
  const numbers = new Map(objects.map((object, index) => [object, index]));
  const storable = (value: unknown): unknown => {
    if (value === undefined) return undefined;
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    if (typeof value !== "object" && typeof value !== "function") throw new Error(`${typeof value} cannot be stored`);
    const number = numbers.get(value);
    if (number !== undefined) return { object: number };
    if (Array.isArray(value)) return value.map(storable);
    if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
    if (value instanceof Map) return { map: storable([...value]) };
    // Within an export, say, whose name stands for all that it holds: a copy would be another layout.
    if ("kind" in value && value.kind === "layout") throw new Error("a layout has no number");
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error("only plain objects can be stored");
    const fields = Object.entries(value).map(([key, own]): [string, unknown] => [
      key,
      LATE.has(key) ? { late: JSON.stringify(storable(own)) } : storable(own),
    ]);
    return { fields: Object.fromEntries(fields) };
  };
  return storable(program);
};

/** The program again, with these objects in place of those it was stored with. */
export const restoreProgram = (stored: unknown, objects: readonly object[]): CompiledProgram => {
  const restore = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(restore);
    if ("object" in value) return objectAt(value.object as number);
    if ("bytes" in value) return new Uint8Array(Buffer.from(value.bytes as string, "base64"));
    if ("map" in value) return new Map(restore(value.map) as [unknown, unknown][]);
    const { fields } = value as { readonly fields: object };
    const restored: Record<string, unknown> = {};
    for (const [key, own] of Object.entries(fields)) {
      if (LATE.has(key)) restoreLate(restored, key, (own as { readonly late: string }).late);
      else restored[key] = restore(own);
    }
    return restored;
  };
  const restoreLate = (owner: object, key: string, late: string): void => {
    const place = { enumerable: true, configurable: true };
    Object.defineProperty(owner, key, {
      ...place,
      get: () => {
        const value = restore(JSON.parse(late));
        Object.defineProperty(owner, key, { ...place, value });
        return value;
      },
    });
  };
  const objectAt = (number: number): object => {
    const found = objects[number];
    if (found === undefined) throw new Error(`there is no object ${number}`);
    return found;
  };
  return restore(stored) as CompiledProgram;
};

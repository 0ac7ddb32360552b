/** Ring records: reserved, written whole, submitted or discarded on every path. */
import { storedInteger } from "./assignments.ts";
import { address } from "./addresses.ts";
import { numberWithin } from "./number-text.ts";
import { condition } from "./conditions.ts";
import { viewOf } from "./packets.ts";
import { constantArray, fieldValues } from "./records.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

export const ringRecord = (w: Writing, body: Body): void => {
  const ring = w.random.pick(w.parts.rings);
  const shape = w.random.pick(w.parts.structs);
  const name = w.name("r");
  w.line(`const ${name} = ${ring.name}.reserve(${shape.name});`);
  w.block(`if (${name} !== null) {`, "}", () => {
    w.noExit++;
    for (const { name: field, type } of shape.fields) {
      const value =
        type.kind === "array"
          ? constantArray(w, type.element, type.length)
          : type.kind === "nested"
            ? fieldValues(w, type.shape)
            : type.kind === "address"
              ? address(w, type.family)
              : storedInteger(w, type.kind, 2);
      w.line(`${name}.${field} = ${value};`);
    }
    const view = viewOf(w, name, shape, "ring");
    w.scope.show(view);
    if (w.random.chance(0.6)) body(w);
    finish(w, ring.name, name);
    view.stale = true;
    w.noExit--;
  });
};

/** Puts out as much of what a view shows as a number says. */
export const ringOutput = (w: Writing): void => {
  const views = w.scope.views().filter(({ space }) => space !== "ring");
  if (views.length === 0) return;
  const { name, shape } = w.random.pick(views);
  const length = w.random.chance(0.2) ? String(shape.bytes) : numberWithin(w, 0n, BigInt(shape.bytes), 2).text;
  const call = `${w.random.pick(w.parts.rings).name}.output(${name}, ${length})`;
  if (w.random.chance(0.5)) return w.line(`${call};`);
  const done = w.name("c");
  w.line(`const ${done} = ${call};`);
  w.scope.declare({ kind: "boolean", name: done, assignable: false });
};

const finish = (w: Writing, ring: string, name: string): void => {
  if (w.random.chance(0.7)) return w.line(`${ring}.submit(${name});`);
  if (w.random.chance(0.3)) return w.line(`${ring}.discard(${name});`);
  w.line(`if (${condition(w, 1)}) ${ring}.submit(${name});`);
  w.line(`else ${ring}.discard(${name});`);
};

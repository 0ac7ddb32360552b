/** Ring records: reserved, written whole, submitted or discarded on every path. */
import { address } from "./addresses.ts";
import { numberWithin } from "./number-text.ts";
import { condition } from "./conditions.ts";
import { viewOf } from "./packets.ts";
import { constantArray, fieldValues } from "./records.ts";
import { storedInteger } from "./stored.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

export const ringRecord = (w: Writing, body: Body): void => withRing(w, (ring) => record(w, ring, body));

/** Under its own name, or as found in a map. */
const withRing = (w: Writing, use: (ring: string) => void): void => {
  const { name, outer } = w.random.pick(w.parts.rings);
  if (outer === null || w.random.chance(0.5)) return use(name);
  const found = w.name("o");
  w.line(`const ${found} = ${outer}.lookup(${numberWithin(w, 0n, 2n, 2).text});`);
  w.block(`if (${found} !== null) {`, "}", () => use(found));
};

const record = (w: Writing, ring: string, body: Body): void => {
  const shape = w.random.pick(w.parts.structs);
  const name = w.name("r");
  w.line(`const ${name} = ${ring}.reserve(${shape.name});`);
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
              : storedInteger(w, type, 2);
      w.line(`${name}.${field} = ${value};`);
    }
    const view = viewOf(w, name, shape, "ring");
    w.scope.show(view);
    if (w.random.chance(0.6)) body(w);
    finish(w, ring, name);
    view.stale = true;
    w.noExit--;
  });
};

/** Puts out as much of what a view shows as a number says. */
export const ringOutput = (w: Writing): void => {
  const views = w.scope.views().filter(({ space }) => space !== "ring");
  if (views.length > 0) withRing(w, (ring) => output(w, ring, views));
};

const output = (w: Writing, ring: string, views: ReturnType<Writing["scope"]["views"]>): void => {
  const { name, shape } = w.random.pick(views);
  const length = w.random.chance(0.2) ? String(shape.bytes) : numberWithin(w, 0n, BigInt(shape.bytes), 2).text;
  const call = `${ring}.output(${name}, ${length})`;
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

/** Lookups, updates and deletes. */
import { numberWithin } from "./number-text.ts";
import { condition } from "./conditions.ts";
import { viewOf, whenPresent } from "./packets.ts";
import type { MapPart } from "./parts.ts";
import { fieldValues, keyValue } from "./records.ts";
import type { Writing } from "./writing.ts";

type Body = (w: Writing) => void;

export const mapStatement = (w: Writing, body: Body): void => {
  const map = w.random.pick(w.parts.maps);
  if (map.outer === null || w.random.chance(0.5)) return use(w, map, map.name, body);
  const found = w.name("o");
  w.line(`const ${found} = ${map.outer}.lookup(${numberWithin(w, 0n, 2n, 2).text});`);
  w.block(`if (${found} !== null) {`, "}", () => use(w, map, found, body));
};

/** Uses the map under a name: its own, or that of what was found in another. */
const use = (w: Writing, map: MapPart, name: string, body: Body): void => {
  const isHash = map.kind !== "array" && map.kind !== "percpuArray" && map.kind !== "lpm";
  if (!isHash || w.inHelper || !w.mayMoveElements(map) || w.random.chance(0.55)) return lookup(w, map, name, body);
  if (w.random.chance(0.7)) update(w, map, name);
  else remove(w, map, name);
};

/** `map.lookup(key)`, under one of the map's names. */
export const lookupCall = (w: Writing, map: MapPart, of = map.name): string => `${of}.lookup(${key(w, map)})`;

const key = (w: Writing, map: MapPart): string => {
  if (map.kind !== "array" && map.kind !== "percpuArray") return keyValue(w, map.key);
  // Sometimes past the end, where lookups give null.
  return numberWithin(w, 0n, BigInt(map.entries - (w.random.chance(0.8) ? 1 : 0)), 2).text;
};

const lookup = (w: Writing, map: MapPart, of: string, body: Body): void => {
  const name = w.name("m");
  const find = (): string => lookupCall(w, map, of);
  const found = w.random.weighted<() => string>([
    [8, find],
    [1, () => `${condition(w, 1)} ? ${find()} : ${find()}`],
    [1, () => `${find()} ?? ${find()}`],
  ])();
  if (w.random.chance(0.1)) {
    w.line(`let ${name} = ${found};`);
    w.line(`if (${condition(w, 1)}) ${name} = ${find()};`);
  } else w.line(`const ${name} = ${found};`);
  whenPresent(w, [{ ...viewOf(w, name, map.value, "map"), map }], body);
};

/** Uses what the call says: was it done? */
const outcome = (w: Writing, call: string): void => {
  const form = w.random.below(3);
  if (form === 0) return w.line(`${call};`);
  const name = w.name("c");
  w.line(form === 1 ? `const ${name} = ${call};` : `const ${name} = !${call};`);
  w.scope.declare({ kind: "boolean", name, assignable: false });
};

const update = (w: Writing, map: MapPart, of: string): void => {
  const flags = w.random.chance(0.7)
    ? ""
    : `, ${w.random.pick(["MapUpdate.Any", "MapUpdate.NoExist", "MapUpdate.Exist"])}`;
  const copies = w.scope.views().filter((view) => view.shape === map.value);
  const value = copies.length > 0 && w.random.chance(0.4) ? w.random.pick(copies).name : fieldValues(w, map.value);
  const call = `${of}.update(${key(w, map)}, ${value}${flags})`;
  w.elementsMove(map);
  outcome(w, call);
};

const remove = (w: Writing, map: MapPart, of: string): void => {
  const call = `${of}.delete(${key(w, map)})`;
  w.elementsMove(map);
  outcome(w, call);
};

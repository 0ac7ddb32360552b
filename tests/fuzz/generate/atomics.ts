/** Atomic accesses to fields, elements and global variables. */
import { readText, type Place } from "./places.ts";
import { storedInteger } from "./stored.ts";
import type { Writing } from "./writing.ts";

/** Whether the place can be loaded and stored atomically. */
export const isShared = (place: Place): place is Place & { readonly owner: NonNullable<Place["owner"]> } =>
  place.owner !== null && place.type.kind !== "address" && place.type.atomic !== "no";

/** `atomicLoad(view, "field")`, or an ordinary read. */
export const sharedRead = (w: Writing, place: Place): string =>
  isShared(place) && w.random.chance(0.15) ? `atomicLoad(${place.owner.view}, ${place.owner.field})` : readText(place);

/** An atomic store or change; some of them tell what was there before. */
export const changeAtomically = (w: Writing, place: Place & { readonly owner: NonNullable<Place["owner"]> }): void => {
  const { type, owner } = place;
  if (type.kind === "address") throw new Error("unreachable: addresses are not atomic");
  const { random } = w;
  const value = (): string => storedInteger(w, type, 2);
  const call = (name: string, ...args: readonly string[]): string =>
    `${name}(${[owner.view, owner.field, ...args].join(", ")})`;
  const form = type.atomic === "update" ? random.below(6) : 0;
  if (form === 0) return w.line(`${call("atomicStore", value())};`);
  if (form === 1) return w.line(`${call("atomicAdd", value())};`);
  const result =
    form === 2
      ? call("exchange", value())
      : form === 3
        ? call("compareExchange", random.chance(0.6) ? readText(place) : value(), value())
        : call("fetchAdd", value());
  if (random.chance(0.4)) return w.line(`${result};`);
  const name = w.name(type.kind === "number" ? "n" : "g");
  w.line(`const ${name} = ${result};`);
  w.scope.declare({ kind: type.kind, name, range: type.range, assignable: false, wrapped: false });
};

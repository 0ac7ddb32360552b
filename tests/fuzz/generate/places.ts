/** Fields that can be read or written here: of views in reach, through nested structs and arrays with a proven index. */
import type { AddressFamily } from "../../../src/wire/layout.ts";
import type { Random } from "../random.ts";
import { indexBelow } from "./indexes.ts";
import type { FieldKind, Shape } from "./shapes.ts";
import type { ViewVariable } from "./scope.ts";
import type { Writing } from "./writing.ts";

export type ScalarKind = Exclude<FieldKind, { kind: "array" | "nested" }>;

export interface Place {
  readonly text: string;
  readonly type: ScalarKind;
  readonly view: ViewVariable | null;
  /** Set when the place is aligned and in a map: what names it to atomic functions. */
  readonly owner: { readonly view: string; readonly field: string } | null;
  /** An element: as a value it needs `!` for `tsc`. */
  readonly isElement: boolean;
}

export const readText = (place: Place): string => (place.isElement ? `${place.text}!` : place.text);

/** A random field of a type that `wanted` accepts, or null when there is none in reach. */
export const anyPlace = (
  w: Writing,
  wanted: (type: ScalarKind) => boolean,
  accept: (view: ViewVariable) => boolean = () => true,
): Place | null => {
  const views = w.scope.views().filter((view) => accept(view) && hasPlace(view.shape, wanted));
  const globals = w.parts.globals.filter(({ type }) => wanted(type));
  if (globals.length > 0 && (views.length === 0 || w.random.chance(0.15))) {
    const global = w.random.pick(globals);
    return {
      text: `${global.name}.value`,
      type: global.type,
      view: null,
      owner: { view: global.name, field: `"value"` },
      isElement: false,
    };
  }
  if (views.length === 0) return null;
  const view = w.random.pick(views);
  return { ...placeIn(w, view.name, view.shape, wanted, view.space), view };
};

/** The same of a view that may be null: its text is a chain, `view?.f0`. */
export const optionalPlace = (w: Writing, wanted: (type: ScalarKind) => boolean): Place | null => {
  const untested = w.expressions.untested(w);
  if (untested === null || !hasPlace(untested.shape, wanted)) return null;
  return placeIn(w, `${untested.text}?`, untested.shape, wanted, "copy");
};

export const isNumber = (type: ScalarKind): boolean => type.kind === "number";
export const isBigint = (type: ScalarKind): boolean => type.kind === "bigint";
export const isFamily =
  (family: AddressFamily) =>
  (type: ScalarKind): boolean =>
    type.kind === "address" && type.family === family;

const leads = (type: FieldKind, wanted: (type: ScalarKind) => boolean): boolean => {
  if (type.kind === "array") return leads(type.element, wanted);
  if (type.kind === "nested") return hasPlace(type.shape, wanted);
  return wanted(type);
};

const hasPlace = (shape: Shape, wanted: (type: ScalarKind) => boolean): boolean =>
  shape.fields.some(({ type }) => leads(type, wanted));

const placeIn = (
  w: Writing,
  text: string,
  shape: Shape,
  wanted: (type: ScalarKind) => boolean,
  space: ViewVariable["space"],
): Place => {
  const field = pickLeading(w.random, shape, wanted);
  const owner = shape.aligned && space === "map" ? { view: text, field: `"${field.name}"` } : null;
  return follow(w, `${text}.${field.name}`, field.type, wanted, space, owner, false);
};

const pickLeading = (random: Random, shape: Shape, wanted: (type: ScalarKind) => boolean) =>
  random.pick(shape.fields.filter(({ type }) => leads(type, wanted)));

const follow = (
  w: Writing,
  text: string,
  type: FieldKind,
  wanted: (type: ScalarKind) => boolean,
  space: ViewVariable["space"],
  owner: Place["owner"],
  isElement: boolean,
): Place => {
  if (type.kind === "array") {
    const index = indexBelow(w, type.length);
    const element = owner === null ? null : { view: text, field: index };
    return follow(w, `${text}[${index}]`, type.element, wanted, space, element, true);
  }
  if (type.kind === "nested") return placeIn(w, isElement ? `${text}!` : text, type.shape, wanted, space);
  return { text, type, view: null, owner, isElement };
};

/**
 * Maps found in maps. A program holds one by its address, which may be null as that of a value may: so it is a view, of a layout
 * without fields that stands for what the inner maps are declared as.
 */
import type { InnerMap } from "../../kernel/map-of-maps.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Layout } from "../../wire/layout.ts";
import { statik, type Region, type Value, type ViewValue } from "./values.ts";

const layouts = new WeakMap<MapDescriptor, Layout>();
const descriptors = new WeakMap<Layout, InnerMap>();

/** The layout that stands for maps declared as `inner` is. */
export const innerLayout = (inner: InnerMap): Layout => {
  let layout = layouts.get(inner);
  if (layout === undefined) {
    layout = { kind: "layout", name: inner.name, size: 0, alignment: 1, fields: [], source: undefined };
    layouts.set(inner, layout);
    descriptors.set(layout, inner);
  }
  return layout;
};

/** What a view's map is declared as; undefined for views of values. */
export const innerMapOf = (view: ViewValue): InnerMap | undefined => descriptors.get(view.layout);

/** A method of the inner map, or what its declaration says; undefined for views of values. */
export const innerMember = (view: ViewValue, name: string): Value | undefined => {
  const inner = innerMapOf(view);
  if (inner === undefined) return undefined;
  const member: unknown = Reflect.get(inner, name);
  return typeof member === "function" ? { kind: "method", name, receiver: view, fn: member } : statik(member);
};

/** Of values in inner maps: any of them may be a map that the program also knows by its own name. */
export const innerValues: Region = { space: "map", key: { name: "inner maps" }, epoch: null, writable: true };

import type { Element, MapDescriptor } from "../../kernel/maps.ts";
import type { FieldType, Layout } from "../../wire/layout.ts";

/**
 * Names what is in the bytes of maps: 16 hex digits that change when a field, its place or its type does. Another
 * version of Hopmark reads pinned maps only when they agree.
 */
export const layoutHash = (maps: Readonly<Record<string, MapDescriptor>>): string => {
  const described = Object.entries(maps)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, map]) => [name, map.type, map.entries, element(map.keyElement), element(map.valueLayout)]);
  // Loaded here: it takes Node.js longer than most programs need for all else they have of this room.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(JSON.stringify(described)).digest("hex").slice(0, 16);
};

const element = (own: Element | null): unknown =>
  own === null ? null : own.kind === "layout" ? layout(own) : type(own);

const layout = (own: Layout): unknown => [
  own.size,
  own.fields.map((field) => [field.name, field.bitOffset, type(field.type)]),
];

const type = (own: FieldType): unknown => {
  switch (own.kind) {
    case "integer":
      return [own.kind, own.bits, own.order, own.signed];
    case "bits":
      return [own.kind, own.bits];
    case "address":
      return [own.kind, own.family];
    case "array":
      return [own.kind, own.length, type(own.element)];
    case "nested":
      return [own.kind, layout(own.layout)];
  }
};

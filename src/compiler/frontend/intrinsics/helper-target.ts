/** What the kernel's helpers write to: a field of a view in the program's own memory. */
import type { Field } from "../../../wire/layout.ts";
import type { Space } from "../../ssa/ir.ts";
import { fieldOf } from "../fields.ts";
import type { ViewValue } from "../values.ts";
import { requirePresent } from "../views.ts";
import { argument, staticArgument, wrongArgument, type IntrinsicCall } from "./intrinsic.ts";

export interface HelperTarget {
  readonly view: ViewValue;
  /** An array. */
  readonly field: Field;
  /** Bytes from the view's pointer to the field. */
  readonly offset: number;
}

/** Where helpers do not write, as people call it: the verifier lets none of them into packets, nor into the kernel's objects. */
const closed: Partial<Readonly<Record<Space, string>>> = {
  packet: "in the packet",
  context: "in the context",
  btf: "in an object of the kernel",
};

/** The array field that the first two arguments say. */
export const helperTarget = (call: IntrinsicCall): HelperTarget => {
  const { unit } = call;
  const view = argument(call, 0, "a view");
  if (view.kind !== "view")
    return wrongArgument(call, 0, "a view", "pass a map's value, a ring record or a copy that load() made");
  requirePresent(unit, view);
  const { layout, region } = view;
  const where = closed[region.space];
  if (where !== undefined || !region.writable)
    return unit.refuse(
      "HM1205",
      `this view of ${layout.name} lies ${where ?? "in read-only memory"}, where the kernel copies nothing to; copy into a map's value, a ring record, or a copy that load() made`,
    );
  const field = fieldOf(unit, layout, String(staticArgument(call, 1, "the field")));
  if (field.type.kind !== "array") {
    const arrays = layout.fields.filter(({ type }) => type.kind === "array").map(({ name }) => name);
    const instead =
      arrays.length === 0 ? `declare one in ${layout.name}: array(u8, 16)` : `name ${arrays.join(" or ")}`;
    return unit.refuse("HM1007", `${layout.name}.${field.name} is no array field; ${instead}`);
  }
  return { view, field, offset: view.offset + field.bitOffset / 8 };
};

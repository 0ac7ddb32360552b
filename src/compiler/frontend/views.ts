/** Views: structs behind pointers, and the question whether one is there. */
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Node } from "../ssa/ir.ts";
import { requireOpen } from "./records.ts";
import type { Unit } from "./unit.ts";
import type { KernelValue, Test, ViewValue } from "./values.ts";

/** Whether a view, or something of the kernel, is null: known, or the test that tells. */
export const isNullTest = (unit: Unit, view: ViewValue | KernelValue): boolean | Test => {
  if (view.nullable === null || view.nullable === "never") return false;
  if (view.kind === "kernel" || view.nullable === "zero") return isZeroTest(unit, view.pointer);
  const { builder } = unit;
  const known = unit.presenceOf(view.pointer);
  const bytes = view.offset + view.layout.size;
  if (known.present >= bytes) return false;
  if (known.absent <= bytes) return true;
  // Only pointer + constant against the end proves anything to the verifier.
  const end: Node = builder.pointerAdd(view.pointer, builder.constant(bytes));
  return {
    condition: "gt",
    left: end,
    right: (view.region.epoch ?? unit.epoch()).end,
    width: 64,
    whenTrue: [{ kind: "absent", pointer: view.pointer, bytes }],
    whenFalse: [{ kind: "present", pointer: view.pointer, bytes }],
  };
};

const isZeroTest = (unit: Unit, pointer: Node): boolean | Test => {
  const known = unit.presenceOf(pointer);
  if (known.present >= 0) return false;
  if (known.absent < Infinity) return true;
  return {
    condition: "eq",
    left: pointer,
    right: unit.builder.constant(0),
    width: 64,
    whenTrue: [{ kind: "absent", pointer, bytes: 0 }],
    whenFalse: [{ kind: "present", pointer, bytes: 0 }],
  };
};

/** Refuses a view that may be null here. */
export const requirePresent = (unit: Unit, view: ViewValue): void => {
  requireOpen(unit, view.region);
  if (view.nullable === null) return;
  const known = unit.presenceOf(view.pointer);
  const bytes = view.nullable === "zero" ? 0 : view.offset + view.layout.size;
  if (known.present < bytes)
    missesTest(unit, view.pointer, `${nameOf(unit, view)} may be null here; compare it with null first`);
};

/** Told once of each pointer: what is used without a test is used more than once. */
export const missesTest = (unit: Unit, pointer: Node, message: string): void => {
  const { refusals } = unit;
  if (refusals.doubted.size > 0) return unit.refuse("HM1201", message);
  if (refusals.used.has(pointer)) return;
  refusals.used.add(pointer);
  unit.report("HM1201", message);
};

/** What to call a view: by the variable whose member the source asks for here, or the map that it is a value of. */
const nameOf = (unit: Unit, { layout, region }: ViewValue): string => {
  const { blamed } = unit;
  const { position } = unit.builder;
  const variable =
    blamed?.type === "Identifier"
      ? blamed.name
      : /(?<![\w$.)\]])([A-Za-z_$][\w$]*)!?\.$/.exec(
          position === null ? "" : position.module.text.slice(0, position.offset),
        )?.[1];
  const kind = isMapOf(region.key) ? `a value of ${region.key.name}` : `a view of ${layout.name}`;
  if (variable !== undefined) return `${variable}, ${kind},`;
  return isMapOf(region.key) ? `${possessive(region.key.name)} value` : `this ${kind.slice(2)}`;
};

/** A map whose name is its own. */
const isMapOf = (key: object): key is MapDescriptor =>
  "kind" in key && key.kind === "map" && "name" in key && "type" in key && key.name !== key.type;

const possessive = (name: string): string => (name.endsWith("s") ? `${name}'` : `${name}'s`);

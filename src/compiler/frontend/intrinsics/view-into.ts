/** Views into the middle of an array: `viewInto`. */
import { viewInto } from "../../../kernel/helpers.ts";
import { fieldOf } from "../fields.ts";
import { proofAdvice } from "../fresh-reads.ts";
import { movedView, provable } from "../proofs.ts";
import type { Value } from "../values.ts";
import { requirePresent } from "../views.ts";
import {
  argument,
  kernelCall,
  numberArgument,
  staticArgument,
  wrongArgument,
  type IntrinsicCall,
  type IntrinsicEntry,
} from "./intrinsic.ts";
import { layoutArgument } from "./packet.ts";

const apply = (call: IntrinsicCall): Value => {
  const { unit } = call;
  const target = argument(call, 0, "a view");
  if (target.kind !== "view") return wrongArgument(call, 0, "a view", "pass a view, and the name of its array field");
  requirePresent(unit, target);
  const field = fieldOf(unit, target.layout, String(staticArgument(call, 1, "the field")));
  if (field.type.kind !== "array")
    return unit.refuse("HM1007", `${field.name} is not an array; name an array field of the view`);
  const layout = layoutArgument(call, 2);
  const offset = numberArgument(call, 3, "the offset");
  const last = field.bits / 8 - layout.size;
  if (offset.low < 0n || offset.high > BigInt(last)) {
    return unit.refuse(
      "HM1203",
      `the offset must be proven to lie in 0..${last}, it is in ${offset.low}..${offset.high}; ${proofAdvice(unit, offset, "test it first")}`,
    );
  }
  const base = target.offset + field.bitOffset / 8;
  const moved = movedView(unit, target, provable(unit, offset, 0n, BigInt(last)), 1, base + layout.size);
  return { ...moved, layout, offset: base, nullable: null };
};

export const viewIntrinsics: readonly IntrinsicEntry[] = [kernelCall(viewInto, apply)];

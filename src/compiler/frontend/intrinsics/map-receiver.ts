import type { MapDescriptor } from "../../../kernel/maps.ts";
import type { Node } from "../../ssa/ir.ts";
import { innerMapOf } from "../inner-maps.ts";
import { isStatic } from "../values.ts";
import { requirePresent } from "../views.ts";
import type { IntrinsicCall } from "./intrinsic.ts";

/**
 * What the map is declared as whose method is called. The program needs it from now on, unless it was found in another map,
 * where it must be there.
 */
export const mapOf = ({ unit, receiver, node }: IntrinsicCall): MapDescriptor => {
  if (receiver.kind === "view") {
    const inner = innerMapOf(receiver);
    if (inner !== undefined) {
      requirePresent(unit, receiver);
      return inner;
    }
  }
  const map = isStatic(receiver) ? receiver.value : undefined;
  if (typeof map !== "object" || map === null || !("kind" in map) || map.kind !== "map")
    return unit.refuse(
      "HM1004",
      "the map must be known while compiling; name it, or choose between two calls with an if",
      node,
    );
  unit.maps.add(map as MapDescriptor);
  return map as MapDescriptor;
};

/** Its address, for helpers. */
export const mapAddress = ({ unit, receiver }: IntrinsicCall, map: MapDescriptor): Node =>
  receiver.kind === "view" ? receiver.pointer : unit.builder.mapPointer(map);

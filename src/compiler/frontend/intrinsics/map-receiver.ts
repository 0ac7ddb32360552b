import type { MapDescriptor } from "../../../kernel/maps.ts";
import { isStatic } from "../values.ts";
import type { IntrinsicCall } from "./intrinsic.ts";

/** The map whose method is called; the program needs it from now on. */
export const mapOf = (call: IntrinsicCall): MapDescriptor => {
  const map = isStatic(call.receiver) ? call.receiver.value : undefined;
  if (typeof map !== "object" || map === null || !("kind" in map) || map.kind !== "map")
    return call.unit.refuse("HM1004", "the map must be known while compiling", call.node);
  call.unit.maps.add(map as MapDescriptor);
  return map as MapDescriptor;
};

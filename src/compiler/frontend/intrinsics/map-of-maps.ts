/** Maps whose values are maps. */
import { MapOfMaps } from "../../../kernel/map-of-maps.ts";
import { innerLayout } from "../inner-maps.ts";
import type { Value } from "../values.ts";
import { Helper } from "./helper.ts";
import { kernelCall, type IntrinsicCall, type IntrinsicEntry } from "./intrinsic.ts";
import { mapAddress, mapOf } from "./map-receiver.ts";
import { keyOnStack } from "./on-stack.ts";

const lookup = (call: IntrinsicCall): Value => {
  const { unit, node } = call;
  const map = mapOf(call);
  if (!(map instanceof MapOfMaps))
    return unit.refuse(
      "HM1007",
      `${map.name} is no map of maps; declare it with arrayOfMaps(…) or hashOfMaps(…)`,
      node,
    );
  for (const inner of map.maps.values()) unit.maps.add(inner);
  const key = keyOnStack(call, map);
  const pointer = unit.builder.call(Helper.mapLookup, [mapAddress(call, map), key.pointer]);
  unit.releaseSlot(key.slot);
  const region = { space: "map", key: map, epoch: null, writable: false } as const;
  return { kind: "view", layout: innerLayout(map.inner), region, pointer, offset: 0, nullable: "zero" };
};

export const mapOfMapsIntrinsics: readonly IntrinsicEntry[] = [kernelCall(MapOfMaps.prototype.lookup, lookup)];

/** Where maps lie in programs run without a kernel. */
import type { MapDescriptor } from "../../../kernel/maps.ts";

const known = new WeakMap<MapDescriptor, bigint>();
let next = 0x2000_0000n;

export const addressOf = (map: MapDescriptor): bigint => {
  let address = known.get(map);
  if (address === undefined) {
    address = next;
    next += 0x1_0000n;
    known.set(map, address);
  }
  return address;
};

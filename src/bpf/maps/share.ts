import { HopmarkError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import { MAP_TYPES } from "../../compiler/object/map-types.ts";
import { duplicate } from "../sys/descriptor.ts";
import { KernelMap } from "./kernel-map.ts";

/** A map of another instance, or one opened from a pin: a handle, whose map is meant. */
export interface Shareable {
  readonly raw: KernelMap;
}

/** A map of our own onto the same kernel map; the other may be closed. Throws `map-mismatch`. */
export const shareMap = (other: Shareable, descriptor: MapDescriptor): KernelMap => {
  const map = new KernelMap(duplicate(other.raw.fd), descriptor);
  try {
    checkSame(map, descriptor);
  } catch (error) {
    map.close();
    throw error;
  }
  return map;
};

/** Refuses a kernel map that is not what the descriptor says: programs would read other bytes than they think. */
export const checkSame = (map: KernelMap, descriptor: MapDescriptor): void => {
  const { info } = map;
  const wanted = [
    ["type", typeName(MAP_TYPES[descriptor.type]), typeName(info.type)],
    ["key bytes", descriptor.keySize, info.keySize],
    ["value bytes", descriptor.valueSize, info.valueSize],
    ["entries", descriptor.entries, info.entries],
  ] as const;
  for (const [what, declared, found] of wanted) {
    if (declared === found) continue;
    throw new HopmarkError(
      "map-mismatch",
      `map ${descriptor.name} is declared with ${what} ${declared}, the given one has ${found}`,
      {
        hint: "share a map of the same declaration, or remove the pinned one and start anew",
      },
    );
  }
};

const typeName = (number: number): string =>
  Object.entries(MAP_TYPES).find(([, value]) => value === number)?.[0] ?? `number ${number}`;

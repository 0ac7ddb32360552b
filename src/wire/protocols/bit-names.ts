/** Flags by their names, as tcpdump lists them. */

export type BitNames = readonly (readonly [mask: number, name: string])[];

/** `Bridge, Router`, or `none`. */
export const bitNames = (value: number, names: BitNames, none = "none"): string => {
  const set = names.flatMap(([mask, name]) => ((value & mask) === 0 ? [] : [name]));
  return set.length === 0 ? none : set.join(", ");
};

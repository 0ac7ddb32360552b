/** Writes the interfaces to leave by into a program's maps: those that are there, and none besides. */
import type { HandleOf } from "../../../bpf/maps/handles.ts";
import type { Egress } from "./egress.ts";
import { NEAR_MASK, type egressInterfaces, type nearEgress } from "./xdp-maps.ts";

export const writeEgress = (
  all: HandleOf<typeof egressInterfaces>,
  near: HandleOf<typeof nearEgress>,
  egress: readonly Egress[],
): void => {
  writeNear(near, egress);
  const known = new Map([...all].map(([{ ifindex }, value]) => [ifindex, value]));
  for (const { index, id, idWide, takes } of egress) {
    const old = known.get(index);
    known.delete(index);
    if (old?.id === id && old.idWide === idWide && old.takes === takes) continue;
    all.set({ ifindex: index }, { id, idWide, takes, confirmedAt: old?.confirmedAt ?? 0n });
  }
  for (const ifindex of known.keys()) all.delete({ ifindex });
};

const writeNear = (near: HandleOf<typeof nearEgress>, egress: readonly Egress[]): void => {
  // Of several the first: a map of reversed pairs keeps the last.
  const wanted = new Map(egress.toReversed().map((out) => [out.index & NEAR_MASK, out]));
  for (let place = 0; place <= NEAR_MASK; place++) {
    const { index, id, idWide, takes } = wanted.get(place) ?? NONE;
    const old = near.get(place);
    if (old?.ifindex === index && old.id === id && old.idWide === idWide && old.takes === takes) continue;
    const value = { id, idWide, takes, confirmedAt: old?.ifindex === index ? old.confirmedAt : 0n };
    // An element changes under the programs' eyes: none sees the number of one interface beside ids of another.
    near.set(place, { ...value, ifindex: 0 });
    if (index !== 0) near.set(place, { ...value, ifindex: index });
  }
};

const NONE = { index: 0, id: 0, idWide: 0, takes: 0 };

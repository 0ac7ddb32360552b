/** The maps of interfaces to leave by, as user space keeps them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { load } from "../../../bpf/instance.ts";
import type { LoadedProgram } from "../../../bpf/loaded-program.ts";
import { compile } from "../../../compiler/compile.ts";
import { mac } from "../../../wire/address.ts";
import { device, node } from "../test-support/nodes.ts";
import type { Egress } from "./egress.ts";
import { writeEgress } from "./write-egress.ts";
import { transitXdp } from "./xdp.bpf.ts";
import { egressInterfaces, NEAR_MASK, nearEgress, Takes } from "./xdp-maps.ts";

let loaded: LoadedProgram;
beforeAll(() => {
  loaded = load(compile(transitXdp({ node, device, mac: mac("02:00:00:00:00:02"), table: false, frags: false })));
});
afterAll(() => loaded.close());

const egress = (index: number, changes: Partial<Egress> = {}): Egress => ({
  index,
  name: `eth${index}`,
  mac: "02:00:00:00:00:03",
  mtu: 1500,
  id: index,
  idWide: index * 1000,
  takes: Takes.Frags,
  ...changes,
});

test("an interface is in the map of all, and the first of those whose numbers end alike is near", () => {
  const [all, near] = [loaded.map(egressInterfaces), loaded.map(nearEgress)];
  const write = (...wanted: readonly Egress[]): { all: number[]; near: [place: number, ifindex: number][] } => {
    writeEgress(all, near, wanted);
    const places = Array.from({ length: NEAR_MASK + 1 }, (_, place) => [place, near.get(place)?.ifindex ?? 0] as const);
    return {
      all: [...all].map(([{ ifindex }]) => ifindex).toSorted((a, b) => a - b),
      near: places.flatMap(([place, ifindex]) => (ifindex === 0 ? [] : [[place, ifindex]])),
    };
  };
  const [five, other, seven] = [egress(5), egress(5 + 256), egress(7)];
  const both: [number, number][] = [
    [5, 5],
    [7, 7],
  ];
  expect(write(five, other, seven)).toEqual({ all: [5, 7, 261], near: both });
  // As the program notes it.
  near.set(5, { ...near.get(5)!, confirmedAt: 99n });
  expect(write(five, other, seven)).toEqual({ all: [5, 7, 261], near: both });
  expect(near.get(5)?.confirmedAt).toBe(99n);
  write(egress(5, { id: 77, takes: Takes.Nothing }), other, seven);
  expect(near.get(5)).toEqual({ ifindex: 5, id: 77, takes: Takes.Nothing, idWide: 5000, confirmedAt: 99n });
  expect(write(other, seven)).toEqual({
    all: [7, 261],
    near: [
      [5, 261],
      [7, 7],
    ],
  });
  expect(near.get(5)).toEqual({ ifindex: 261, id: 261, takes: Takes.Frags, idWide: 261_000, confirmedAt: 0n });
  expect(write()).toEqual({ all: [], near: [] });
});

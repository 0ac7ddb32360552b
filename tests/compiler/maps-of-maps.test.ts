/** Maps of maps: the same in the kernel and in V8, and exchanged by user space under a running program. */
import { codeOf } from "../../src/bpf/fixtures/code-of.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { load, loadAll } from "../../src/bpf/instance.ts";
import type { LoadedProgram } from "../../src/bpf/loaded-program.ts";
import { createMap } from "../../src/bpf/maps/create.ts";
import { openHandle } from "../../src/bpf/maps/handles.ts";
import { compile } from "../../src/compiler/compile.ts";
import { arrayOfMaps } from "../../src/kernel/map-of-maps.ts";
import { arrayMap, hashMap } from "../../src/kernel/maps.ts";
import type { Program } from "../../src/kernel/program.ts";
import { simulate } from "../../src/kernel/simulate/simulate.ts";
import { SimulatedMaps } from "../../src/kernel/simulate/simulated-maps.ts";
import { ipv4 } from "../../src/wire/address.ts";
import { toHex } from "../../src/wire/hex.ts";
import { u32, u64 } from "../../src/wire/layout.ts";
import { fromHex } from "../fuzz/hex.ts";
import { agreeOn } from "./agree.ts";
import { BpftoolObject, objectFile } from "./object/bpftool.ts";
import {
  bySource,
  copy,
  count,
  counter,
  counts,
  firstSlots,
  longRing,
  north,
  put,
  ringTable,
  Route,
  route,
  routes,
  shortRing,
  south,
  tables,
} from "./programs/maps-of-maps.bpf.ts";

const frame = (table: number, action: number, address: string): string =>
  `${[table, action].map((byte) => byte.toString(16).padStart(2, "0")).join("")} ${address} 0000000000000000`;

const loaded = (program: Program): LoadedProgram => {
  const found = load(compile(program));
  onTestFinished(() => found.close());
  return found;
};

describe("in the kernel and in V8", () => {
  test("an array's maps are looked up, written and deleted from, each for itself", () => {
    const frames = [
      frame(0, 0, "0a000001"),
      frame(1, 0, "0a000001"),
      frame(1, 1, "0a000001"),
      frame(1, 0, "0a000001"),
      frame(1, 0, "0a000001"),
      frame(2, 0, "0a000001"),
      frame(2, 1, "0a000002"),
      frame(1, 2, "0a000002"),
      frame(2, 2, "0a000002"),
      frame(3, 0, "0a000001"),
      frame(9, 0, "0a000001"),
      ...[2, 3, 4, 5].map((last) => frame(1, 1, `0a00000${last}`)),
    ];
    const { runs, maps } = agreeOn(
      route,
      frames.map((packet) => ({ packet })),
      [north, south],
    );
    expect(runs.map(({ verdict }) => verdict)).toEqual([10, 15, 11, 24, 24, 15, 11, 14, 13, 10, 10, 11, 11, 11, 12]);
    expect(maps.get("north")?.size).toBe(4);
    expect(maps.get("north")?.get("0a000001")).toBe("1400000000000000" + "0200000000000000");
    expect(maps.get("south")?.size).toBe(0);
  });

  test("user space exchanges what a hash map holds", () => {
    const kernel = loaded(copy);
    const maps = new SimulatedMaps();
    const run = (packet: string): number => {
      const bytes = fromHex(packet);
      const verdict = simulate(copy, { packet: bytes, maps }).verdict;
      expect(kernel.testRun(bytes).verdict).toBe(verdict);
      return verdict;
    };
    expect(run(frame(1, 0, "0a000001"))).toBe(10);
    kernel.map(bySource).set(ipv4("10.0.0.1"), kernel.map(firstSlots));
    maps.map(bySource).set(ipv4("10.0.0.1"), maps.map(firstSlots));
    expect(run(frame(1, 0, "0a000001"))).toBe(1);
    expect(run(frame(1, 0, "0a000001"))).toBe(2);
    expect(run(frame(2, 0, "0a000001"))).toBe(12);
    expect(run(frame(2, 1, "0a000001"))).toBe(10);
    const other = arrayMap(Route, { entries: 2, name: "other" });
    const map = createMap(other);
    openHandle(map, other).set(0, { verdict: 40, packets: 1n });
    maps.map(other).set(0, { verdict: 40, packets: 1n });
    kernel.map(bySource).set(ipv4("10.0.0.9"), { raw: map });
    maps.map(bySource).set(ipv4("10.0.0.9"), maps.map(other));
    const { id } = map.info;
    map.close();
    expect(run(frame(0, 1, "0a000001"))).toBe(41);
    expect(kernel.map(firstSlots).get(1)).toEqual({ verdict: 41, packets: 6n });
    expect(maps.map(firstSlots).get(1)).toEqual({ verdict: 41, packets: 6n });
    const entries = [...kernel.map(bySource).entries()].toSorted(([one], [two]) => (one < two ? -1 : 1));
    expect(entries).toEqual([
      ["10.0.0.1", { id: kernel.rawMap(firstSlots).info.id }],
      ["10.0.0.9", { id }],
    ]);
    expect([kernel.map(bySource).delete(ipv4("10.0.0.9")), maps.map(bySource).delete(ipv4("10.0.0.9"))]).toEqual([
      true,
      true,
    ]);
    expect(run(frame(0, 1, "0a000001"))).toBe(10);
  });

  test("inner maps may hold a value for each CPU", () => {
    const kernel = loaded(count);
    const own = createMap(counter);
    onTestFinished(() => own.close());
    const maps = new SimulatedMaps();
    kernel.map(counts).set(1, { raw: own });
    maps.map(counts).set(1, maps.map(counter));
    for (let round = 0; round < 3; round++) {
      expect(kernel.testRun(new Uint8Array(14)).verdict).toBe(2);
      expect(simulate(count, { maps }).verdict).toBe(2);
    }
    expect(openHandle(own, counter).sum(0)).toEqual({ value: 3n });
    expect(maps.map(counter).get(0)?.[0]).toEqual({ value: 3n });
  });

  test("inner maps may be ring buffers, of any size", () => {
    const kernel = loaded(put);
    const maps = new SimulatedMaps();
    const run = (packet: string): number => {
      const bytes = fromHex(packet);
      const { verdict } = simulate(put, { packet: bytes, maps });
      expect(kernel.testRun(bytes).verdict).toBe(verdict);
      return verdict;
    };
    const drained = (ring: typeof shortRing): string[] => {
      const [own, simulated] = [kernel.map(ring).drain(), maps.map(ring).drain()].map((all) => all.map((bytes) => toHex(bytes))); // prettier-ignore
      expect(own).toEqual(simulated);
      return own ?? [];
    };
    kernel.map(firstSlots).set(0, { verdict: 0x01020304, packets: 5n });
    maps.map(firstSlots).set(0, { verdict: 0x01020304, packets: 5n });
    const at = (table: number, action: number): number => run(frame(table, action, "0a000001"));
    expect([at(0, 0), at(0, 1), at(0, 2), at(1, 1), at(2, 1), at(7, 0)]).toEqual([20, 23, 23, 23, 10, 10]);
    expect(drained(shortRing)).toEqual(["0x04030201", "0x01000000" + "00000000" + "0700000000000000"]);
    expect(drained(longRing)).toHaveLength(1);
    const filled = [0, 1].map((table) => {
      let count = 0;
      while (at(table, 1) === 23) count++;
      return count;
    });
    expect(filled).toEqual([170, 341]);
    expect(at(0, 0)).toBe(21);
    expect([drained(shortRing).length, drained(longRing).length]).toEqual(filled);
    // Exchanged by user space.
    kernel.map(ringTable).set(2, kernel.map(longRing));
    maps.map(ringTable).set(2, maps.map(longRing));
    expect([kernel.map(ringTable).delete(0), maps.map(ringTable).delete(0)]).toEqual([true, true]);
    expect([at(2, 1), at(0, 1)]).toEqual([23, 10]);
    expect(drained(longRing)).toHaveLength(1);
    expect(codeOf(() => kernel.map(ringTable).set(0, kernel.map(firstSlots)))).toBe("map-mismatch");
    expect(codeOf(() => maps.map(ringTable).set(0, maps.map(firstSlots)))).toBe("map-mismatch");
  });

  test("maps that are declared otherwise are refused", () => {
    const kernel = loaded(route);
    const maps = new SimulatedMaps();
    const narrow = hashMap(u32, u64, { entries: 4, name: "narrow" });
    const map = createMap(narrow);
    onTestFinished(() => map.close());
    expect(codeOf(() => kernel.map(tables).set(0, { raw: map }))).toBe("map-mismatch");
    expect(codeOf(() => maps.map(tables).set(0, maps.map(narrow)))).toBe("map-mismatch");
    expect(codeOf(() => kernel.map(tables).set(4, kernel.map(north)))).toBe("out-of-range");
    expect(codeOf(() => maps.map(tables).set(4, maps.map(north)))).toBe("out-of-range");
    expect(codeOf(() => arrayOfMaps(routes, { entries: 2, maps: { 2: north } }))).toBe("out-of-range");
  });
});

test("the loader makes the maps that an array lists, and not its pattern", () => {
  const instance = loadAll([compile(route)]);
  onTestFinished(() => instance.close());
  expect([0, 1, 2, 3].map((index) => instance.map(tables).get(index))).toEqual([
    undefined,
    instance.rawMap(north).info.id,
    instance.rawMap(south).info.id,
    undefined,
  ]);
  expect(codeOf(() => instance.map(routes))).toBe("no-map");
});

describe("bpftool", () => {
  test("loads an array with the maps it lists", () => {
    const object = new BpftoolObject(objectFile(compile(route)));
    expect(object.map<{ type: string }>("tables").type).toBe("array_of_maps");
    expect(object.run("route", fromHex(frame(1, 1, "0a000001")))).toBe(11);
    expect(object.run("route", fromHex(frame(0, 1, "0a000001")))).toBe(10);
    expect(object.dump("north")).toHaveLength(1);
    expect(object.dump("south")).toHaveLength(0);
  });

  test("loads an array of rings", () => {
    const object = new BpftoolObject(objectFile(compile(put)));
    expect([0, 1, 2].map((table) => object.run("put", fromHex(frame(table, 1, "0a000001"))))).toEqual([23, 23, 10]);
  });

  test("loads a hash of maps, which starts empty", () => {
    const object = new BpftoolObject(objectFile(compile(copy)));
    expect(object.map<{ type: string }>("by_source").type).toBe("hash_of_maps");
    expect(object.run("copy", fromHex(frame(1, 0, "0a000001")))).toBe(10);
  });
});

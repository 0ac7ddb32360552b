import { describe, expect, test } from "vitest";
import { readLayout } from "../../wire/codec.ts";
import { sourceOf } from "../source.ts";
import * as programs from "./fixtures/programs.bpf.ts";
import { simulate } from "./simulate.ts";
import { SimulatedMaps } from "./simulated-maps.ts";

const frame = (length: number, etherType = 0x86dd, word = 0): Uint8Array => {
  const bytes = Uint8Array.from({ length }, (_, index) => index & 0xff);
  bytes.set([etherType >> 8, etherType & 0xff, 0, 0, 0, word], 12);
  return bytes;
};

describe("maps", () => {
  test("outlive the run", () => {
    const maps = new SimulatedMaps({ cpus: 2 });
    for (const cpu of [0, 1, 1]) simulate(programs.count, { packet: frame(60, 0, 5), maps, environment: { cpu } });
    expect(maps.map(programs.counters).get({ id: 5, kind: 1 })).toEqual({ packets: 3n, bytes: 180 });
    expect(maps.map(programs.counters).get({ id: 6, kind: 1 })).toBeUndefined();
    expect(maps.map(programs.total).value).toBe(10);
    expect(
      maps
        .map(programs.perCpu)
        .get(0)
        ?.map(({ packets }) => packets),
    ).toEqual([1n, 2n]);
  });

  test("do not mix with another run's", () => {
    const first = simulate(programs.count, { packet: frame(60) });
    expect(simulate(programs.count, { packet: frame(60) }).maps.map(programs.total).value).toBe(8);
    expect(Array.from(first.maps.map(programs.counters))).toHaveLength(1);
  });

  test("a full hash map refuses", () => {
    const maps = new SimulatedMaps();
    const verdicts = [1, 2, 3, 1].map((word) => simulate(programs.count, { packet: frame(60, 0, word), maps }).verdict);
    expect(verdicts).toEqual([2, 2, 0, 2]);
    expect(() => maps.map(programs.counters).set({ id: 9, kind: 0 }, { packets: 0n, bytes: 0 })).toThrow(
      expect.objectContaining({ code: "map-full" }),
    );
  });

  test("a CPU that the maps do not have is an error", () => {
    expect(() => simulate(programs.count, { environment: { cpu: 4 } })).toThrow("no value for CPU 4 of 4");
  });

  test("handles", () => {
    const maps = new SimulatedMaps({ cpus: 2 });
    const counters = maps.map(programs.counters);
    const key = { id: 1, kind: 2 };
    expect(counters.set(key, { packets: 1n, bytes: 2 })).toBe(true);
    expect(counters.set(key, { packets: 1n, bytes: 2 }, 1)).toBe(false);
    expect(counters.set({ id: 2, kind: 2 }, { packets: 1n, bytes: 2 }, 2)).toBe(false);
    expect([...counters.entries()]).toEqual([[key, { packets: 1n, bytes: 2 }]]);
    expect([...counters.keys()]).toEqual([key]);
    expect(counters.delete(key)).toBe(true);
    expect(counters.delete(key)).toBe(false);
    counters.setAll([[key, { packets: 3n, bytes: 4 }]]);
    expect([...counters.drain()]).toEqual([[key, { packets: 3n, bytes: 4 }]]);
    expect(counters.deleteAll([key])).toBe(0);

    const table = maps.map(programs.table);
    expect(table.get(3)).toBeUndefined();
    expect(() => table.set(3, { value: 1 })).toThrow(expect.objectContaining({ code: "out-of-range" }));
    expect(() => table.delete(0)).toThrow(expect.objectContaining({ code: "EINVAL" }));
    expect([...table]).toEqual([0, 1, 2].map((index) => [index, { value: 0 }]));

    const perCpu = maps.map(programs.perCpuHash);
    perCpu.set(1, [{ value: 1 }, { value: 2 }]);
    expect([perCpu.sum(1), perCpu.sum(2), [...perCpu.sums()]]).toEqual([{ value: 3 }, undefined, [[1, { value: 3 }]]]);
    expect(perCpu.get(1)).toEqual([{ value: 1 }, { value: 2 }]);

    maps.map(programs.total).value = 1;
    expect(maps.map(programs.total).value).toBe(1);
    maps.map(programs.total).freeze();
    expect(() => (maps.map(programs.total).value = 2)).toThrow(expect.objectContaining({ code: "map-frozen" }));
    simulate(programs.count, { maps });
    expect(maps.map(programs.total).value).toBe(2);
  });
});

describe("programs", () => {
  test("know their source, as compiled ones do", () => {
    expect(sourceOf(programs.count.body)?.module.url).toMatch(/fixtures\/programs\.bpf\.ts$/);
  });

  test("a tc program changes its packet, and tells of it", () => {
    const packet = frame(80);
    const result = simulate(programs.insert(0xdeadbeef), {
      packet,
      context: { ifindex: 9 },
      environment: { monotonicNs: [5n, 6n], taiNs: 1n, cpu: 2, random: -1 },
    });
    expect(result).toMatchObject({ verdict: 7, redirect: { ifindex: 9, flags: 1 } });
    expect(packet).toEqual(frame(80));
    expect([...result.packet]).toEqual([...packet.subarray(0, 54), 0xde, 0xad, 0xbe, 0xef, ...packet.subarray(54)]);
    const [record = new Uint8Array(), ...more] = result.records(programs.samples);
    expect(more).toEqual([]);
    expect(readLayout(programs.Sample, record, 0)).toEqual({
      time: 6n,
      length: 84,
      cpu: 1,
      head: [...packet.subarray(0, 16)],
    });
    expect(simulate(programs.insert(1), { packet: frame(80, 0x806) }).verdict).toBe(-1);
  });

  test("a ring fills until it is drained", () => {
    const maps = new SimulatedMaps();
    const verdicts = Array.from(
      { length: 103 },
      () => simulate(programs.insert(1), { packet: frame(80), maps }).verdict,
    );
    // 32 bytes and a header of 8; one byte of 4096 stays free.
    expect(verdicts).toEqual([...Array.from({ length: 102 }, () => 7), 0]);
    expect(maps.map(programs.samples).drain()).toHaveLength(102);
    expect(simulate(programs.insert(1), { packet: frame(80), maps }).verdict).toBe(7);
    expect(maps.map(programs.samples).drain()).toHaveLength(1);
  });

  test("a stale view is refused", () => {
    expect(() => simulate(programs.stale, {})).toThrow(
      "Ethernet.etherType is used after pull, which made the view stale",
    );
  });

  test("a record is submitted exactly once", () => {
    const maps = new SimulatedMaps();
    expect(() => simulate(programs.forgets, { maps })).toThrow("a record of ring samples was not submitted");
    expect(() => simulate(programs.submitsTwice, { maps })).toThrow("submit of something that is no open record");
    expect(simulate(programs.insert(1), { packet: frame(80), maps }).verdict).toBe(7);
  });

  test("a packet is a frame", () => {
    expect(() => simulate(programs.count, { packet: new Uint8Array(13) })).toThrow("13 bytes has no Ethernet header");
    expect(() => simulate(programs.count, { packet: new Uint8Array(3521) })).toThrow("needs fragments");
  });
});

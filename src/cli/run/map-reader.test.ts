/** On real maps. */
import { expect, onTestFinished, test } from "vitest";
import { createMap } from "../../bpf/maps/create.ts";
import { openHandle } from "../../bpf/maps/handles.ts";
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import { hashMap, perCpuHashMap, type MapDescriptor } from "../../kernel/maps.ts";
import { nested, struct, u16, u32, u64 } from "../../wire/layout.ts";
import { readMap } from "./map-reader.ts";

const Count = struct("count", { size: nested(struct("size", { packets: u64 })), port: u16 });

const open = <D extends MapDescriptor>(descriptor: D) => {
  const map = createMap(descriptor);
  onTestFinished(() => map.close());
  return openHandle(map, descriptor);
};

test("of a large map the highest are read, and all are counted", () => {
  const map = open(hashMap(u32, Count, { entries: 50_000 }));
  const all = Array.from(
    { length: 20_000 },
    (_, key) => [key, { size: { packets: BigInt(key) ** 3n }, port: 7 }] as const,
  );
  map.setAll(all.toSorted(([one], [other]) => ((one * 7919) % 20_011) - ((other * 7919) % 20_011)));
  const read = readMap(map, { limit: 10, top: 3, perCpu: false });
  expect(read).toEqual({ entries: all.slice(-3).toReversed(), more: true, total: 20_000 });
  expect(readMap(map, { limit: 10, perCpu: false })).toMatchObject({ more: true });
});

test("the CPUs count together, or are shown each", () => {
  const map = open(perCpuHashMap(u32, u64, { entries: 2000 }));
  const values = Array.from({ length: possibleCpus() }, (_, cpu) => ({ value: BigInt(cpu + 1) }));
  map.set(5, values);
  map.set(
    6,
    values.map(() => ({ value: 1n })),
  );
  const sum = BigInt((values.length * (values.length + 1)) / 2);
  const top = readMap(map, { limit: 10, top: 1, perCpu: false });
  expect(top).toMatchObject({
    entries: [[values.length > 1 ? 5 : 6, { value: values.length > 1 ? sum : 1n }]],
    total: 2,
  });
  const each = readMap(map, { limit: 1000, top: 1, perCpu: true });
  expect(each?.entries.filter(([key]) => key === 5)).toEqual(values.map((value, cpu) => [5, value, cpu]));
});

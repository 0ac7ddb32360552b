import { codeOf } from "../fixtures/code-of.ts";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  arrayMap,
  hashMap,
  lpmTrie,
  lruHashMap,
  lruPerCpuHashMap,
  MapUpdate,
  perCpuArrayMap,
  perCpuHashMap,
  RingBuffer,
  variable,
  type MapDescriptor,
} from "../../kernel/maps.ts";
import { ipv6 } from "../../wire/address.ts";
import {
  array,
  be32,
  header,
  ipv4Address,
  ipv6Address,
  struct,
  u16,
  u32,
  u64,
  type Ipv4Address,
} from "../../wire/layout.ts";
import { batches, deleteBatch, oneByOne, takeOneByOne, updateBatch } from "./batch.ts";
import { createMap } from "./create.ts";
import { openHandle, type HandleOf } from "./handles.ts";
import { countOfList, possibleCpus } from "./possible-cpus.ts";

const open = <D extends MapDescriptor>(descriptor: D): HandleOf<D> => {
  const map = createMap(descriptor);
  onTestFinished(() => map.close());
  return openHandle(map, descriptor);
};

const Value = struct("Value", { packets: u64, small: u16 });
const value = (packets: number): { packets: bigint; small: number } => ({
  packets: BigInt(packets),
  small: packets & 7,
});
const flows = (entries: number): ReturnType<typeof hashMap<typeof u32, typeof Value>> =>
  hashMap(u32, Value, { entries });
const many = (count: number): [number, ReturnType<typeof value>][] =>
  Array.from({ length: count }, (_, key) => [key, value(key)]);
const byKey = <T>(entries: Iterable<readonly [number, T]>): (readonly [number, T])[] =>
  [...entries].toSorted((a, b) => a[0] - b[0]);

describe("hash maps", () => {
  test("get, set and delete", () => {
    const map = open(flows(4));
    expect(map.get(1)).toBeUndefined();
    expect(map.set(1, value(10))).toBe(true);
    expect(map.get(1)).toEqual(value(10));
    expect(map.set(1, value(11), MapUpdate.NoExist)).toBe(false);
    expect(map.set(2, value(12), MapUpdate.Exist)).toBe(false);
    expect(map.set(1, value(13), MapUpdate.Exist)).toBe(true);
    expect(map.get(1)).toEqual(value(13));
    expect(map.delete(1)).toBe(true);
    expect(map.delete(1)).toBe(false);
  });

  test("a full one says so", () => {
    const map = open(flows(2));
    map.set(1, value(1));
    map.set(2, value(2));
    expect(codeOf(() => map.set(3, value(3)))).toBe("map-full");
    expect(codeOf(() => map.setAll(many(9)))).toBe("map-full");
  });

  test("entries, keys and drain go through more elements than one batch holds", () => {
    const map = open(flows(20_000));
    map.setAll(many(10_000));
    expect(byKey(map.entries())).toEqual(many(10_000));
    expect([...map.keys()].toSorted((a, b) => a - b)).toEqual(many(10_000).map(([key]) => key));
    expect(map.deleteAll([5, 20_000, 7, 5])).toBe(2);
    expect(byKey(map.drain())).toHaveLength(9_998);
    expect([...map]).toEqual([]);
  });

  test("a batch smaller than a bucket grows until the bucket fits", () => {
    const map = open(flows(4096));
    map.setAll(many(4096));
    let count = 0;
    for (const batch of batches(map.raw, { size: 1 })) count += batch.count;
    expect(count).toBe(4096);
  });

  test("without batches the same elements come one by one", () => {
    const map = open(flows(64));
    map.setAll(many(50));
    const keys = (walk: typeof oneByOne): number[] => [...walk(map.raw)].map((batch) => batch.count).concat();
    expect(keys(oneByOne)).toHaveLength(50);
    const seen = new Set<number>();
    for (const batch of oneByOne(map.raw)) seen.add(new DataView(batch.keys.buffer).getUint32(0, true));
    expect(seen.size).toBe(50);
    expect([...takeOneByOne(map.raw)]).toHaveLength(50);
    expect([...map]).toEqual([]);
  });

  test("a walk key by key during which keys go ends, and hands out none twice", () => {
    const map = open(flows(64));
    map.setAll(many(50));
    const seen: number[] = [];
    for (const batch of oneByOne(map.raw)) {
      const key = new DataView(batch.keys.buffer).getUint32(0, true);
      seen.push(key);
      map.delete(key);
    }
    expect(seen.toSorted((a, b) => a - b)).toEqual(many(50).map(([key]) => key));
  });

  test("the map may be used between elements", () => {
    const map = open(flows(10));
    map.setAll(many(10));
    for (const [key, own] of map) map.set(key, { ...own, packets: own.packets + 1n });
    expect(map.get(9)?.packets).toBe(10n);
  });

  test("the oldest of an LRU map go", () => {
    const map = open(lruHashMap(u32, Value, { entries: 64 }));
    for (const [key, own] of many(1000)) map.set(key, own);
    expect([...map].length).toBeLessThanOrEqual(64);
  });

  test("memory is taken when entries come, where that is asked for", () => {
    const map = open(hashMap(u32, Value, { entries: 8, noPrealloc: true }));
    expect(map.raw.info.flags).toBe(1);
    map.setAll(many(8));
    expect(byKey(map.entries())).toEqual(many(8));
  });
});

describe("arrays", () => {
  const Slots = arrayMap(Value, { entries: 3, name: "slots" });

  test("have every index from the start, and no other", () => {
    const map = open(Slots);
    expect(map.get(2)).toEqual(value(0));
    expect(map.get(3)).toBeUndefined();
    map.set(1, value(5));
    expect([...map]).toEqual([
      [0, value(0)],
      [1, value(5)],
      [2, value(0)],
    ]);
    expect(codeOf(() => map.set(3, value(1)))).toBe("out-of-range");
  });

  test("are memory that both sides see", () => {
    const map = open(Slots);
    const memory = map.raw.memory();
    expect(memory).toBeDefined();
    const words = new BigUint64Array(memory ?? new ArrayBuffer(0));
    map.set(1, value(5));
    expect(words[2]).toBe(5n);
    words[2] = 6n;
    expect(map.get(1)?.packets).toBe(6n);
  });

  test("start with their initial value, all of them", () => {
    const filled: MapDescriptor = { ...descriptorOf(arrayMap(u64, { entries: 5000 })), initial: { value: 7n } };
    const map = createMap(filled);
    onTestFinished(() => map.close());
    let right = 0;
    for (const batch of batches(map)) {
      const values = new BigUint64Array(batch.values.buffer, 0, batch.count);
      right += values.filter((own) => own === 7n).length;
    }
    expect(right).toBe(5000);
  });

  test("frozen ones are read-only for user space, memory included", () => {
    const map = open(Slots);
    map.set(0, value(3));
    expect(map.raw.memory()).toBeDefined();
    map.freeze();
    expect(map.get(0)).toEqual(value(3));
    expect(codeOf(() => map.set(0, value(4)))).toBe("map-frozen");
    expect(map.raw.memory()).toBeUndefined();
  });
});

/** A descriptor as plain data. */
const descriptorOf = (map: MapDescriptor): MapDescriptor => ({
  kind: map.kind,
  type: map.type,
  name: map.name,
  keyElement: map.keyElement,
  valueLayout: map.valueLayout,
  keySize: map.keySize,
  valueSize: map.valueSize,
  entries: map.entries,
  flags: map.flags,
  initial: map.initial,
});

describe("per-CPU maps", () => {
  const cpus = possibleCpus();

  test("hold a value for each possible CPU, and add them up", () => {
    const map = open(perCpuArrayMap(Value, { entries: 2 }));
    const values = Array.from({ length: cpus }, (_, cpu) => value(cpu + 1));
    map.set(1, values);
    expect(map.get(1)).toEqual(values);
    expect(map.get(0)).toHaveLength(cpus);
    const total = (cpus * (cpus + 1)) / 2;
    expect(map.sum(1)?.packets).toBe(BigInt(total));
    expect([...map.sums()].map(([key, sum]) => [key, sum.packets])).toEqual([
      [0, 0n],
      [1, BigInt(total)],
    ]);
    expect(() => map.set(0, values.slice(1))).toThrow(RangeError);
  });

  test("values whose size is no multiple of 8 do not run into each other", () => {
    const odd = struct("odd", { bytes: array(u16, 3) });
    const map = open(perCpuHashMap(u32, odd, { entries: 8 }));
    const values = Array.from({ length: cpus }, (_, cpu) => ({ bytes: [cpu, 0xffff, cpu + 1] }));
    map.setAll([
      [1, values],
      [2, values],
    ]);
    expect(byKey(map.entries())).toEqual([
      [1, values],
      [2, values],
    ]);
    expect(map.sum(1)?.bytes[1]).toBe(0xffff * cpus);
    expect(map.sum(3)).toBeUndefined();
  });

  test("of an LRU one old entries go when it is full; sums, drain and batches are as of its kin", () => {
    const map = open(lruPerCpuHashMap(u32, Value, { entries: 64 }));
    const values = Array.from({ length: cpus }, () => value(3));
    for (let key = 0; key < 1000; key++) map.set(key, values);
    const left = [...map.sums()];
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThanOrEqual(64);
    expect(left.every(([, { packets }]) => packets === BigInt(3 * cpus))).toBe(true);
    expect([...map.drain()]).toHaveLength(left.length);
    map.setAll([[1, values]]);
    expect(map.deleteAll([1, 2])).toBe(1);
  });

  test.each([
    ["0", 1],
    ["0-3", 4],
    ["0-3,8-9", 10],
    ["0,2\n", 3],
  ])("the CPU list %j has numbers below %i", (list, count) => expect(countOfList(list)).toBe(count));
});

describe("tries", () => {
  const Key = struct("Prefix", { prefixLength: u32, address: ipv4Address });
  const prefix = (address: string, prefixLength: number): { prefixLength: number; address: Ipv4Address } => ({
    prefixLength,
    address: address as Ipv4Address,
  });

  test("find the longest prefix, and drain without kernel help", () => {
    const map = open(lpmTrie(Key, u32, { entries: 4 }));
    map.setAll([
      [prefix("10.0.0.0", 8), { value: 8 }],
      [prefix("10.1.0.0", 16), { value: 16 }],
    ]);
    expect(map.get(prefix("10.1.2.3", 32))).toEqual({ value: 16 });
    expect(map.get(prefix("10.2.2.3", 32))).toEqual({ value: 8 });
    expect(map.get(prefix("11.0.0.1", 32))).toBeUndefined();
    expect([...map].length).toBe(2);
    expect([...map.drain()].map(([key]) => key.prefixLength).toSorted((a, b) => a - b)).toEqual([8, 16]);
    expect([...map]).toEqual([]);
  });

  test("count a key's bits from right behind its length: a hole there is refused", () => {
    const holed = struct("Ipv6Prefix", { prefixLength: u32, address: ipv6Address });
    expect(() => lpmTrie(holed, u32, { entries: 4 })).toThrow(
      "Ipv6Prefix, the key of a trie, has a hole before address",
    );
    for (const first of [{ length: u32 }, { address: ipv4Address, prefixLength: u32 }, { prefixLength: be32 }]) {
      expect(() => lpmTrie(header("Wrong", "", first), u32, { entries: 4 })).toThrow("does not start with its length");
    }
    const map = open(
      lpmTrie(header("Ipv6Prefix", "", { prefixLength: u32, address: ipv6Address }), u32, { entries: 4 }),
    );
    map.set({ prefixLength: 64, address: ipv6("db02::") }, { value: 64 });
    map.set({ prefixLength: 127, address: ipv6("db02::2") }, { value: 127 });
    const found = ["db02::1", "db02::2", "db02::3", "db02:0:0:1::"].map(
      (address) => map.get({ prefixLength: 128, address: ipv6(address) })?.value,
    );
    expect(found).toEqual([64, 127, 127, undefined]);
  });
});

describe("variables", () => {
  test("start with their value and are read and written in place", () => {
    const small = open(variable(u32, 7));
    const large = open(variable(u64, 1n << 60n));
    expect(small.value).toBe(7);
    expect(large.value).toBe(1n << 60n);
    small.value = 0xffff_ffff;
    large.value = 5n;
    expect(small.value).toBe(0xffff_ffff);
    expect(large.value).toBe(5n);
    expect(new BigUint64Array(large.raw.memory() ?? new ArrayBuffer(8))[0]).toBe(5n);
    small.raw.lookup();
    expect([...small.raw.value]).toEqual([255, 255, 255, 255]);
  });

  test("of other widths too, and frozen ones stay", () => {
    const narrow = open(variable(u16, 3));
    narrow.value = 0xabcd;
    expect(narrow.value).toBe(0xabcd);
    const fixed = open(variable(u64, 9n));
    fixed.freeze();
    expect(fixed.value).toBe(9n);
    expect(codeOf(() => (fixed.value = 1n))).toBe("map-frozen");
    expect(fixed.value).toBe(9n);
  });
});

describe("what the kernel does not make", () => {
  test.each([
    ["map-size", new RingBuffer(5000, "odd")],
    ["map-size", { ...flows(1), entries: 0 }],
    ["map-size", arrayMap(struct("huge", { bytes: array(u64, 1 << 28) }), { entries: 1 << 30 })],
  ])("is refused as %s", (code, descriptor) => {
    expect(codeOf(() => createMap(descriptor).close())).toBe(code);
  });

  test("says how much it would be", () => {
    expect(() => createMap(hashMap(u32, u64, { entries: 0xffff_ffff, name: "all" }))).toThrow(
      "map all (hash): too large for the kernel: 4,294,967,295 entries (a key of 4 bytes, a value of 8 bytes: 51,540 MB in all)",
    );
  });
});

test("batches of raw bytes: what is written comes back", () => {
  const map = open(hashMap(u32, u64, { entries: 100 })).raw;
  const keys = Uint32Array.from({ length: 100 }, (_, index) => index * 3);
  const values = BigUint64Array.from(keys, (key) => BigInt(key) * 5n);
  updateBatch(map, new Uint8Array(keys.buffer), new Uint8Array(values.buffer), 100);
  let sum = 0n;
  for (const batch of batches(map)) {
    new BigUint64Array(batch.values.buffer, 0, batch.count).forEach((own) => (sum += own));
  }
  expect(sum).toBe(values.reduce((left, right) => left + right));
  expect(deleteBatch(map, new Uint8Array(keys.buffer), 100)).toBe(100);
});

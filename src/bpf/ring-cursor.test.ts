import { describe, expect, test } from "vitest";
import { type ReleaseCallback, RingCursor } from "./ring-cursor.ts";

const SIZE = 4096;
const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

/** A ring in plain memory, whose producer is the test; both copies of the bytes are kept alike. */
class FakeRing {
  readonly consumer = new BigInt64Array(1);
  readonly producer = new BigInt64Array(1);
  readonly data = new DataView(new ArrayBuffer(2 * SIZE));
  readonly name = "fake";

  constructor(position: bigint) {
    this.consumer[0] = position;
    this.producer[0] = position;
  }

  /** Bytes ever written. */
  get position(): bigint {
    return this.producer[0] ?? 0n;
  }

  /** Returns the place of the record's header. */
  write(length: number, flags: number, content: number): number {
    const at = Number((this.producer[0] ?? 0n) % BigInt(SIZE));
    this.header(at, length, flags);
    for (const copy of [at + 8, (at + 8) % SIZE, at + 8 + SIZE]) {
      if (copy + 4 <= 2 * SIZE) this.data.setUint32(copy, content, true);
    }
    this.producer[0] = (this.producer[0] ?? 0n) + BigInt((length + 8 + 7) & ~7);
    return at;
  }

  header(at: number, length: number, flags: number): void {
    this.data.setUint32(at, (length | flags) >>> 0, true);
    this.data.setUint32(at + SIZE, (length | flags) >>> 0, true);
  }
}

const read = (cursor: RingCursor, limit?: number): number[] => {
  const seen: number[] = [];
  cursor.poll((view, offset) => seen.push(view.getUint32(offset, true)), limit);
  return seen;
};

describe.each([
  ["zero", 0n],
  ["just below 31 bits", (1n << 31n) - 64n],
  ["just below 32 bits", (1n << 32n) - 64n],
  ["far above 32 bits", (1n << 45n) + 4096n - 32n],
  ["just below 45 bits", (1n << 45n) - 64n],
])("from position %s", (_, start) => {
  test("records come in order, past the ring's end, and the position follows", () => {
    const ring = new FakeRing(start);
    const cursor = new RingCursor(ring);
    const written: number[] = [];
    const seen: number[] = [];
    for (let index = 0; index < 1000; index++) {
      ring.write(8 + (index % 50), 0, index);
      written.push(index);
      if (index % 7 === 0) seen.push(...read(cursor));
    }
    seen.push(...read(cursor));
    expect(seen).toEqual(written);
    expect(ring.consumer[0]).toBe(ring.producer[0]);
  });

  test("an unfinished record holds up what follows it", () => {
    const ring = new FakeRing(start);
    const cursor = new RingCursor(ring);
    ring.write(16, 0, 1);
    const unfinished = ring.write(16, BUSY, 2);
    ring.write(16, 0, 3);
    expect(read(cursor)).toEqual([1]);
    expect(ring.consumer[0]).toBe(start + 24n);
    expect(cursor.waitingBytes).toBe(48);
    expect(read(cursor)).toEqual([]);
    ring.header(unfinished, 16, 0);
    expect(read(cursor)).toEqual([2, 3]);
  });

  test("discarded records are passed over, also the last", () => {
    const ring = new FakeRing(start);
    const cursor = new RingCursor(ring);
    for (const [content, flags] of [
      [1, DISCARDED],
      [2, 0],
      [3, DISCARDED],
    ] as const)
      ring.write(40, flags, content);
    expect(read(cursor)).toEqual([2]);
    expect([cursor.records, cursor.discarded]).toEqual([1, 2]);
    expect(ring.consumer[0]).toBe(ring.producer[0]);
  });
});

test("records are told in bulk before their bytes are given back, also when the callback throws", () => {
  const ring = new FakeRing(4096n - 48n);
  const cursor = new RingCursor(ring);
  for (let content = 0; content < 5; content++) ring.write(16, content === 3 ? DISCARDED : 0, content);
  const told: unknown[] = [];
  const release: ReleaseCallback = (_view, start, length, records, position) =>
    told.push({ start, length, records, position, given: ring.consumer[0] });
  expect(cursor.poll(() => {}, 2, release)).toBe(2);
  const fail = (): void => {
    throw new Error("no more");
  };
  expect(() => cursor.poll(fail, undefined, release)).toThrow("no more");
  expect(cursor.poll(() => {}, undefined, release)).toBe(1);
  expect(told).toEqual([
    { start: 4048, length: 48, records: 2, position: 4096n, given: 4048n },
    { start: 0, length: 24, records: 1, position: 4120n, given: 4096n },
    { start: 24, length: 48, records: 1, position: 4168n, given: 4120n },
  ]);
  expect(cursor.position).toBe(4168n);
});

test("what is dropped is told in bulk, up to an unfinished record, and counted as nothing", () => {
  const ring = new FakeRing(4096n - 24n);
  const cursor = new RingCursor(ring);
  for (let content = 0; content < 3; content++) ring.write(16, content === 1 ? DISCARDED : 0, content);
  const unfinished = ring.write(16, BUSY, 3);
  const told: unknown[] = [];
  expect(cursor.skip((_view, start, length, records, position) => told.push([start, length, records, position]))).toBe(
    2,
  );
  expect(told).toEqual([
    [4072, 24, 1, 4096n],
    [0, 48, 1, 4144n],
  ]);
  expect([cursor.records, cursor.discarded, ring.consumer[0]]).toEqual([0, 0, 4144n]);
  ring.header(unfinished, 16, 0);
  expect(read(cursor)).toEqual([3]);
});

test("whichever records are discarded or unfinished, the others come in order, as many as wanted", () => {
  const kinds = [0, DISCARDED, BUSY];
  const records = 6;
  for (let pattern = 0; pattern < kinds.length ** records; pattern++) {
    const flags = Array.from({ length: records }, (_, at) => kinds[Math.floor(pattern / 3 ** at) % 3] ?? 0);
    const ring = new FakeRing(4096n - 72n);
    const cursor = new RingCursor(ring);
    flags.forEach((own, at) => ring.write(16, own, at));
    const finished = flags.includes(BUSY) ? flags.indexOf(BUSY) : records;
    const wanted = flags.flatMap((own, at) => (at < finished && own === 0 ? [at] : []));
    const limit = pattern % 5;
    expect(read(cursor, limit)).toEqual(wanted.slice(0, limit));
    expect(read(cursor)).toEqual(wanted.slice(limit));
    expect(cursor.waitingBytes).toBe(24 * (records - finished));
  }
});

/** Records of one length: so many that, before the ring's end and that of the lower word, many are handed out four a turn. */
const SAME = 150;
const START = (1n << 32n) - 2000n;

test.each([
  ["of another length", 0, 40],
  ["discarded", DISCARDED, 8],
  ["unfinished", BUSY, 8],
])("among many of one length, one that is %s is met wherever it is", (_, flags, length) => {
  for (let odd = 0; odd < SAME; odd++) {
    const ring = new FakeRing(START);
    const cursor = new RingCursor(ring);
    for (let at = 0; at < SAME; at++) ring.write(at === odd ? length : 8, at === odd ? flags : 0, at);
    const readable = Array.from({ length: flags === BUSY ? odd : SAME }, (__, at) => at);
    const limit = 110;
    const wanted = readable.filter((at) => flags === 0 || at !== odd);
    expect(read(cursor, limit)).toEqual(wanted.slice(0, limit));
    expect(read(cursor)).toEqual(wanted.slice(limit));
    expect([cursor.records, cursor.discarded]).toEqual([wanted.length, readable.length - wanted.length]);
    expect(cursor.position).toBe(ring.position - BigInt(16 * (SAME - readable.length)));
  }
});

test("a callback that throws has had its record, wherever that is among many", () => {
  for (let bad = 0; bad < SAME; bad++) {
    const ring = new FakeRing(START);
    const cursor = new RingCursor(ring);
    for (let at = 0; at < SAME; at++) ring.write(8, 0, at);
    const seen: number[] = [];
    const take = (view: DataView, offset: number): void => {
      if (seen.push(view.getUint32(offset, true)) === bad + 1) throw new Error("no more");
    };
    expect(() => cursor.poll(take)).toThrow("no more");
    expect([cursor.records, cursor.position]).toEqual([bad + 1, START + BigInt(16 * (bad + 1))]);
    cursor.poll(take);
    expect(seen).toEqual(Array.from({ length: SAME }, (_, at) => at));
  }
});

test("a limit is kept exactly, and the rest stays", () => {
  const ring = new FakeRing(0n);
  const cursor = new RingCursor(ring);
  for (let content = 0; content < 10; content++) ring.write(8, 0, content);
  expect(read(cursor, 4)).toEqual([0, 1, 2, 3]);
  expect(ring.consumer[0]).toBe(64n);
  expect(read(cursor)).toEqual([4, 5, 6, 7, 8, 9]);
});

test("the position is stored once a batch, not once a record", () => {
  const ring = new FakeRing(0n);
  const cursor = new RingCursor(ring);
  for (let content = 0; content < 10; content++) ring.write(8, 0, content);
  const positions = new Set<bigint | undefined>();
  cursor.poll(() => positions.add(ring.consumer[0]));
  expect([...positions]).toEqual([0n]);
  expect(ring.consumer[0]).toBe(160n);
});

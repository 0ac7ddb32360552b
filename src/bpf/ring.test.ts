import { describe, expect, onTestFinished, test } from "vitest";
import { lpmTrie, ringBuffer } from "../kernel/maps.ts";
import { header, u32 } from "../wire/layout.ts";
import { load } from "./instance.ts";
import type { LoadedProgram } from "./loaded-program.ts";
import { createMap } from "./maps/create.ts";
import { RingReader } from "./ring.ts";
import { recording } from "./fixtures/programs.ts";

const FRAME = new Uint8Array(64);

const open = (bytes: number, recordBytes: number, discard = false): { program: LoadedProgram; ring: RingReader } => {
  const descriptor = ringBuffer({ bytes });
  const program = load(recording(descriptor, recordBytes, discard));
  onTestFinished(() => program.close());
  return { program, ring: program.map(descriptor) };
};

/** Writes records until the ring refuses or `count` are written; returns how many were. */
const produce = (program: LoadedProgram, count: number): number => {
  let written = 0;
  while (written < count && program.testRun(FRAME).verdict === 2) written++;
  return written;
};

describe("reading", () => {
  test("hands out each record once, with its length and bytes", () => {
    const { program, ring } = open(4096, 24);
    expect(ring.poll(() => {})).toBe(0);
    produce(program, 3);
    const seen: [number, bigint][] = [];
    expect(ring.poll((view, offset, length) => seen.push([length, view.getBigUint64(offset, true)]))).toBe(3);
    expect(seen).toEqual([
      [24, 7n],
      [24, 7n],
      [24, 7n],
    ]);
    expect(ring.poll(() => {})).toBe(0);
    expect(ring.records).toBe(3);
    expect(ring.waitingBytes).toBe(0);
  });

  test("goes round the ring many times, with records that lie across its end", () => {
    const { program, ring } = open(4096, 104);
    let read = 0;
    for (let round = 0; round < 40; round++) {
      const written = produce(program, 30);
      expect(written).toBe(30);
      read += ring.poll((view, offset, length) => {
        expect(length).toBe(104);
        expect(view.getBigUint64(offset, true)).toBe(7n);
        expect(offset).toBeLessThanOrEqual(4096);
      });
    }
    expect(read).toBe(1200);
  });

  test("a full ring refuses, and takes again what was read", () => {
    const { program, ring } = open(4096, 1000);
    expect(produce(program, 100)).toBe(4);
    expect(ring.waitingBytes).toBe(4 * 1008);
    expect(ring.poll(() => {}, 1)).toBe(1);
    expect(produce(program, 100)).toBe(1);
    expect(ring.poll(() => {})).toBe(4);
  });

  test("discarded records are passed over and counted", () => {
    const { program, ring } = open(4096, 16, true);
    produce(program, 5);
    expect(ring.poll(() => {})).toBe(0);
    expect(ring.discarded).toBe(5);
    expect(ring.waitingBytes).toBe(0);
  });

  test("a callback that throws has had its record", () => {
    const { program, ring } = open(4096, 16);
    produce(program, 3);
    const fail = (): void => {
      throw new Error("no more");
    };
    expect(() => ring.poll(fail)).toThrow("no more");
    expect(ring.records).toBe(1);
    expect(ring.poll(() => {})).toBe(2);
  });

  test("a callback may not read", () => {
    const { program, ring } = open(4096, 16);
    produce(program, 1);
    expect(() => ring.poll(() => ring.poll(() => {}))).toThrow(/being read/);
  });

  test("drain gives copies that last", () => {
    const { program, ring } = open(4096, 16);
    produce(program, 2);
    const [first, second, ...rest] = ring.drain();
    produce(program, 200);
    expect([first?.length, first?.[0], second?.[0], rest.length]).toEqual([16, 7, 7, 0]);
  });

  test("wait blocks until there is something, or time is up", () => {
    const { program, ring } = open(4096, 16);
    const start = performance.now();
    expect(ring.wait(20)).toBe(false);
    expect(performance.now() - start).toBeGreaterThan(15);
    produce(program, 1);
    expect(ring.wait(60_000)).toBe(true);
    expect(ring.wait(60_000)).toBe(true);
    expect(ring.poll(() => {})).toBe(1);
    expect(ring.wait(0)).toBe(false);
  });

  test("skip drops what is there", () => {
    const { program, ring } = open(4096, 16);
    produce(program, 5);
    expect(ring.skip()).toBe(5);
    expect(ring.records).toBe(0);
    expect(ring.poll(() => {})).toBe(0);
  });

  test("a closed reader says so", () => {
    const { program, ring } = open(4096, 16);
    program.close();
    expect(() => ring.poll(() => {})).toThrow(/closed/);
    expect(ring.waitingBytes).toBe(0);
  });

  test("refuses a ring above 1 GiB before it maps it", () => {
    // A trie, in a ring's place: the kernel would fill 2 GiB for a ring, and takes nothing for this one of as many "bytes".
    const key = header("key", "", { prefixLength: u32, value: u32 });
    const map = createMap(lpmTrie(key, u32, { entries: 2 ** 31, name: "large" }));
    onTestFinished(() => map.close());
    expect(map.info.entries).toBe(2 ** 31);
    expect(() => new RingReader(map)).toThrow(
      expect.objectContaining({
        name: "UnsupportedError",
        message: expect.stringMatching(/ring large has 2147483648 bytes: none above 1073741824 can be read/),
        hint: "make it smaller, or several of them",
      }),
    );
  });

  test("a later reader goes on where the first one stopped", () => {
    const descriptor = ringBuffer({ bytes: 4096 });
    const program = load(recording(descriptor, 16));
    onTestFinished(() => program.close());
    produce(program, 5);
    expect(program.map(descriptor).poll(() => {}, 2)).toBe(2);
    const other = ringBuffer({ bytes: 4096 });
    const next = load(recording(other, 16), { share: new Map([[other, program.map(descriptor)]]) });
    onTestFinished(() => next.close());
    expect(next.map(other).poll(() => {})).toBe(3);
  });
});

describe("watching", () => {
  test("reads when records come, and no more once closed", async () => {
    const { program, ring } = open(4096, 16);
    let arrived = (_: number): void => {};
    const next = (): Promise<number> => new Promise((resolve) => (arrived = resolve));
    const watch = ring.watch(
      () => {},
      (records) => arrived(records),
    );
    expect(() => ring.watch(() => {})).toThrow(/being watched/);
    const first = next();
    produce(program, 3);
    expect(await first).toBe(3);
    const second = next();
    produce(program, 1);
    expect(await second).toBe(1);
    watch.close();
    produce(program, 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ring.records).toBe(4);
    const again = ring.watch(
      () => {},
      (records) => arrived(records),
    );
    onTestFinished(() => again.close());
    expect(await next()).toBe(1);
  });

  test("leaves timers their turn when records come faster than they are read", async () => {
    const { program, ring } = open(4096, 16);
    let isOver = false;
    const watch = ring.watch(() => {
      if (!isOver) produce(program, 2);
    });
    onTestFinished(() => watch.close());
    produce(program, 1);
    // Its end is a timer's: without a turn for them this lasts for ever.
    while (ring.records <= 100) await new Promise<void>((resolve) => setTimeout(resolve, 5));
    isOver = true;
  });

  test("reads all that came at once, though nothing more comes", async () => {
    const { program, ring } = open(131072, 16);
    expect(produce(program, 3000)).toBe(3000);
    const rounds: number[] = [];
    await new Promise<void>((resolve) => {
      const watch = ring.watch(
        () => {},
        (records) => {
          rounds.push(records);
          if (ring.records === 3000) resolve();
        },
      );
      onTestFinished(() => watch.close());
    });
    expect(rounds).toEqual([1024, 1024, 952]);
  });
});

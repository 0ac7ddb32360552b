import { expect, test } from "vitest";
import { encodeIoamTrace } from "../../wire/ioam/encode.ts";
import { recordOf } from "./fixtures/records.ts";
import type { PathObject } from "./path-object.ts";
import { TraceFollower } from "./trace-follower.ts";

const names = new Map([[5, "five"]]);
const record = (nodeId: number): Uint8Array =>
  recordOf(encodeIoamTrace({ namespaceId: 1, traceType: 0x800000, hops: [{ nodeId, hopLimit: 64 }] }));

/** Records one after another, as in a ring, and somewhere inside a larger buffer. */
const ringOf = (...nodeIds: number[]): { view: DataView; offsets: number[] } => {
  const records = nodeIds.map(record);
  const size = records[0]?.length ?? 0;
  const bytes = new Uint8Array(100 + size * records.length);
  records.forEach((one, index) => bytes.set(one, 100 + index * size));
  return { view: new DataView(bytes.buffer, 100), offsets: records.map((_, index) => index * size) };
};

const idsOf = (paths: readonly PathObject[]): unknown[] => paths.map((path) => path.hops[0]?.nodeId);

test("the latest records outlast the ring, newest first", () => {
  const follower = new TraceFollower({ names });
  const { view, offsets } = ringOf(...Array.from({ length: 300 }, (_, index) => index));
  for (const offset of offsets) follower.take(view, offset);
  new Uint8Array(view.buffer).fill(0);
  expect(idsOf(follower.recent(3))).toEqual([299, 298, 297]);
  expect(follower.recent(1000)).toHaveLength(128);
  expect(follower.statistics.packets).toBe(300);
});

test("a ring that is mapped anew is read where it is now", () => {
  const follower = new TraceFollower({ names });
  for (const ring of [ringOf(1), ringOf(2)]) follower.take(ring.view, 0);
  expect(idsOf(follower.recent(2))).toEqual([2, 1]);
});

test("every path is handed out, by name", () => {
  const paths: PathObject[] = [];
  const follower = new TraceFollower({ names, onPath: (path) => paths.push(path) });
  const { view, offsets } = ringOf(5, 6);
  for (const offset of offsets) follower.take(view, offset);
  expect(paths.map((path) => path.hops[0]?.node)).toEqual(["five", null]);
  expect(follower.recent(9)).toEqual([]);
});

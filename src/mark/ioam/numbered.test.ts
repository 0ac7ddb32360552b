import { expect, test } from "vitest";
import { numberedIn, type StreamState } from "./sink/e2e.ts";
import { groupIndex, groupOf } from "./sequence-number.ts";

const START = 1n << 44n;
const none = { received: 0n, repeated: 0n, reordered: 0n, late: 0n };

/** Numbers `first` to `next` less 1 of a bucket, of which so many came. */
const stream = (first: bigint, next: bigint, rest: Partial<StreamState> = {}, bucket = 0): StreamState => ({
  key: { nodeId: 1n, namespaceId: 123, group: groupOf(5, groupIndex(false, bucket)) },
  first: first === 0n ? 0n : START + first,
  next: next === 0n ? 0n : START + next,
  ...none,
  ...rest,
});

test("what came by one sink or the other is not lost", () => {
  const sinks = [stream(1n, 100n, { received: 50n, reordered: 2n }), stream(3n, 103n, { received: 45n, repeated: 1n })];
  expect(numberedIn(sinks)).toMatchObject([{ origin: 5, received: 95, lost: 7, reordered: 2, duplicated: 1 }]);
  // Each alone knows nothing of the other.
  expect(sinks.flatMap((one) => numberedIn([one])).map(({ lost }) => lost)).toEqual([49, 55]);
});

test("a stream of which nothing came yet changes nothing, whichever comes first", () => {
  const [some, empty] = [stream(7n, 17n, { received: 9n }), stream(0n, 0n)];
  for (const sinks of [[some, empty], [empty, some]]) expect(numberedIn(sinks)).toMatchObject([{ received: 9, lost: 1 }]); // prettier-ignore
});

test("groups of one rule add up, each from its own first number", () => {
  const all = [stream(1n, 11n, { received: 10n }), stream(1000n, 1010n, { received: 8n }, 1)];
  expect(numberedIn(all)).toMatchObject([{ received: 18, lost: 2 }]);
});

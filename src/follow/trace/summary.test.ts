import { expect, test } from "vitest";
import { encodeIoamTrace } from "../../wire/ioam/encode.ts";
import { recordOf } from "./fixtures/records.ts";
import { lossBetween, type Counted } from "./loss.ts";
import { TraceStatistics } from "./statistics.ts";
import { summarise } from "./summary.ts";

const names = new Map([[1, "athos"]]);
const nothing: Counted = { encap: [{}], transit: [], sink: {} };

const traceOf = (delayUs: number): Uint8Array => {
  const timestamp = (time: number): string => `17637048330${String(time).padStart(5, "0")}000`;
  const hops = [0, delayUs].map((time, index) => ({ nodeId: index + 1, timestampNs: timestamp(1000 + time) }));
  return recordOf(encodeIoamTrace({ namespaceId: 1, traceType: 0xb00000, hops }));
};

test("a summary reads as the issue shows it, keys in that order", () => {
  const statistics = new TraceStatistics();
  for (const delay of [3, 3, 40, -2]) statistics.add(traceOf(delay), 0);
  const loss = lossBetween(
    { encap: [{ sent: 10n, segments: 10n }], transit: [{ filled: 10n }], sink: { segments: 10n, filled: 10n } },
    {
      encap: [
        { sent: 13n, segments: 14n, tooBig: 1n },
        { sent: 2n, segments: 2n },
      ],
      transit: [{ filled: 14n, noOption: 2n }],
      sink: { received: 14n, segments: 14n, filled: 13n, overflowSet: 1n },
    },
  );
  const summary = summarise(statistics, loss, {
    seconds: 2.5,
    transit: "hopmark",
    names,
    clock: null,
    sharedClock: true,
  });
  const { paths: _paths, nodes: _nodes, flows: _flows, moves: _moves, clock, edgeToEdge, exports, ...first } = summary;
  expect([edgeToEdge, exports]).toEqual([null, null]);
  expect(clock).toMatchObject({ errorNs: null, synchronised: null, steppedNs: 0 }); // "2" is of nobody's lab
  expect(Object.keys(summary).slice(Object.keys(first).length)).toEqual([
    "paths",
    "nodes",
    "flows",
    "moves",
    "clock",
    "edgeToEdge",
    "exports",
  ]);
  expect(JSON.stringify(first)).toBe(
    '{"type":"summary","seconds":2.5,"sent":6,"received":4,"lost":2,' +
      '"links":[{"from":"athos","to":"2","packets":4,"delayP50Ns":3000,"delayP99Ns":40000,' +
      '"delayP90Ns":40000,"negative":1,"worstNegativeNs":-2000}],"transit":"hopmark",' +
      '"reasons":{"encap.tooBig":1,"transit.noOption":2,"sink.overflowSet":1,"trace.negativeDelay":1}}',
  );
});

test("without the encapsulating node's counters, what was sent and lost is unknown", () => {
  const loss = lossBetween(nothing, { encap: [], transit: [], sink: { received: 3n, segments: 3n } });
  expect(loss).toEqual({ sent: null, received: 3, lost: null, edgeToEdge: null, exports: null, reasons: {} });
});

const numbers = (received: bigint, lost: bigint, rest: Record<string, bigint> = {}) => ({
  received,
  segments: received,
  edgeToEdge: received,
  e2eReceived: received,
  e2eLost: lost,
  e2eDuplicated: 0n,
  e2eReordered: 0n,
  e2eLate: 0n,
  e2ePieces: 0n,
  ...rest,
});

test("between machines numbers tell what was lost, as far as all packets have one", () => {
  const before: Counted = { encap: [], transit: [], sink: numbers(10n, 3n) };
  const later = numbers(20n, 5n, { e2eDuplicated: 1n, e2eReordered: 4n });
  const after: Counted = { encap: [], transit: [], sink: later };
  const edgeToEdge = { received: 10, lost: 2, duplicated: 1, reordered: 4, late: 0 };
  expect(lossBetween(before, after)).toEqual({
    sent: null,
    received: 10,
    lost: 2,
    edgeToEdge,
    exports: null,
    reasons: {},
  });
  const mixed: Counted = { encap: [], transit: [], sink: { ...later, received: 21n, segments: 21n } };
  expect(lossBetween(before, mixed)).toMatchObject({ received: 11, lost: null, edgeToEdge });
  const counted: Counted = { encap: [{ segments: 12n }], transit: [], sink: later };
  expect(lossBetween({ ...before, encap: [{}] }, counted)).toMatchObject({ sent: 12, received: 10, lost: 2 });
});

test("what was missing before and came later is no negative loss", () => {
  const sink = (lost: bigint): Counted => ({ encap: [], transit: [], sink: numbers(0n, lost) });
  expect(lossBetween(sink(3n), sink(1n)).lost).toBe(0);
});

test("a packet that arrived between the two readings is not a negative loss", () => {
  expect(lossBetween(nothing, { encap: [{ segments: 3n }], transit: [], sink: { segments: 4n } }).lost).toBe(0);
});

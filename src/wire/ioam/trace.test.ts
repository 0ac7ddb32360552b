import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../hex.ts";
import { decodeIoamTrace } from "./decode.ts";
import { encodeIoamTrace } from "./encode.ts";
import { ioamFields, nodeLengthOf, traceTypeBit, undefinedTraceBits } from "./fields.ts";
import { hopByHopLength } from "./hop-by-hop.ts";
import { columnOf, TraceReader } from "./trace-reader.ts";
import type { IoamHop } from "./trace.ts";

const decode = (bytes: Uint8Array) => decodeIoamTrace(bytes, 0, bytes.length);

const encodeHop = (traceType: number, hop: IoamHop): string =>
  toHex(encodeIoamTrace({ namespaceId: 1, traceType, hops: [hop] }), 8);

test("hops come in path order, though the newest lies first in memory", () => {
  const bytes = encodeIoamTrace({
    namespaceId: 123,
    traceType: 0x800000,
    size: 12,
    hops: [{ nodeId: 1, hopLimit: 64 }, { nodeId: 2, hopLimit: 63 }], // prettier-ignore
  });
  expect(toHex(bytes)).toBe("0x007b080180000000" + "00000000" + "3f000002" + "40000001");
  expect(decode(bytes)).toEqual({
    namespaceId: 123,
    traceType: 0x800000,
    flags: { overflow: false, loopback: false, active: false },
    nodeLength: 1,
    remainingWords: 1,
    hops: [
      { nodeId: 1, hopLimit: 64 },
      { nodeId: 2, hopLimit: 63 },
    ],
  });
});

test("all ones are null, absent bits absent keys", () => {
  const traceType = 0xfff002;
  const bytes = encodeIoamTrace({ namespaceId: 1, traceType, hops: [{}] });
  expect(toHex(bytes, 8)).toBe(`0x${"ff".repeat(60)}00ffffff`);
  expect(decode(bytes).hops).toEqual([
    {
      nodeId: null, hopLimit: null, ingressId: null, egressId: null, timestampNs: null, transitDelayNs: null,
      namespaceData: null, queueDepth: null, checksumComplement: null, nodeIdWide: null, ingressIdWide: null,
      egressIdWide: null, namespaceDataWide: null, bufferOccupancy: null,
      opaqueState: { schemaId: null, length: 0, data: "0x" },
    }, // prettier-ignore
  ]);
  expect(Object.keys(decode(encodeIoamTrace({ namespaceId: 1, traceType: 0, hops: [] })).hops)).toEqual([]);
});

test.each([
  [0, { hopLimit: 0x40, nodeId: 0x010203 }, "40010203"],
  [1, { ingressId: 11, egressId: 12 }, "000b000c"],
  [2, { timestampSeconds: 1 }, "00000001"],
  [3, { timestampFraction: 999_999 }, "000f423f"],
  [4, { transitDelayNs: 0x12345678 }, "12345678"],
  [5, { namespaceData: "0xdeadbeef" }, "deadbeef"],
  [6, { queueDepth: 1500 }, "000005dc"],
  [7, { checksumComplement: 0x1234 }, "00001234"],
  [8, { hopLimit: 64, nodeIdWide: "72057594037927934" }, "40fffffffffffffe"],
  [9, { ingressIdWide: 4294967294, egressIdWide: 1 }, "fffffffe00000001"],
  [10, { namespaceDataWide: "0xdeadbeefcafedeca" }, "deadbeefcafedeca"],
  [11, { bufferOccupancy: 7 }, "00000007"],
  [12, { bit12: "0x00000001" }, "00000001"],
  [21, { bit21: "0x80000000" }, "80000000"],
  [22, { opaqueState: { schemaId: 7, length: 1, data: "0x34616c69" } }, "0100000734616c69"],
] as const)("bit %d", (bit, hop, hex) => {
  const traceType = traceTypeBit(bit);
  expect(encodeHop(traceType, hop)).toBe(`0x${hex}`);
  expect(decode(encodeIoamTrace({ namespaceId: 1, traceType, hops: [hop, hop] })).hops).toEqual([hop, hop]);
});

describe("timestamps", () => {
  const both = traceTypeBit(2) | traceTypeBit(3);

  test("seconds and microseconds become nanoseconds, to the last digit", () => {
    const hop = { timestampNs: "4294967294999999000" };
    expect(encodeHop(both, hop)).toBe("0xfffffffe000f423f");
    expect(decode(encodeIoamTrace({ namespaceId: 1, traceType: both, hops: [hop] })).hops).toEqual([hop]);
  });

  test.each([
    [{ timestampSeconds: 5, timestampFraction: 1_000_000 }],
    [{ timestampSeconds: 5, timestampFraction: null }],
    [{ timestampSeconds: null, timestampFraction: 5 }],
  ])("what are not seconds with microseconds stay as they are: %j", (raw) => {
    const [hop] = decode(encodeIoamTrace({ namespaceId: 1, traceType: both, hops: [raw] })).hops;
    expect(hop).toEqual({ ...raw, timestampNs: null });
  });
});

test("hop limits of bits 0 and 8 that differ are both kept", () => {
  const traceType = traceTypeBit(0) | traceTypeBit(8);
  const hop = { hopLimit: 64, nodeId: 1, hopLimitWide: 63, nodeIdWide: "1" };
  expect(decode(encodeIoamTrace({ namespaceId: 1, traceType, hops: [hop] })).hops).toEqual([hop]);
});

test("flags, reserved bits and what stands in the free words survive", () => {
  const trace = {
    namespaceId: 0xffff,
    traceType: 0x800000,
    flags: { overflow: true, loopback: true, active: true },
    nodeLength: 1,
    remainingWords: 1,
    hops: [{ nodeId: 1, hopLimit: 2 }],
    free: "0x01020304",
    reserved: 0x1ff,
  };
  const bytes = encodeIoamTrace(trace);
  expect(toHex(bytes)).toBe("0xffff0f81800000ff" + "01020304" + "02000001");
  expect(decode(bytes)).toEqual(trace);
});

describe("what is wrong is said", () => {
  const right = encodeIoamTrace({ namespaceId: 1, traceType: 0xc00000, size: 16, hops: [{ nodeId: 1 }] });
  const changed = (at: number, value: number): Uint8Array => Object.assign(right.slice(), { [at]: value });

  test.each([
    ["header", right.slice(0, 7), "the trace header is cut"],
    ["node length", changed(2, 3 << 3), "node length 3, but the trace type has 2"],
    ["remaining length", changed(3, 5), "more free words than the trace has"],
    ["last entry", changed(3, 1), "the last entry is cut"],
    ["no field", Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4), "data without a field that it could be"],
  ])("%s", (_name, bytes, reason) => expect(decode(bytes).malformed).toBe(reason));

  test("a length past the bytes", () =>
    expect(decodeIoamTrace(right, 4, right.length).malformed).toBe("the trace header is cut"));

  test("more entries than an option can hold do not run away", () => {
    const many = new Uint8Array(8 + 4 * 1000);
    many.set([0, 1, 8, 0, 0x80, 0, 0, 0]);
    expect(decode(many)).toMatchObject({ malformed: "more entries than an option can hold" });
    expect(decode(many).hops.length).toBe(61);
  });
});

test.each([
  [{ size: 6, hops: [] }, "a trace of 6 bytes: its data is a multiple of 4, up to 244"],
  [{ size: 248, hops: [] }, "a trace of 248 bytes"],
  [{ size: 4, hops: [{}, {}] }, "2 hops take 8 bytes, more than the trace's 4"],
])("a trace that cannot be is refused: %j", (part, message) => {
  expect(() => encodeIoamTrace({ namespaceId: 1, traceType: 0x800000, ...part })).toThrow(message);
});

test("any bytes decode without throwing; those in order encode to themselves", () => {
  const word = fc.oneof(fc.constant([255, 255, 255, 255]), fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }));
  const ordered = fc
    .tuple(fc.nat(0xff_ffff), fc.nat(3), fc.nat(4), fc.array(word, { minLength: 61, maxLength: 61 }), fc.nat(2))
    .map(([traceType, count, free, words, opaqueWords]) => {
      const opaque = (traceType & traceTypeBit(22)) !== 0;
      const entry = nodeLengthOf(traceType) + (opaque ? 1 + opaqueWords : 0);
      const used = free + (entry === 0 ? 0 : Math.min(count, Math.floor((61 - free) / entry)) * entry);
      const bytes = Uint8Array.of(0, 1, nodeLengthOf(traceType) << 3, free, 0, 0, 0, 7, ...words.slice(0, used).flat());
      bytes.set([traceType >> 16, traceType >> 8, traceType], 4);
      if (opaque)
        for (let at = 8 + 4 * (free + nodeLengthOf(traceType)); at < bytes.length; at += entry * 4)
          bytes[at] = opaqueWords;
      return bytes;
    });
  let right = 0;
  fc.assert(
    fc.property(fc.oneof(ordered, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const trace = decode(bytes);
      if (trace.malformed !== undefined || bytes.length > 252) return;
      right++;
      expect(toHex(encodeIoamTrace(trace))).toBe(toHex(bytes));
    }),
    { numRuns: 20_000 },
  );
  expect(right).toBeGreaterThan(5000);
});

describe("the reader", () => {
  const hops = [1, 2, 3].map((nodeId) => ({
    nodeId, hopLimit: 65 - nodeId, timestampNs: `176367360000000${nodeId}000`, transitDelayNs: null,
    opaqueState: { schemaId: nodeId, length: nodeId, data: `0x${"00000000".repeat(nodeId)}` },
  })); // prettier-ignore
  const bytes = encodeIoamTrace({ namespaceId: 123, traceType: 0xb80002, size: 100, hops });
  const shifted = Uint8Array.of(9, 9, 9, ...bytes);

  test("reads values by hop and column where they lie", () => {
    const reader = new TraceReader();
    expect(reader.read(shifted, 3, bytes.length)).toBe(true);
    expect(reader.hopCount).toBe(3);
    const values = [0, 1, 2].map((hop) => [
      reader.value(hop, columnOf("nodeId")),
      reader.value(hop, columnOf("hopLimit")),
      reader.value(hop, columnOf("transitDelayNs")),
      reader.value(hop, columnOf("queueDepth")),
      reader.timestampUs(hop),
      shifted[reader.opaqueOffset(hop)],
    ]);
    expect(values).toEqual([
      [1, 64, -1, -1, 1_763_673_600_000_001, 1],
      [2, 63, -1, -1, 1_763_673_600_000_002, 2],
      [3, 62, -1, -1, 1_763_673_600_000_003, 3],
    ]);
    expect(reader.has(columnOf("transitDelayNs"))).toBe(true);
    expect(reader.has(columnOf("queueDepth"))).toBe(false);
  });

  test("forgets the type before", () => {
    const reader = new TraceReader();
    reader.read(shifted, 3, bytes.length);
    const other = encodeIoamTrace({ namespaceId: 1, traceType: traceTypeBit(6), hops: [{ queueDepth: 5 }] });
    expect(reader.read(other, 0, other.length)).toBe(true);
    expect(reader.value(0, columnOf("queueDepth"))).toBe(5);
    expect(reader.value(0, columnOf("nodeId"))).toBe(-1);
    expect(reader.malformed).toBe(null);
  });

  test("an unknown column is refused by name", () => expect(() => columnOf("colour")).toThrow("colour"));
});

test("the table's sums", () => {
  expect(undefinedTraceBits).toBe(0x000ffd);
  expect([1, 2, 3, 4, 5, 6, 7, 11].map((bit) => nodeLengthOf(traceTypeBit(bit)))).toEqual(Array(8).fill(1));
  expect([8, 9, 10].map((bit) => nodeLengthOf(traceTypeBit(bit)))).toEqual([2, 2, 2]);
  expect(nodeLengthOf(traceTypeBit(22))).toBe(0);
  expect(nodeLengthOf(0xfe0000)).toBe(7);
  expect(ioamFields.every(({ layout, size }) => layout === null || layout.size === size)).toBe(true);
  expect([48, 72, 84, 244].map(hopByHopLength)).toEqual([64, 88, 104, 264]);
});

import { describe, expect, test } from "vitest";
import { tunnelOverhead, type OuterFamily, type TunnelKind } from "../tunnel-overhead.ts";
import { encodeIoamTrace } from "./encode.ts";
import { ioamFields, maxTraceData, undefinedTraceBits } from "./fields.ts";
import { insertedBytesOf, narrowerType, nodeBytesOf, planTrace, type PlanRequest } from "./plan.ts";

const request: PlanRequest = { traceType: 0xfe_0000, hops: 3, mode: "inline", linkMtu: 1500, schemaWords: 0 };

describe("a plan", () => {
  // The demo's trace: 84 bytes of data cost 104 of each packet.
  test("of three nodes", () => {
    const { fields, header, ...figures } = planTrace(request);
    expect(figures).toMatchObject({ nodeBytes: 28, dataBytes: 84, size: 84, roomForHops: 3, mostHops: 8 });
    expect(figures).toMatchObject({ insertedBytes: 104, mtu: 1396, tcpMss: 1336, tunnel: null });
    expect(fields.map(({ bit }) => bit)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(header.map(({ bytes }) => bytes)).toEqual([4, 4, 8, 84, 4]);
  });

  test.each<[Partial<PlanRequest>, object]>([
    [{ hops: 8 }, { size: 224, insertedBytes: 240, roomForHops: 8 }],
    [{ hops: 9 }, { dataBytes: 252, size: 224, roomForHops: 8, insertedBytes: 240, mtu: 1260 }],
    [
      { traceType: 0x00_0002, schemaWords: 61, hops: 2 },
      { size: 244, roomForHops: 0, mostHops: 0 },
    ],
    [{ size: 60 }, { dataBytes: 84, size: 60, roomForHops: 2, insertedBytes: 80 }],
    [{ mode: "encap" }, { insertedBytes: 144, mtu: 1356, tcpMss: 1296 }],
    [{ tunnel: { kind: "gue", outer: "ipv6" } }, { mtu: 1500 - 52 - 104, tunnel: { name: "gue", bytes: 52 } }],
    [
      { traceType: 0x00_0002, schemaWords: 11 },
      { nodeBytes: 48, size: 144 },
    ],
    [
      { traceType: 0x80_0000, hops: 61 },
      { size: 244, mostHops: 61 },
    ],
    [{ linkMtu: 9000 }, { mtu: 8896 }],
    [{ edgeToEdge: true }, { insertedBytes: 128, mtu: 1372 }],
    [{ edgeToEdge: true, hops: 2 }, { insertedBytes: 96 }],
  ])("%j", (change, expected) => expect(planTrace({ ...request, ...change })).toMatchObject(expected));

  test("counts for a node what an encoded node takes, for each bit that is defined", () => {
    for (const { bit } of ioamFields) {
      const traceType = 0x80_0000 >>> bit;
      if ((traceType & undefinedTraceBits) !== 0) continue;
      const opaqueState = { schemaId: 7, length: 2, data: "0x0102030405060708" };
      const encoded = encodeIoamTrace({ namespaceId: 1, traceType, hops: [{ opaqueState }] });
      expect(nodeBytesOf(traceType, 2), `bit ${bit}`).toBe(encoded.length - 8);
    }
  });
});

test.each<[TunnelKind, number, number]>([
  ["ipip", 20, 40],
  ["gre", 24, 44],
  ["fou", 28, 48],
  ["gue", 32, 52],
  ["geneve", 36, 56],
])("%s makes packets longer by %i over IPv4, %i over IPv6", (kind, ipv4, ipv6) => {
  const overhead = (outer: OuterFamily): number => tunnelOverhead(kind, outer);
  expect([overhead("ipv4"), overhead("ipv6")]).toEqual([ipv4, ipv6]);
});

test("what is inserted is whole units of 8 bytes, of any size", () => {
  for (let size = 4; size <= maxTraceData; size += 4) {
    const bytes = insertedBytesOf(size, "inline");
    expect(bytes % 8).toBe(0);
    expect(bytes - 16 - size).toBe(size % 8 === 0 ? 0 : 4);
    expect(insertedBytesOf(size, "encap")).toBe(bytes + 40);
  }
});

describe("a narrower type", () => {
  test.each<[number, number, number, number | null]>([
    [0xfe_0000, 8, 0, 0xfe_0000],
    [0xfe_0000, 9, 0, 0xfa_0000],
    [0xff_f002, 3, 2, 0xff_f002],
    [0xff_f002, 9, 2, 0xfa_0000],
    [0xff_f002, 61, 255, 0x80_0000],
    [0xff_f002, 62, 0, null],
    [0x00_0002, 5, 255, null],
  ])("than 0x%s for %i nodes", (type, hops, schemaWords, expected) =>
    expect(narrowerType(type, hops, schemaWords)).toBe(expected),
  );

  test("always fits, and asks for nothing that was not asked for", () => {
    for (let hops = 1; hops <= 61; hops++) {
      const narrower = narrowerType(0xff_f000, hops, 0) ?? 0;
      expect(narrower & ~0xff_f000).toBe(0);
      expect(nodeBytesOf(narrower, 0) * hops).toBeLessThanOrEqual(maxTraceData);
    }
  });
});

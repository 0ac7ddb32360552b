/** Every trace that Hopmark may put on the wire, judged by tshark. */
import { describe, expect, test } from "vitest";
import {
  encodeIoamTrace,
  encodePacket,
  fromHex,
  hopByHopLength,
  ioamFields,
  nodeLengthOf,
  toHex,
  traceTypeBit,
  decodePacket,
  ipv6,
  mac,
  type IoamHop,
  type IoamTrace,
} from "../../src/wire/index.ts";
import { isInstalled, tsharkComplaints, tsharkFields } from "./tools.ts";

interface Case {
  readonly name: string;
  readonly traceType: number;
  readonly size: number;
}

const hex = (traceType: number): string => `0x${traceType.toString(16).padStart(6, "0")}`;

const allTypes: Case[] = [
  ...Array.from({ length: 12 }, (_, bit) => traceTypeBit(bit)),
  ...Array.from({ length: 12 }, (_, bit) => traceTypeBit(bit) | traceTypeBit(22)),
  0xfff002,
  0xfff000,
  0xfe0000,
  0xf60000,
  0xf00000,
].map((traceType) => ({ name: `type ${hex(traceType)}`, traceType, size: 240 }));

const allSizes: Case[] = Array.from({ length: 61 }, (_, index) => (index + 1) * 4).map((size) => ({
  name: `size ${size}`,
  traceType: traceTypeBit(0),
  size,
}));

const hop = (nodeId: number): IoamHop => ({
  nodeId,
  hopLimit: 65 - nodeId,
  ingressId: nodeId === 1 ? null : nodeId * 10 + 1,
  egressId: nodeId * 10 + 2,
  timestampNs: `176367360000000${nodeId}000`,
  transitDelayNs: nodeId * 100,
  namespaceData: "0xdeadbeef",
  queueDepth: nodeId * 1000,
  checksumComplement: null,
  nodeIdWide: String(2 ** 40 + nodeId),
  ingressIdWide: nodeId * 100_000 + 1,
  egressIdWide: nodeId * 100_000 + 2,
  namespaceDataWide: "0xdeadbeefcafedeca",
  bufferOccupancy: nodeId,
  opaqueState: { schemaId: 7, length: 3, data: toHex(new TextEncoder().encode("4n-aligned!!")) },
});

/** As many hops as fit, three at most. */
const traceOf = ({ traceType, size }: Case): IoamTrace => {
  const entry = nodeLengthOf(traceType) * 4 + ((traceType & traceTypeBit(22)) === 0 ? 0 : 16);
  const count = Math.min(3, Math.floor(size / entry));
  return {
    namespaceId: 123,
    traceType,
    flags: { overflow: false, loopback: false, active: false },
    nodeLength: nodeLengthOf(traceType),
    remainingWords: (size - count * entry) / 4,
    hops: Array.from({ length: count }, (_, index) => hop(index + 1)),
  };
};

const packetOf = (trace: IoamTrace): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { source: mac("2e:fe:7c:b0:c7:72"), destination: mac("2e:fe:7c:b0:c7:73") } },
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "hop-by-hop", options: [{ kind: "ioam", ioamType: 0, reserved: 0, trace }] },
    { protocol: "udp", header: { sourcePort: 40001, destinationPort: 40002 } },
    { protocol: "payload", bytes: new Uint8Array(4) },
  ]);

const cases = [...allTypes, ...allSizes];
const packets = cases.map((own) => packetOf(traceOf(own)));

test.each(cases.map((own, index) => ({ ...own, bytes: packets[index]! })))(
  "$name: lies as the size says and decodes",
  (own) => {
    const packet = decodePacket(own.bytes);
    const layer = packet.layers[2]!;
    expect(layer).toMatchObject({ protocol: "hop-by-hop", length: hopByHopLength(own.size) });
    // The option starts 4n from the header's start.
    expect(toHex(own.bytes, layer.offset + 2, 6)).toBe(`0x010031${(own.size + 10).toString(16).padStart(2, "0")}0000`);
    expect(toHex(encodePacket(packet.layers))).toBe(toHex(own.bytes));
  },
);

describe.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))("tshark", () => {
  test("complains about no type and no size", () => {
    const complaints = tsharkComplaints(packets).map((complaint, index) => ({ ...cases[index], complaint }));
    expect(complaints.filter(({ complaint }) => complaint !== "")).toEqual([]);
  });

  test("complains about the opaque state alone, whose node length is rightly 0", () => {
    const [complaint] = tsharkComplaints([packetOf(traceOf({ name: "", traceType: traceTypeBit(22), size: 48 }))]);
    expect(complaint).toContain("NodeLen");
  });

  test("complains about a trace whose node length is wrong", () => {
    const wrong = { ...traceOf(cases[0]!), nodeLength: 3 };
    expect(tsharkComplaints([packetOf(wrong)])[0]).not.toBe("");
  });

  test("reads every field of 0xfff002 as it was written", () => {
    const names = {
      hlim: "64,64", id: "0x000001", iif: "0xffff", eif: "0x000c", tss: "0x691f8600", tsf: "0x00000001", trdelay: "0x00000064",
      nsdata: "0xdeadbeef", qdepth: "0x000003e8", csum: "0xffffffff", id_wide: "0x0000010000000001",
      iif_wide: "0x000186a1", eif_wide: "0x000186a2", nsdata_wide: "0xdeadbeefcafedeca", bufoccup: "0x00000001",
      "oss.len": "3", "oss.scid": "0x000007", "oss.data": toHex(new TextEncoder().encode("4n-aligned!!")).slice(2),
    }; // prettier-ignore
    const field = (name: string): string => `ipv6.opt.ioam.trace.node.${name}`;
    const trace = { ...traceOf({ name: "", traceType: 0xfff002, size: 244 }), hops: [hop(1)], remainingWords: 0 };
    const [seen] = tsharkFields([packetOf(trace)], Object.keys(names).map(field));
    expect(seen).toEqual(Object.fromEntries(Object.entries(names).map(([name, value]) => [field(name), value])));
  });

  test("knows each defined bit by its place in the field table", () => {
    const flags = Array.from({ length: 12 }, (_, bit) => `ipv6.opt.ioam.trace.type.bit${bit}`);
    const seen = tsharkFields(packets.slice(0, 12), flags);
    seen.forEach((values, bit) => {
      expect(Object.values(values).map((value) => value === "1" || value === "True")).toEqual(
        flags.map((_, index) => index === bit),
      );
    });
  });
});

test("the bytes of Linux and of a hand-made node on aramis' wire decode, and encode to the same bytes", () => {
  const header = fromHex(
    "11 0a 01 00 | 31 52 00 00 | 00 7b 30 06 f6 00 00 00" +
      "00".repeat(24) +
      "3e000003 001fffff 6b006887 000e03a9 ffffffff ffffffff" +
      "3f000002 00150016 6b006887 000e03a3 cafedeca 00000000",
  );
  const front = encodePacket([{ protocol: "ipv6", header: { nextHeader: 0, payloadLength: header.length + 8 } }]);
  const udp = encodePacket([{ protocol: "udp", header: { sourcePort: 1, destinationPort: 2, checksum: 0 } }]);
  const bytes = Uint8Array.of(...front, ...header, ...udp);
  const packet = decodePacket(bytes, { linkType: 229 });
  expect(packet.layers.map(({ protocol }) => protocol)).toEqual(["ipv6", "hop-by-hop", "udp"]);
  expect(packet.layers[1]).toMatchObject({
    header: { nextHeader: 17, headerExtLen: 10 },
    options: [
      { kind: "padn" },
      {
        kind: "ioam",
        ioamType: 0,
        trace: {
          namespaceId: 123,
          traceType: 0xf60000,
          nodeLength: 6,
          remainingWords: 6,
          flags: { overflow: false, loopback: false, active: false },
          hops: [
            {
              nodeId: 2,
              ingressId: 21,
              egressId: 22,
              hopLimit: 63,
              timestampNs: "1795188871918435000",
              namespaceData: "0xcafedeca",
              queueDepth: 0,
            },
            {
              nodeId: 3,
              ingressId: 31,
              egressId: null,
              hopLimit: 62,
              timestampNs: "1795188871918441000",
              namespaceData: null,
              queueDepth: null,
            },
          ],
        },
      },
    ],
  });
  expect(toHex(encodePacket(packet.layers))).toBe(toHex(bytes));
});

test("the field table has each of the 24 bits once, in order", () => {
  expect(ioamFields.map(({ bit }) => bit)).toEqual(Array.from({ length: 24 }, (_, bit) => bit));
  expect(nodeLengthOf(0xfff002)).toBe(15);
  expect(nodeLengthOf(0xffffff)).toBe(25);
  expect(encodeIoamTrace({ namespaceId: 1, traceType: 0, hops: [] }).length).toBe(8);
});

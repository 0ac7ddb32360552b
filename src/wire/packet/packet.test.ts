import { describe, expect, test } from "vitest";
import { goldenPackets } from "../../../tests/golden/packets.ts";
import { ipv4, ipv6 } from "../address.ts";
import { checksum, pseudoHeaderSum, sumWords } from "../checksum.ts";
import { fromHex, toHex } from "../hex.ts";
import { LinkType } from "../numbers.ts";
import { decodePacket } from "./decode.ts";
import { encodePacket } from "./encode.ts";
import { formatPacket } from "./format.ts";
import { packetToJson } from "./json.ts";
import type { LayerInput } from "./registry.ts";
import { maxLayers, PacketWalk } from "./walk.ts";

const golden = goldenPackets.map(({ layers }) => encodePacket(layers));

/** The first golden packet of these layers. */
const goldenOf = (...protocols: readonly string[]): Uint8Array => {
  const index = goldenPackets.findIndex(
    ({ layers }) => layers.map(({ protocol }) => protocol).join(" ") === protocols.join(" "),
  );
  return golden[index]!;
};

const check = (bytes: Uint8Array, linkType: number): void => {
  const packet = decodePacket(bytes, { linkType });
  // Every byte belongs to one layer, in order.
  let at = 0;
  for (const { offset, length } of packet.layers) {
    if (offset !== at) expect(offset).toBe(at);
    at += length;
  }
  if (at !== bytes.length) expect(at).toBe(bytes.length);
  if (Buffer.compare(encodePacket(packet.layers), bytes) !== 0)
    expect(toHex(encodePacket(packet.layers))).toBe(toHex(bytes));
  JSON.stringify(packetToJson(packet));
  formatPacket(packet, { verbose: 2, link: true });
  formatPacket(packet);
};

describe("any front", () => {
  test("every front of every golden packet", () => {
    for (const bytes of golden)
      for (let length = 0; length <= bytes.length; length++) check(bytes.slice(0, length), LinkType.Ethernet);
  });
});

const text = (bytes: Uint8Array, linkType: number = LinkType.Ethernet): string => formatPacket({ bytes, linkType });

test.each([
  [0, "ether"],
  [13, "ether"],
  [14, "ip6"],
  [53, "ip6"],
  [54, "hbhopt"],
  [54 + 103, "hbhopt"],
  [54 + 104, "udp"],
  [54 + 111, "udp"],
])("cut after %d bytes, it stops at [|%s]", (length, where) => {
  const bytes = golden[3]!.slice(0, length);
  expect(decodePacket(bytes).truncated).toBe(where);
  expect(text(bytes).endsWith(`[|${where}]`)).toBe(true);
});

test("a header that contradicts itself is said to, and its bytes are payload", () => {
  const bytes = goldenOf("ethernet", "ipv4", "tcp").slice();
  bytes[14 + 20 + 12] = 0x40;
  const packet = decodePacket(bytes);
  expect(packet).toMatchObject({ truncated: null, malformed: "tcp" });
  expect(packet.layers.map(({ protocol }) => protocol)).toEqual(["ethernet", "ipv4", "payload"]);
  expect(text(bytes)).toBe("IP 10.0.0.2.40000 > 10.0.0.3.5201:  tcp 24 [bad hdr length 16 - too short, < 20]");
});

test("a snapped capture still knows its lengths", () => {
  const whole = encodePacket([
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "tcp", header: { sourcePort: 1, destinationPort: 2, sequence: 10, ack: 1 } },
    { protocol: "payload", bytes: new Uint8Array(1000) },
  ]);
  const packet = decodePacket(whole.slice(0, 256), { linkType: LinkType.Ipv6, wireLength: whole.length });
  expect(packet).toMatchObject({ truncated: null, malformed: null, wireLength: 1060 });
  expect(formatPacket(packet)).toBe("IP6 db01::1.1 > db02::2.2: Flags [.], seq 10:1010, ack 0, win 0, length 1000");
});

test("a packet of nothing but extension headers is bounded", () => {
  const layers: LayerInput[] = [{ protocol: "ipv6" }];
  for (let count = 0; count < 500; count++) layers.push({ protocol: "destination-options" });
  const bytes = encodePacket(layers);
  const packet = decodePacket(bytes, { linkType: LinkType.Ipv6 });
  expect(packet.layers.length).toBe(maxLayers + 1);
  expect(packet.layers.at(-1)!.protocol).toBe("payload");
  expect(toHex(encodePacket(packet.layers))).toBe(toHex(bytes));
});

describe("filling in", () => {
  const six: LayerInput = { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2") } };
  const four: LayerInput = { protocol: "ipv4", header: { source: ipv4("10.0.0.1"), destination: ipv4("10.0.0.2") } };

  test("a UDP checksum that comes out as 0 is sent as 0xffff", () => {
    const packet = (last: number): Uint8Array =>
      encodePacket([six, { protocol: "udp" }, { protocol: "payload", bytes: Uint8Array.of(last >> 8, last & 0xff) }]);
    const sums = Array.from({ length: 0x1_0000 }, (_, last) => {
      const bytes = packet(last);
      return (bytes[46]! << 8) | bytes[47]!;
    });
    expect(sums.includes(0)).toBe(false);
    expect(sums.filter((sum) => sum === 0xffff).length).toBeGreaterThan(0);
  });

  test("inner checksums are right in tunnels, quotations and behind extension headers", () => {
    const bytes = encodePacket([
      four,
      six,
      { protocol: "hop-by-hop", options: [] },
      { protocol: "tcp" },
      { protocol: "payload", bytes: Uint8Array.of(1, 2, 3) },
    ]);
    expect(checksum(bytes, 0, 20)).toBe(0);
    const length = bytes.length - 68;
    expect(sumWords(bytes, 68, length, pseudoHeaderSum(bytes, 20, 6, length)) % 0xffff).toBe(0);
  });

  test("trailers lie outside the lengths of the headers that they follow", () => {
    const layers: LayerInput[] = [
      four,
      six,
      { protocol: "udp" },
      { protocol: "payload", bytes: new Uint8Array(3) },
      { protocol: "trailer", bytes: new Uint8Array(5), depth: 2 },
      { protocol: "trailer", bytes: new Uint8Array(7), depth: 1 },
      { protocol: "trailer", bytes: new Uint8Array(9) },
    ];
    const bytes = encodePacket(layers);
    expect(decodePacket(bytes, { linkType: LinkType.Ipv4 }).layers).toMatchObject([
      { header: { totalLength: 20 + 40 + 8 + 3 + 5 + 7 } },
      { header: { payloadLength: 8 + 3 + 5 } },
      { header: { length: 8 + 3 } },
      { protocol: "payload", length: 3 },
      { protocol: "trailer", length: 5, depth: 2 },
      { protocol: "trailer", length: 7, depth: 1 },
      { protocol: "trailer", length: 9 },
    ]);
  });

  test("what does not fit its field is refused", () => {
    const huge: LayerInput = { protocol: "payload", bytes: new Uint8Array(70_000) };
    expect(() => encodePacket([six, huge])).toThrow("ipv6 payload: 70000 bytes do not fit");
    expect(() => encodePacket([four, huge])).toThrow("ipv4: 70020 bytes do not fit");
    const option = { kind: "unknown", type: 7, data: new Uint8Array(60) } as const;
    expect(() => encodePacket([{ protocol: "ipv4", options: [option] }])).toThrow("ipv4 header");
    expect(() => encodePacket([{ protocol: "nothing" as "udp" }])).toThrow("nothing is not a protocol");
  });

  test("given values are kept, right or wrong", () => {
    const header = { source: ipv6("::1"), destination: ipv6("::2"), payloadLength: 9, nextHeader: 200, version: 7 };
    expect(
      toHex(
        encodePacket([
          { protocol: "ipv6", header },
          { protocol: "udp", header: { checksum: 0 } },
        ]),
      ),
    ).toBe(`0x700000000009c840${"00".repeat(15)}01${"00".repeat(15)}020000000000080000`);
  });
});

test("JSON has bigints as decimals and bytes as hexadecimal", () => {
  const layers: LayerInput[] = [
    { protocol: "ipv4", options: [{ kind: "pval", reserved: 0, cpu: 3, seq: 2n ** 63n + 1n }] },
    { protocol: "payload", bytes: fromHex("beef") },
  ];
  expect(packetToJson(decodePacket(encodePacket(layers), { linkType: LinkType.Raw }))).toMatchObject({
    layers: [{ options: [{ kind: "pval", cpu: 3, seq: "9223372036854775809" }] }, { bytes: "0xbeef" }],
  });
});

test("a mark is the bytes that pval puts on the wire", () => {
  const bytes = encodePacket([{ protocol: "ipv4", options: [{ kind: "pval", reserved: 0, cpu: 2, seq: 0x0102n }] }]);
  expect(toHex(bytes, 20)).toBe("0xde0c00020201000000000000");
  expect(bytes[0]).toBe(0x48);
});

test("a walk is reusable and makes no new spans", () => {
  const walk = new PacketWalk();
  walk.walk(golden[3]!);
  const spans = [...walk.spans];
  walk.walk(golden[0]!);
  walk.walk(golden[3]!);
  expect(walk.spans.every((span, index) => span === spans[index])).toBe(true);
  expect(walk.spans.slice(0, walk.count).map(({ protocol }) => protocol.name)).toEqual([
    "ethernet",
    "ipv6",
    "hop-by-hop",
    "udp",
    "payload",
  ]);
});

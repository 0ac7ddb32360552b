/** Protocols of a header and bytes: what encoders fill in, what decoders give, and what is said of any front of a message. */
import { describe, expect, test } from "vitest";
import { control } from "../../../tests/golden/captures/control.ts";
import { services } from "../../../tests/golden/captures/services.ts";
import { checksum } from "../checksum.ts";
import { fromHex, toHex } from "../hex.ts";
import { LinkType } from "../numbers.ts";
import { decodePacket } from "../packet/decode.ts";
import { encodePacket } from "../packet/encode.ts";
import { formatPacket } from "../packet/format.ts";
import type { LayerInput } from "../packet/registry.ts";

const ip: LayerInput = { protocol: "ipv4" };
const ipHeader = 20;
const message = (layer: LayerInput): Uint8Array => encodePacket([ip, layer]).subarray(ipHeader);

describe("what is left out is filled in", () => {
  test.each([
    ["igmp", "1100eeff"],
    ["vrrp", "2101640000017afd"],
    ["pim", "2000dfff"],
    ["esp", "0000000000000000"],
    ["ospf", `0201${"00".repeat(12)}`],
    ["sctp", "00".repeat(12)],
  ] as const)("%s", (protocol, hex) => {
    expect(toHex(message({ protocol }))).toBe(`0x${hex}`);
  });

  test("checksums are right, and given ones stay", () => {
    for (const protocol of ["igmp", "vrrp", "pim"] as const) {
      const bytes = message({ protocol, data: fromHex("0a000001 00") });
      expect(checksum(bytes, 0, bytes.length)).toBe(0);
    }
    expect(toHex(message({ protocol: "igmp", header: { checksum: 7 } }))).toBe("0x11000007");
  });
});

test("a message's fields, and the bytes behind them", () => {
  const bytes = encodePacket([ip, { protocol: "igmp", header: { type: 0x16 }, data: fromHex("e0000005") }]);
  const [, igmp] = decodePacket(bytes, { linkType: LinkType.Ipv4 }).layers;
  expect(igmp).toMatchObject({ protocol: "igmp", header: { type: 0x16, checksum: 0x09fa }, data: fromHex("e0000005") });
});

test("labels end where the last one says, and LLC is as long as its control field says", () => {
  const frame = encodePacket([
    { protocol: "ethernet" },
    { protocol: "mpls", labels: [{ label: 16 }, { label: 17 }] },
    { protocol: "ipv6" },
  ]);
  expect(toHex(frame.subarray(14, 22))).toBe("0x0001004000011140");
  expect(decodePacket(frame).layers.map(({ length }) => length)).toEqual([14, 8, 40]);
  for (const [hex, length] of [["424203", 3], ["42420100", 4], ["42420000", 4]] as const) {
    const layers: LayerInput[] = [{ protocol: "ethernet" }, { protocol: "payload", bytes: fromHex(hex) }];
    const [, llc] = decodePacket(encodePacket(layers)).layers;
    expect(llc).toMatchObject({ protocol: "llc", length });
  } // prettier-ignore
});

test("PPP says what it carries by a number of its own", () => {
  const bytes = encodePacket([{ protocol: "ethernet" }, { protocol: "pppoe", header: { session: 1 } }, { protocol: "ppp" }, { protocol: "ipv6" }]); // prettier-ignore
  expect(toHex(bytes.subarray(12, 22))).toBe("0x886411000001002a0057");
  expect(decodePacket(bytes).layers.map(({ protocol }) => protocol)).toEqual(["ethernet", "pppoe", "ppp", "ipv6"]);
});

test.each([...control, ...services])("every front of $name has its line", ({ packets }) => {
  for (const bytes of packets) {
    for (let length = 14; length <= Math.min(bytes.length, 120); length++) {
      const front = bytes.subarray(0, length);
      const packet = length % 3 === 0 ? { bytes: front } : { bytes: front, wireLength: bytes.length };
      const text = formatPacket(packet, length % 3 === 1 ? {} : { verbose: 2, link: true });
      if (/undefined|NaN|\[object/.test(text)) expect({ front: toHex(front), text }).toBe("a line");
    }
  }
});

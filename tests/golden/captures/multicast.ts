/** What multicast needs: MLD, PIM; and what routers of IPv6 tell. */
import { fromHex, ipv6, type LayerInput } from "../../../src/wire/index.ts";
import { aramis, athos, capture, frame, left, raw, right } from "./build.ts";

const none = "0".repeat(32);
const group = "ff020000000000000000000000000005";
const source = "20010db8000000000000000000000001";

const icmpv6 = (hex: string): Uint8Array => {
  const bytes = fromHex(hex);
  const over: LayerInput = {
    protocol: "ipv6",
    header: { source: athos, destination: ipv6("ff02::1"), hopLimit: 255, nextHeader: 58 },
  };
  return frame(over, { protocol: "payload", bytes });
};
const advertisement = (...options: readonly string[]): Uint8Array =>
  icmpv6(`8600 0000 40 c8 0708 00000000 00000000 ${options.join("")}`);

const pim = (hex: string): Uint8Array =>
  frame({ protocol: "ipv4", header: { source: left, destination: right, ttl: 1, protocol: 103 } }, raw(hex));
const pim6 = (hex: string): Uint8Array =>
  frame({ protocol: "ipv6", header: { source: athos, destination: aramis, hopLimit: 1, nextHeader: 103 } }, raw(hex));
const within = "45000014000700000000 0000 0a000002 e0000005";
const joins = `2300 0000 0100 0a000001 00 02 00d2 0100 0420 e0000005 0002 0001 0100 0720 0a000009 0100 f818 0a00000b 0100 0020 0a00000a 0100 8010 e8000000 0000 0000`;
const point = "0100 0a00000a 0096 05 00";

export const multicast = [
  capture("PIM with -v", [
    "2000 0000 0001 0002 0069 0002 0004 81f4 09c4 0013 0004 00000001 0014 0004 12345678 0015 0004 01 1e 0000 0015 0004 02 00 0102 0016 0000 0018 000c 0100 0a000009 0100 0a00000a 0012 0000 0011 0002 0102 fde9 0000",
    ...["0001 0004 00690000", "0002 0002 0001", "0013 0003 000001", "0014 0002 0001", "0015 0003 010000", "0001 0009 0069", "0001", "0001 0002 ffff", "0001 0002 0000", "0018 0007 0100 0a000001 01"].map((option) => `2000 0000 ${option}`),
    `2100 0000 00000000 ${within}`, `2100 deff 00000000 ${within}`, `2100 dead 80000000 ${within}`, `2100 0000 40000000 ${within}`, `2100 0000 c0000000 6000000000003b40 ${source} ${group}`, "2100 0000 00000000", "2100 0000 0000", "2100 0000 00000000 50", "2100 0000 00000000 4500",
    joins, "2300 0000 0100 0a000001 0000 ffff", "2300 0000 0100 0a000001 0001 00d2 0100 0020", "2300 0000 0100 0a000001 00", "2300 0000 0300 0a000001 0001", "2600 0000 0100 0a000001 0001 00d2 0100 0020 e0000005 0000 0001 0100 0020 0a000009",
    "2200 0000 0100 0020 e0000005 0100 0a000009", "2200 0000 0100 0020 e0000005", "2500 0000 0100 0020 e0000005 0100 0a000009 80000001 00000002", "2500 0000 0100 0018 e0000005 0100 0a000009 00000001 00000002",
    `2400 0000 1234 1e 05 0100 0a000009 0100 0004 e0000000 02 02 0000 ${point} ${point} 0100 0004 e8000000 00 00 0000`, "2400 0000 1234 1e05 0100 0a000009", "2400 0000 1234 1e05", "2400 0000 12",
    "2800 0000 01 05 0096 0100 0a000009 0100 0004 e0000000", "2800 0000 02 05 ffff 0100 0a000009 0100 0004 e0000000", "2800 0000 00 05 0000 0100 0a000009", "2800 0000 01",
    "2900 0000 0100 0a000009 0100 0020 e0000005 0100 0a000001 8000 0001 00000002 1e 80 40 05", "2a00 0000 0100 0a000009 00000001 00000002", "2a00 0000",
    "2b00 0000 01020304", "2d00 0000 01", "2000 dffe 0001 0002 0000", "2000", "20", "30 00 0000",
  ].map(pim)), // prettier-ignore
  capture("PIM over IPv6", [
    "2000 0000 0001 0002 0069", "2000 c5fb 0001 0002 0069", `2000 0000 0018 0012 0200 ${source}`, `2300 0000 0200 ${source} 0001 00d2 0200 0080 ${group} 0001 0000 0200 0680 ${source}`,
  ].map(pim6)), // prettier-ignore
  capture("PIM's acknowledgements of grafts", [
    pim("2700 0000 0100 0a000001 0001 00d2 0100 0020 e0000005 0000 0001 0100 0020 0a000009"),
  ]),
  capture("MLD", [
    `8200 0000 2710 0000 ${none}`, `8200 0000 2710 0000 ${group}`, "8200 0000 2710", `8300 0000 0000 0000 ${group}`, `8300 0000 0005 0001 ${group} 01`, "8300 0000 0000 0000 ff02", `8400 0000 0000 0000 ${group}`,
  ].map(icmpv6)), // prettier-ignore
  capture("MLD, version 2", [
    `8200 0000 2710 0000 ${group} 0a 7d 0002 ${source} ${source}`, `8200 0000 ffff 0000 ${group} 07 ff 0000`, `8200 0000 8001 0000 ${none} 00 00 0000`, `8200 0000 2710 0000 ${group} 02 7d 0003 ${source}`, `8200 0000 2710 0000 ${group} 0a7d00`,
    `8f00 0000 0000 0006 ${[1, 2, 3, 4, 5, 6].map((type) => `0${type} 00 0001 ${group} ${source}`).join("")}`, `8f00 0000 0000 0003 0400 0000 ${group}`, "8f00 0000 0000", `8f00 0000 0000 0001 09 00 0005 ${group} ${source}`, "8f00 0000 0000 0000",
  ].map(icmpv6)), // prettier-ignore
  capture("what routers of IPv6 tell", [
    advertisement(`1803 40 08 00000e10 ${source}`, "1802 20 18 ffffffff 20010db800000000", "1801 00 10 00000e10", "1801 00 00 00000000"),
    advertisement("0701 0000 00000064", "0801 0000 0001 0708", "0501 0000 000005dc", "0e01 010203040506"),
    advertisement(`1905 0000 ffffffff ${source} ${group}`, "1901 0000 00000e10", "1f03 0000 00000e10 07 6578616d706c65 03 636f6d 00 00 00 00"),
    advertisement("1f02 0000 00000e10 00 00000000000000", "1f03 0000 00000e10 01 61 00 01 62 01 63 00 00000000 00000000"),
    ...["1f02 0000 00000e10 07 6578616d706c65", "1f02 0000 00000e10 3f 6578616d706c65", "1f02 0000 00000e10 c0 6578616d706c65", `1804 40 08 00000e10 ${source} 0000000000000000`, "1902 0000 00000e10 0102030405060708", "0702 0000 000005dc 0102030405060708", "09", "0900", "1902 0000"].map((option) => advertisement(option)),
    icmpv6(`8900 0000 00000000 ${source} ${source} 0402 000000000000 4500002000000000`),
  ]), // prettier-ignore
  ...[70, 84].map((snapLength) =>
    capture(
      `multicast cut after ${snapLength} bytes`,
      [
        icmpv6(`8200 0000 2710 0000 ${group}`),
        icmpv6(`8200 0000 2710 0000 ${group} 0a 7d 0002 ${source} ${source}`),
        icmpv6(`8f00 0000 0000 0002 0400 0001 ${group} ${source}`),
        advertisement(`1905 0000 ffffffff ${source} ${group}`),
      ],
      { snapLength },
    ),
  ),
];

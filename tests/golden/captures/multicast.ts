/** What multicast needs: MLD, PIM; and what routers of IPv6 tell. */
import { fromHex, ipv6, type LayerInput } from "../../../src/wire/index.ts";
import { athos, capture, frame } from "./build.ts";

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

export const multicast = [
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

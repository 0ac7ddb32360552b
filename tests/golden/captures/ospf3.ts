/** OSPF, version 3, in full, with `-vv`. */
import { aramis, athos, capture, frame, raw } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const size = (bytes: string): number => bytes.replaceAll(" ", "").length / 2;

/** `length`: what it says to be long. */
const ospf = (type: number, body = "", area = "00000000", instance = 0, length = 16 + size(body)): Uint8Array =>
  frame(
    { protocol: "ipv6", header: { source: athos, destination: aramis, hopLimit: 1, nextHeader: 89 } },
    raw(`03 ${hex(type)} ${hex(length, 2)} 0a000002 ${area} 0000 ${hex(instance)} 00 ${body}`),
  );
const hello = (options: string, neighbours = "", routers = "0a000002 0a000003"): string => `00000007 01 ${options} 000a 0028 ${routers} ${neighbours}`; // prettier-ignore
const advertised = (type: string, body = ""): string => `0001 ${type} 00000001 0a000002 80000001 1234 ${hex(20 + size(body), 2)} ${body}`; // prettier-ignore
const update = (...all: readonly string[]): Uint8Array => ospf(4, hex(all.length, 4) + all.join(""));
const link = (type: number): string => `${hex(type)} 00 000a 00000005 00000006 0a000003`;
const prefix = "40 00 0000 20010db800010000";
const address = "20010db8000000000000000000000001";

export const ospf3 = [
  capture("OSPF, version 3", [
    ospf(1, hello("000013", "0a000009 0a000008")), ospf(1, hello("ffffff", "", "00000000 00000000"), "00000001", 5), ospf(1, hello("000000")), ospf(1, "00000007 01 000013 000a"), ospf(1, hello("000013"), "00000000", 0, 64),
    ...[0, 1, 2, 4, 15].map((flags) => ospf(2, `00 000013 05dc 00 ${hex(flags)} 00001234`)),
    ospf(2, `00 000013 05dc 00 07 00001234 ${["2001", "2002", "0008", "4005", "a00b", "6123", "200a"].map((type) => advertised(type).replace("00000001", "00000007")).join("")}`),
    ospf(3, ["2001", "0008", "4005", "2007", "2004"].map((type) => `0000 ${type} 00000005 0a000002`).join("")), ospf(5, advertised("2001") + advertised("4005")), ospf(6, "0102"), ospf(4, "00000000"),
    update(advertised("2001", `07 000013 ${link(1)} ${link(2)} ${link(4)} ${link(9)} ${link(1)}`)), update(advertised("2001", "f8 000013")),
    update(advertised("2002", "00 000013 0a000002 0a000003"), advertised("2003", `00 000014 ${prefix}`)), update(advertised("2003", "00 000014 81 00 0000 20010db800010000")),
    update(advertised("4005", `07 000014 ${prefix} ${address} 00000007`)), update(advertised("4005", `00 000014 40 00 2001 20010db800010000 0a000001`)), update(advertised("4005", `05 000014 00 00 0000 00000007`)),
    update(advertised("0008", `01 000013 fe800000000000000000000000000001 00000002 ${prefix} 80 1f 0000 ${address}`)), update(advertised("2009", `0002 2001 00000000 0a000002 40 00 000a 20010db800010000 00 00 0001`)),
    update(advertised("2004", "00 000013 00 000014 0a000009"), advertised("2007", `07 000014 ${prefix}`), advertised("200b", "0102")), ospf(4, `00000002 ${advertised("2002", "00 000013 0a000002")}`), update(advertised("0008", `01 000013 fe800000000000000000000000000001 00000009 ${prefix}`)),
  ]), // prettier-ignore
  ...[90, 110].map((snapLength) =>
    capture(
      `OSPF, version 3, cut after ${snapLength} bytes`,
      [
        ospf(1, hello("000013", "0a000009 0a000008 0a000007")),
        ospf(2, `00 000013 05dc 00 07 00001234 ${advertised("2001")}`),
        ospf(3, "0000 2001 00000005 0a000002".repeat(4)),
        update(advertised("2001", `07 000013 ${link(1)} ${link(2)}`)),
      ],
      { snapLength },
    ),
  ),
];

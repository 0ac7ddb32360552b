/** Services that every network has: time, logs, booting, authentication, and SCTP. */
import { capture, four, frame, raw, six, text, udp } from "./build.ts";

const to =
  (port: number) =>
  (hex: string): Uint8Array =>
    frame(four, udp(49153, port), raw(hex));
const logs = (words: string): Uint8Array => frame(four, udp(5000, 514), text(words));
const ntp = (first: string): string =>
  `${first} 02 06 e9 00000a00 00000b00 0a000001 e5f6a7b0 40000000 e5f6a7b8 80000000 e5f6a7b8 90000000 e5f6a7b8 a0000000`;
const radius = (code: number, attributes = ""): string =>
  `${code.toString(16).padStart(2, "0")} 07 ${(20 + attributes.replaceAll(" ", "").length / 2).toString(16).padStart(4, "0")} ${"0a".repeat(16)} ${attributes}`;
const sctp = (chunks: string): Uint8Array =>
  frame({ protocol: "ipv4", header: { protocol: 132 } }, raw(`c350 0b59 00000001 00000000 ${chunks}`));

export const services = [
  capture("NTP", [
    ...["23", "24", "e3", "1b", "20", "21", "22", "25"].map((first) => to(123)(ntp(first))),
    frame(six, udp(123, 123), raw(ntp("24"))),
    to(123)("16 02 0001 00000000 00000000"),
    to(123)("17 00 03 2a 00000000"),
    to(123)("23"),
    to(123)(""),
  ]),
  capture("TFTP", [
    "0001 666f6f00 6f6374657400", "0002 666f6f00 6f6374657400 626c6b73697a6500 3134323800", "0003 0001 0102030405", "0004 0001",
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((code) => `0005 000${code} 6e6f7400`), "0006 626c6b73697a6500 3134323800", "0009 01", "00", "0001 666f6f", "0003",
  ].map(to(69))), // prettier-ignore
  capture("syslog", [
    ...Array.from({ length: 24 }, (_, facility) => logs(`<${facility * 8 + (facility % 8)}>Oct 11 22:14:15 athos su: \u00e9`)),
    ...["<999>z", "no priority", "<13", "", "<1234>x", "<13>"].map(logs),
  ]), // prettier-ignore
  capture("RADIUS", [
    ...[1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45, 99].map((code) => to(1812)(radius(code))),
    to(1813)(radius(4, "0105626f62 2806 00000001")),
    to(1645)("0107 0014 000102"),
    to(1812)(`0107 0004 ${"00".repeat(16)}`),
  ]),
  capture("DHCPv6", [
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99].map((type) => frame(six, udp(546, 547), raw(`${type.toString(16).padStart(2, "0")} 123456 0008 0002 0000`))),
    ...[12, 13].map((type) => frame(six, udp(547, 547), raw(`${type.toString(16).padStart(2, "0")} 00 ${"20".repeat(16)} ${"fe".repeat(16)}`))),
    ...["01", ""].map((hex) => frame(six, udp(546, 547), raw(hex))),
  ]), // prettier-ignore
  capture("SCTP", [
    ...["01000014 00000001 0001a000 000a 0800 00000001", "02000018 00000002 0001a000 000a 0800 00000001 00070004", "0a000008 01020304", "0b000004",
      "00030014 00000001 0001 0002 00000000 61626364", "00000013 00000001 0001 0002 0000002e 616263 00", "03000010 00000001 0001a000 0000 0000",
      "03000018 00000005 0001a000 0001 0001 0002 0003 00000002", "04000008 00010004", "05000008 00010004", "06000004", "07000008 00000001", "08000004",
      "09000004", "0e000004", "c0000008 00000001", "99000004", "0d000004", "0c000008 00000001",
      "0b000004 00030014 00000001 0001 0002 00000000 61626364", "00", "", "0003 0002", "00030030 00000001"].map(sctp),
    frame({ protocol: "ipv6", header: { nextHeader: 132 } }, raw("c350 0b59 00000001 00000000 0e000004")),
  ]), // prettier-ignore
  capture(
    "services cut by the snap length",
    [
      to(123)(ntp("24")),
      to(69)("0001 666f6f00 6f6374657400"),
      logs("<34>Oct 11 22:14:15"),
      to(1812)(radius(1)),
      sctp("01000014 00000001 0001a000 000a 0800 00000001"),
      frame(six, udp(546, 547), raw("01 123456")),
    ],
    { snapLength: 43 },
  ),
];

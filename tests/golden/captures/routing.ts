/** What routers and switches tell each other, in full with `-v`: CDP, OSPF, RIP, LACP. */
import { mac } from "../../../src/wire/index.ts";
import { capture, four, frame, left, packet, raw, right, udp } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const size = (bytes: string): number => bytes.replaceAll(" ", "").length / 2;

const none = "0000 0000000000000000";
/** A packet of this type; `more` goes behind what its length says. */
const ospf = (type: number, body = "", authentication = none, more = ""): Uint8Array =>
  frame(
    { protocol: "ipv4", header: { source: left, destination: right, ttl: 1, protocol: 89 } },
    raw(`02 ${hex(type)} ${hex(24 + size(body), 2)} 0a000002 00000000 0000 ${authentication} ${body} ${more}`),
  );
const hello = (options: string, neighbours = ""): string => `ffffff00 000a ${options} 01 00000028 0a000002 0a000003 ${neighbours}`; // prettier-ignore
const advertisement = (type: number, length = 36, more = ""): string => `0001 22 ${hex(type)} 0a000001 0a000002 80000001 1234 ${hex(length, 2)} ${more}`; // prettier-ignore
const advertised = (type: number, body: string): string => advertisement(type, 20 + size(body), body);
const links = (...all: readonly string[]): string => `0700 ${hex(all.length, 2)} ${all.join("")}`;
const update = (...all: readonly string[]): Uint8Array => ospf(4, hex(all.length, 4) + all.join(""));

const route = (family: number, tag: number, address: string, mask: string, hop: string, metric: number): string => `${hex(family, 2)}${hex(tag, 2)}${address}${mask}${hop}${hex(metric, 4)}`; // prettier-ignore
const plain = route(2, 0, "0a000000", "ff000000", "00000000", 1);
const rip = (hexadecimal: string): Uint8Array => frame(four, udp(520, 520), raw(hexadecimal));

const slow = (hexadecimal: string): Uint8Array =>
  packet({ protocol: "ethernet", header: { source: mac("02:00:00:00:00:01"), destination: mac("01:80:c2:00:00:02"), etherType: 0x8809 } }, raw(hexadecimal)); // prettier-ignore
const port = (type: number, state: number, length = 20): string => `${hex(type)} ${hex(length)} 8000 020000000001 0001 8000 0002 ${hex(state)} 000000`; // prettier-ignore

const chars = (words: string): string => Buffer.from(words, "latin1").toString("hex");
const field = (type: number, value = ""): string => hex(type, 2) + hex(4 + size(value), 2) + value;
const named = field(1, chars("athos.example"));
const cdp = (...fields: readonly string[]): Uint8Array => {
  const body = `aaaa03 00000c 2000 02b40000 ${fields.join("")}`;
  return packet({ protocol: "ethernet", header: { source: mac("02:00:00:00:00:01"), destination: mac("01:00:0c:cc:cc:cc"), etherType: size(body) } }, raw(body)); // prettier-ignore
};

export const routing = [
  capture("CDP", [cdp(), cdp(named)]),
  capture("CDP with -v", [
    cdp(named, field(2, "00000001 0101cc0004 0a000001"), field(3, chars("Gi0/1")), field(4, "00000028"), field(5, chars("Cisco IOS\nVersion 12")), field(6, chars("WS-C2960")), field(9, chars("domain")), field(10, "0001"), field(11, "01"), field(11, "00")),
    ...["00000002 0101cc0004 0a000001 0101cc0004 0a000002", "00000001 0208aaaa0300000086dd 0010 20010db8000000000000000000000001", "00000001 0101810004 0a000001", "00000001 0101cc00", "00000001", "0001"].flatMap((value) => [cdp(named, field(2, value)), cdp(named, field(22, value))]),
    ...["00000000", "ffffffff", "0001"].map((value) => cdp(named, field(4, value))),
    cdp(named, field(7, "0a000000 08 c0a80100 18"), field(7, "01"), field(8, "00000c0112"), field(14, "010064"), field(14, "01"), field(15, "200064"), field(15, "0001"), field(16, "189c"), field(16, "10"), field(16, "000bb8"), field(16), field(17, "000005dc"), field(17, "05dc"), field(18, "00"), field(19, "01"), field(20, chars("name")), field(21, "060a2b"), field(23, `00${chars("room 1")}`), field(23, "01"), field(23), field(10), field(11, "0102")),
    cdp(named, field(26, "0000000100000000"), field(12, "01"), field(0x123, "0102")),
    cdp(named, "0001"), cdp(named, "00010003"), cdp(named, "0001ffff"), cdp(named, "00000000"),
  ]), // prettier-ignore
  capture("OSPF with -v", [
    ...["02", "ff", "00"].map((options) => ospf(1, hello(options))),
    ospf(1, hello("12", "0a000003 0a000004")), ospf(1, "ffffff00 000a 02 01 00000028 00000000 00000000"),
    ospf(1, hello("02"), "0001 7061737300000000"), ospf(1, hello("02"), "0002 0000 0110 00000007", "aa".repeat(16)), ospf(1, hello("02"), `0009 ${"00".repeat(8)}`),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((flags) => ospf(2, `05dc 02 ${hex(flags)} 00001234`)),
    ospf(2, `05dc 02 00 00001234 ${[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 99].map((type) => advertisement(type)).join("")}`),
    ospf(3, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((type) => `${hex(type, 4)} 0a000001 0a000002`).join("")),
    update(advertised(1, links("0a000003 0a000002 01 00 000a", "0a000000 ffffff00 03 00 0001", "0a000001 0a000002 02 00 0005", "0a000009 0a000002 04 00 0007", "0a000000 ffffff00 03 01 0001 08000005"))),
    update(advertised(2, "ffffff00 0a000002 0a000003"), advertised(3, "ffffff00 00000014")), update(advertised(4, "00000000 00000014")),
    update(advertised(5, "ffffff00 80000014 00000000 00000000")), update(advertised(7, "ffff0000 00000014 0a000009 00000007")),
    update(), ospf(4, "00000001"), ospf(4, `00000001 ${advertisement(1, 19)}`), ospf(6, "0102"),
  ]), // prettier-ignore
  capture("OSPF that tcpdump prints otherwise", [
    ospf(5, advertisement(1) + advertisement(3)),
    update(advertised(10, "0001 0004 0a000001")),
    ospf(1, hello("12"), none, "fff6 0003 0001 0004 00000001"),
  ]), // prettier-ignore
  capture("RIP with -v", [
    ...[0, 1, 2, 3].flatMap((version) => [0, 1, 2, 3, 4, 5, 6, 9].map((command) => `${hex(command)}${hex(version)}0000${plain}`)),
    `01020000${route(0, 0, "00000000", "00000000", "00000000", 16)}`, `01010000${route(0, 0, "00000000", "00000000", "00000000", 16)}`,
    `02020000${route(2, 0, "0a000000", "ff000000", "0a000001", 1)}${route(2, 7, "c0a80100", "ffffff00", "00000000", 16)}${route(2, 0, "00000000", "00000000", "00000000", 1)}`,
    `02020000${route(0xffff, 2, "70617373", "776f7264", "00000000", 0)}${plain}`,
    `02020000${route(0xffff, 3, "00400114", "00000001", "00000000", 0)}${plain}ffff0001${"aa".repeat(16)}`,
    `02020000${route(0xffff, 5, "70617373", "776f7264", "00000000", 0)}`, `02020000${route(3, 0, "0a000000", "ff000000", "0a000001", 1)}`,
    ...["ff00ff00", "ffffffff", "fffffff8", "00ffffff"].map((mask) => `02020000${route(2, 0, "0a000000", mask, "0a000001", 1)}`),
    `02010000${route(2, 0, "0a000000", "00000000", "00000000", 1)}0002`, `02010000${route(3, 0, "0a000000", "00000000", "00000000", 1)}`, "02020000", "020200000002", "0202",
  ].map(rip)), // prettier-ignore
  capture("LACP with -v", [
    ...[0x3d, 0x00, 0xff, 0xc2].map((state) => slow(`01 01 ${port(1, state)} ${port(2, 0x3d)} 0310 8000 ${"00".repeat(12)} 0000 ${"00".repeat(50)}`)),
    ...["01 01 0114 8000", `01 01 ${port(1, 1, 16)} 0000`, "01 01 0400 0000", "01 01 0401", "01 01 0504 0102 0000", "01 01", "01 01 01", "02 01 0110 0001 020000000001 00000007 0000 0000", "02 01 0210 0001 020000000001 00000007 0000 0000", "02 01 0310 0001"].map(slow),
  ]), // prettier-ignore
  ...[60, 76, 100].map((snapLength) =>
    capture(
      `routing cut after ${snapLength} bytes`,
      [
        ospf(1, hello("12", "0a000003 0a000004 0a000005 0a000006")),
        update(advertised(1, links("0a000003 0a000002 01 00 000a", "0a000000 ffffff00 03 00 0001"))),
        rip(`02020000${plain.repeat(4)}`),
        slow(`01 01 ${port(1, 0x3d)} ${port(2, 0x3d)} 0310 8000 ${"00".repeat(12)} 0000 ${"00".repeat(50)}`),
      ],
      { snapLength },
    ),
  ),
];

/** SNMP, and what sets tunnels up: ISAKMP, ESP behind NAT, L2TP. */
import { capture, four, frame, raw, six, udp } from "./build.ts";

const hex = (value: number, bytes = 1): string => value.toString(16).padStart(bytes * 2, "0");
const size = (bytes: string): number => bytes.replaceAll(" ", "").length / 2;
const chars = (words: string): string => Buffer.from(words, "latin1").toString("hex");
const over =
  (port: number, source = port) =>
  (bytes: string): Uint8Array =>
    frame(four, udp(source, port), raw(bytes));

/** ASN.1's elements: a tag, a length, contents. */
const element = (tag: number, contents = ""): string => {
  const length = size(contents);
  return `${hex(tag)}${length < 128 ? hex(length) : `82${hex(length, 2)}`}${contents}`;
};
const sequence = (...contents: readonly string[]): string => element(0x30, contents.join(""));
const integer = (value: number): string => element(2, hex(value & 0xff));
const string = (words: string): string => element(4, chars(words));
const nothing = element(5);
const sysDescr = element(6, "2b06010201010100");
const asked = sequence(sysDescr, nothing);
const told = (value: string): string => sequence(sysDescr, value);
const pdu = (tag: number, bindings: string, status = 0, index = 0): string =>
  element(tag, element(2, "2a") + integer(status) + integer(index) + element(0x30, bindings));
const community = (version: number, inside: string, name = "public"): string => sequence(integer(version), string(name), inside); // prettier-ignore
const trap = (generic: number, bindings: string): string =>
  element(0xa4, element(6, "2b06010401bf08") + element(0x40, "0a000001") + integer(generic) + integer(17) + element(0x43, "3039") + element(0x30, bindings)); // prettier-ignore
const users = (flags: number, scoped: string, model = 3): string =>
  sequence(
    integer(3),
    sequence(integer(99), element(2, "7fff"), element(4, hex(flags)), integer(model)),
    element(4, sequence(element(4, "80001f88"), integer(1), integer(2), string("bob"), element(4, "bb"), element(4, "cc"))), // prettier-ignore
    scoped,
  );
const scope = sequence(element(4, "80001f88"), string("ctx"), pdu(0xa0, asked));
const values = ["020100", "0201ff", "020200ff", "0400", string("hello world"), string("two\nlines"), nothing, "06092b06010401bf080302", "060100", "40040a000001", "40030a0000", "4105 00ffffffff", "420200c8", "430301e240", "44020102", "450100", "46080102030405060708", "47 01 07", "8000", "8100", "8200", "8300", "010101", "030200ff", "30 03 020101"]; // prettier-ignore

const payload = (next: number, body: string, flags = 0): string => hex(next) + hex(flags) + hex(4 + size(body), 2) + body; // prettier-ignore
const isakmp = (first: number, version: string, exchange: number, flags: number, id: number, body = "", extra = 0): string =>
  `${"11".repeat(8)}${"22".repeat(8)}${hex(first)}${version}${hex(exchange)}${hex(flags)}${hex(id, 4)}${hex(28 + size(body) + extra, 4)}${body}`; // prettier-ignore
const transform1 = (next: number, number: number, id: number, attributes: string): string => payload(next, `${hex(number)}${hex(id)}0000${attributes}`); // prettier-ignore
const proposal = (next: number, number: number, protocol: number, spi: string, transforms: string, count = 1): string =>
  payload(next, `${hex(number)}${hex(protocol)}${hex(size(spi))}${hex(count)}${spi}${transforms}`);
const transform2 = (next: number, type: number, id: number, attributes = ""): string => payload(next, `${hex(type)}00${hex(id, 2)}${attributes}`); // prettier-ignore
const oakley = "80010007 800e0080 80020002 80030001 80040002 800b0001 000c0004 00015180";
const association1 = (next: number): string => payload(next, `0000000100000001${proposal(0, 1, 1, "", transform1(0, 1, 1, oakley))}`); // prettier-ignore
const association2 = (next: number): string =>
  payload(next, proposal(0, 1, 1, "", transform2(3, 1, 12, "800e0100") + transform2(3, 3, 12) + transform2(3, 2, 2) + transform2(0, 4, 14), 4)); // prettier-ignore
const quick = (body: string): string => isakmp(1, "10", 32, 0, 1, payload(0, `0000000100000001${body}`));
const inform1 = (first: number, body: string): string => isakmp(first, "10", 5, 0, 0, payload(0, body));
const inform2 = (first: number, body: string, flags = 0): string => isakmp(first, "20", 37, 0x20, 1, payload(0, body, flags)); // prettier-ignore

const attribute = (type: number, value = "", flags = 0x8000, vendor = 0): string => hex(flags | (6 + size(value)), 2) + hex(vendor, 2) + hex(type, 2) + value; // prettier-ignore
const l2tp = (flags: number, body: string, length?: number): string => {
  const rest = `0001 0002 ${(flags & 0x0800) === 0 ? "" : "0001 0002"} ${(flags & 0x0200) === 0 ? "" : "0002 aabb"} ${body}`; // prettier-ignore
  return `${hex(flags, 2)} ${(flags & 0x4000) === 0 ? "" : hex(length ?? 4 + size(rest), 2)} ${rest}`;
};
const control = (...attributes: readonly string[]): string => l2tp(0xc802, attributes.join(""));
const inTunnel = "0021 45000014000000004011 66d5 0a000002 0a000003";
const echo6 = `0057 6000000000083a40 ${"20010db8000000000000000000000001".repeat(2)} 8000 2447 00010001`;

export const management = [
  capture("SNMP", [
    ...[0, 1, 2, 3, 4].map((version) => community(version, pdu(0xa0, asked))),
    ...[0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9].flatMap((tag) => [community(1, pdu(tag, told(string("x")), 0, 7)), community(0, pdu(tag, asked))]),
    ...Array.from({ length: 20 }, (_, error) => community(1, pdu(0xa2, asked, error, 1))),
    community(1, pdu(0xa0, asked, 5, 1)), community(1, pdu(0xa0, "")),
    ...values.map((value) => community(1, pdu(0xa2, told(value), 0, 0))),
    community(1, pdu(0xa2, told(string("a")) + told(string("b")))),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map((generic) => community(0, trap(generic, told(string("x"))))),
    ...["", "private", "p\u0001b"].map((name) => community(1, pdu(0xa0, asked), name)),
    ...[0, 1, 2, 3, 4, 5, 7, 8].map((flags) => users(flags, (flags & 2) === 0 ? scope : element(4, "aa".repeat(30)))),
    users(4, scope, 1),
    "", "30", "3000", "3003020101", "300302010104", "020101", community(1, nothing), community(1, ""), community(1, element(0xa0, "020101")), `${community(1, pdu(0xa0, asked))}0000`, "00".repeat(20), sequence(integer(1)), "3082", "305c02",
  ].map(over(161))), // prettier-ignore
  capture("ISAKMP, version 1", [
    ...[0, 1, 2, 3, 4, 5, 6, 32, 33, 34].map((exchange) => isakmp(1, "10", exchange, 0, 0, association1(0))),
    isakmp(1, "10", 2, 0, 0, association1(13) + payload(13, "afcad71368a1f1c96b8696fc77570100") + payload(0, "4a131c81070358455c5728f20e95452f")),
    isakmp(4, "10", 2, 0, 0, payload(10, "aa".repeat(128)) + payload(0, "bb".repeat(20))),
    isakmp(5, "10", 2, 1, 0, "cc".repeat(40)), isakmp(8, "10", 32, 3, 0x12345678, "cc".repeat(40)), isakmp(8, "10", 32, 1, 7, "cc".repeat(40), 4),
    ...[0, 1, 2, 3, 4, 7].map((type) => inform1(5, `${hex(type)}11 01f4 ${type === 2 || type === 3 ? chars("vpn.example.com") : "0a000001ffffff00"}`)),
    ...[5, 6, 8, 9, 10, 11, 12].map((type) => inform1(5, `${hex(type)}11 01f4 ${"20010db8000000000000000000000001".repeat(2)}`)),
    ...[1, 2, 7, 14, 16, 17, 18, 24, 30, 31, 8192, 24578, 40001].flatMap((type) => [inform1(11, `00000001 01 00 ${hex(type, 2)}`), inform1(11, `00000001 03 04 ${hex(type, 2)} aabbccdd 00000005`)]),
    inform1(12, "00000001 03 04 0002 11111111 22222222"), inform1(12, `00000001 01 10 0001 ${"11".repeat(16)}`),
    ...[6, 7].flatMap((type) => [0, 4, 11].map((encoding) => inform1(type, `${hex(encoding)}3082${"aa".repeat(20)}`))),
    ...[8, 9, 14, 20, 130].map((type) => inform1(type, "aa".repeat(20))),
    ...[0, 1, 2, 3, 4, 5].map((protocol) => quick(proposal(2, 1, protocol, "deadbeef", transform1(3, 1, 3, "80040001") + transform1(0, 2, 12, "80040003 00020004 00000e10"), 2) + proposal(0, 2, protocol, "deadbeef", transform1(0, 1, 2, "8001000f 80ff0001")))),
    isakmp(0, "10", 5, 0, 0), isakmp(33, "11", 34, 8, 0, association2(0)), isakmp(33, "30", 34, 8, 0, association2(0)),
  ].map(over(500))), // prettier-ignore
  capture("IKEv2", [
    ...[34, 35, 36, 37, 0, 38, 240].map((exchange) => isakmp(33, "20", exchange, 8, 0, association2(0))),
    ...[0x20, 0x28, 0x10, 0x38, 0xff, 0x00].map((flags) => isakmp(33, "20", 34, flags, 0, association2(34) + payload(41, `000e0000${"aa".repeat(64)}`) + payload(41, `01004004${"cc".repeat(20)}`) + payload(43, `00004005${"cc".repeat(20)}`) + payload(0, chars("vendor\n")))),
    ...[0, 1, 2, 3, 4, 5, 6].map((type) => isakmp(33, "20", 34, 8, 0, payload(0, proposal(0, 1, 1, "", [0, 1, 2, 3, 4, 5, 12, 14, 18, 23].map((id, index) => transform2(index === 9 ? 0 : 3, type, id)).join(""))))),
    ...[0, 1, 2, 3, 4, 5].map((protocol) => isakmp(33, "20", 36, 0x20, 1, payload(0, proposal(2, 1, protocol, "deadbeef", transform2(3, 1, 12, "800e0080") + transform2(0, 5, 0), 2) + proposal(0, 2, protocol, "deadbeef", transform2(0, 3, 2))))),
    isakmp(46, "20", 35, 0x08, 1, payload(35, "aa".repeat(80))), inform2(53, `00010002${"aa".repeat(20)}`),
    ...[1, 2, 3, 5, 9, 11, 201].map((type) => isakmp(35, "20", 35, 0, 1, payload(36, `${hex(type)}000000${chars("athos")}`) + payload(0, `${hex(type)}000000${chars("x")}`))),
    ...[0, 1, 2, 3, 4].map((method) => inform2(39, `${hex(method)}000000${"ab".repeat(20)}`)),
    ...[1, 4, 5, 7, 9, 11, 14, 17, 24, 34, 35, 36, 37, 38, 39, 16384, 16385, 16386, 16387, 16388, 16389, 16391, 16392, 16393, 16394, 16395, 16404, 40960].flatMap((type) => [inform2(41, `0000${hex(type, 2)}aabb`), inform2(41, `0304${hex(type, 2)}deadbeef`)]),
    ...[37, 38, 42, 44, 45, 47, 48, 49].flatMap((type) => [0, 0x80].map((flags) => inform2(type, "01000000 07000010 0000ffff", flags))),
    isakmp(33, "20", 34, 8, 0), isakmp(33, "20", 34, 8, 0, "00000003"), isakmp(33, "20", 34, 8, 0, "0000ffff"), isakmp(33, "20", 34, 8, 0, association2(0), 100), isakmp(0, "00", 0, 0, 0), "1111", "",
  ].map(over(500))), // prettier-ignore
  capture("ISAKMP that tcpdump prints otherwise", [isakmp(40, "20", 34, 8, 0, payload(43, "bb".repeat(32)) + payload(0, "dd".repeat(16))), inform1(11, "00000001 03 04 6001 aabbccdd 00000005")].map(over(500))), // prettier-ignore
  capture("IPsec behind NAT", [`00000000${isakmp(33, "20", 34, 8, 0, association2(0))}`, "ff", `00001234 00000007${"aa".repeat(40)}`, "00000000", "000000", "0a", "12345678", "1234567800000001", ""].map(over(4500))), // prettier-ignore
  capture("L2TP", [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17].map((type) => control(attribute(0, hex(type, 2)))),
    control(attribute(0, "0001"), attribute(2, "0100"), attribute(3, "00000003"), attribute(4, "00000003"), attribute(6, "0690"), attribute(7, chars("athos")), attribute(8, chars("vendor")), attribute(9, "0007"), attribute(10, "0004")),
    ...Array.from({ length: 41 }, (_, type) => control(attribute(type, type === 34 ? `0001${"00000002".repeat(6)}` : `000100020003000400050006${chars("abcdef")}`), attribute(type, "0001"), attribute(type))),
    ...[0, 1, 2, 5, 6].map((type) => control(attribute(29, hex(type, 2)), attribute(46, `00010002${hex(type)}${chars("x")}`), attribute(46, "0001000200"), attribute(12, "000100"))),
    control(attribute(1, "00010002")), control(), control(attribute(0, "0001", 0)), control(attribute(11, "aabb", 0xc000)), control(attribute(1, "aabb", 0x8000, 9)), control("800500000000"), control("ffff000000000001"),
    l2tp(0xc802, attribute(0, "0001"), 8), l2tp(0xc802, attribute(0, "0001"), 200), l2tp(0x8002, attribute(0, "0006")), l2tp(0xc902, attribute(0, "0006")),
    ...[0x0002, 0x4002, 0x0802, 0x4802, 0x0202, 0x4a02, 0x0102].flatMap((flags) => [l2tp(flags, `ff03 ${inTunnel}`), l2tp(flags, echo6)]),
    l2tp(0x4802, "ff03 1234 0102"), l2tp(0x4002, "0021 45000014"), l2tp(0x0002, ""), l2tp(0x0002, "00"), "c803", "c801", "c8", "", "c802", "c802000c", "00020001",
  ].map(over(1701))), // prettier-ignore
  ...[50, 60, 90].map((snapLength) =>
    capture(
      `management cut after ${snapLength} bytes`,
      [
        over(161)(community(1, pdu(0xa2, told(string("hello world"))))),
        over(500)(isakmp(33, "20", 34, 8, 0, association2(34) + payload(0, "000e0000aaaa"))),
        over(4500)(`00001234 00000007${"aa".repeat(40)}`),
        over(1701)(control(attribute(0, "0001"), attribute(7, chars("athos")))),
        over(1701)(l2tp(0x4802, echo6)),
        frame(six, udp(161, 161), raw(community(0, pdu(0xa0, asked)))),
      ],
      { snapLength },
    ),
  ),
];

/** What `-v` lists below a line: the fields of NTP, LLDP, EAP, DHCPv6 and RADIUS, whole, too long, too short and cut. */
import { mac } from "../../../src/wire/index.ts";
import { capture, four, frame, packet, raw, six, udp } from "./build.ts";

const hex2 = (value: number): string => value.toString(16).padStart(2, "0");
const hex4 = (value: number): string => value.toString(16).padStart(4, "0");
/** Bytes of a text with spaces in it. */
const sizeOf = (hex: string): number => hex.replaceAll(" ", "").length / 2;
const textHex = (words: string): string => Buffer.from(words, "latin1").toString("hex");

const to =
  (port: number) =>
  (hex: string): Uint8Array =>
    frame(four, udp(49153, port), raw(hex));
const typed =
  (etherType: number) =>
  (hex: string): Uint8Array =>
    packet({ protocol: "ethernet", header: { source: mac("02:00:00:00:00:01"), destination: mac("01:80:c2:00:00:00"), etherType } }, raw(hex)); // prettier-ignore

const times = "e5f6a7b0 40000000 e5f6a7b8 80000000 e5f6a7b8 90000000 e5f6a7b7 a0000000";
const ntp = (start: string, rest = times): Uint8Array => to(123)(`${start} ${rest}`);
const synchronised = "00000a00 00000b00 0a000001";

const tlv = (type: number, value: string): string => hex4((type << 9) | sizeOf(value)) + value;
const own = (organization: string, subtype: number, value: string): string => tlv(127, organization + hex2(subtype) + value); // prettier-ignore
const neighbour = tlv(1, "04 020000000001") + tlv(2, `05${textHex("e0")}`) + tlv(3, "0078");
const lldp = (...fields: readonly string[]): Uint8Array => typed(0x88cc)(`${neighbour}${fields.join("")}0000`);
const bridges = "0080c2";
const cables = "00120f";
const phones = "0012bb";

const eap = (code: number, body = ""): string => `${hex2(code)} 05 ${hex4(4 + sizeOf(body))} ${body}`;
const eapol = (body: string): Uint8Array => typed(0x888e)(`0200 ${hex4(sizeOf(body))} ${body}`);

const option = (code: number, value = ""): string => hex4(code) + hex4(sizeOf(value)) + value;
const dhcpv6 = (type: number, ...options: readonly string[]): Uint8Array =>
  frame(six, udp(546, 547), raw(`${hex2(type)}123456 ${options.join("")}`));
const relayed = (type: number, ...options: readonly string[]): string =>
  `${hex2(type)} 01 20010db8000000000000000000000001 fe800000000000000000000000000001 ${options.join("")}`;
const identity = "0001000100112233020000000001";
const lease = option(5, "20010db8000000000000000000000005 00000e10 00001c20");
const address = "20010db8000000000000000000000001";

const attribute = (type: number, value = ""): string => hex2(type) + hex2(2 + sizeOf(value)) + value;
const radius = (code: number, ...attributes: readonly string[]): Uint8Array =>
  to(1812)(`${hex2(code)} 07 ${hex4(20 + sizeOf(attributes.join("")))} ${"0a".repeat(16)} ${attributes.join("")}`);
const access = radius(
  1,
  attribute(1, textHex("bob\u0007")),
  attribute(2, "aa".repeat(16)),
  attribute(4, "0a000001"),
  attribute(61, "0000000f"),
  attribute(79, eap(2, `01${textHex("bob")}`)),
  attribute(80, "bb".repeat(16)),
);
/** Attributes of one number each, with these values. */
const numbers = (value: string, ...types: readonly number[]): Uint8Array =>
  radius(4, ...types.map((type) => attribute(type, value)));

export const details = [
  capture("NTP with -v", [
    ...["e302 06e9", "6300 1180", "a401 ff7f", "2410 03ec", "243e 06e9", "243f 20e9", "2402 1f00"].map((start) => ntp(`${start} ${synchronised}`)),
    ntp("2301 06e9 ffff8000 80000001 504f5354"),
    ntp(`2402 06e9 ${synchronised}`, "00".repeat(32)),
    ntp(`2402 06e9 ${synchronised}`, `00000001 40000000 80000000 80000000 7fffffff ffffffff ${"00".repeat(8)}`),
    ...["00000007", `00000007${"aa".repeat(16)}`, `00000007${"aa".repeat(20)}`, "000000", "00".repeat(28)].map((more) => ntp(`2302 06e9 ${synchronised}`, times + more)),
    ...["16020001 00000000 00000000", "1682 0001 0615 0000 0000 0004 61626364", "26c1 0007 c02b 1234 0002 0004", "16e2 0001 0000", "9700032a 00010002"].map(to(123)),
  ]), // prettier-ignore
  capture("LLDP with -v", [
    lldp(tlv(4, textHex("port one")), tlv(5, textHex("athos")), tlv(6, textHex("Linux 6.1\nx\0y")), tlv(7, "00140010"), tlv(8, "05 01 0a000001 02 00000007 00")),
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((subtype) => lldp(tlv(1, `${hex2(subtype)}616263646566`), tlv(2, `${hex2(subtype)}616263646566`))),
    ...["0501 0a000001", "0502 20010db8000000000000000000000001", "0506 020000000001", "0503 01", "05"].map((value) => lldp(tlv(1, value))),
    ...["ffff0000", "0000ffff", "00"].map((value) => lldp(tlv(7, value))),
    ...["11 02 20010db8000000000000000000000001 01 00000001 03 2b0601", "07 06 020000000001 03 00000002 00", "0563 0a000001 02 00000007 00", "0501 0a000001 02 00000007", "0501 0a000001 02 00000007 80", "05"].map((value) => lldp(tlv(8, value))),
    lldp(tlv(9, "0102030405")),
    lldp(tlv(3, "")),
    typed(0x88cc)(`${neighbour}00`),
    typed(0x88cc)(`${neighbour}0a40 61`),
  ]), // prettier-ignore
  capture("LLDP of organizations", [
    lldp(own(bridges, 1, "0001"), own(bridges, 2, "07000a"), own(bridges, 3, `000a05${textHex("vlan1")}`), own(bridges, 3, "000a0561"), own(bridges, 4, "028100"), own(bridges, 7, "0300000007")),
    lldp(own(bridges, 8, "c20a"), own(bridges, 9, `05 01234567 0a14281e0a0a0a0a 0001020304050607`), own(bridges, 10, "00 01234567 0a14281e0a0a0a0a 0001020304050607"), own(bridges, 11, "84ff"), own(bridges, 11, "7f55"), own(bridges, 12, "00 618914 a18906"), own(bridges, 13, "1f2b7fffff"), own(bridges, 15, "0102")),
    lldp(own(cables, 1, "03 6c01 001e"), own(cables, 1, "00 0000 ffff"), own(cables, 1, "01ffff"), own(cables, 2, "0f0104"), own(cables, 2, "000000"), own(cables, 3, "0300000007"), own(cables, 4, "05ee"), own(cables, 5, "0011"), own(cables, 9, "01")),
    lldp(own(phones, 1, "003f01"), own(phones, 2, "01804567"), own(phones, 2, "0941ffff"), own(phones, 4, "510041"), own(phones, 4, "20ffff"), ...[5, 6, 7, 8, 9, 10, 11].map((subtype) => own(phones, subtype, textHex("x 1"))), own(phones, 12, "01")),
    lldp(own(phones, 3, `01${"12".repeat(16)}`), own(phones, 3, `03${textHex("112")}`), own(phones, 3, "0401"), own(phones, 3, "01")),
    lldp(own("112233", 1, "0102"), own("00000c", 1, "0102"), tlv(127, "0080c2"), tlv(127, "112233"), tlv(127, "00")),
  ]), // prettier-ignore
  capture("LLDP that tcpdump reads otherwise", [
    lldp(own(phones, 4, "110041")),
    lldp(own(bridges, 9, "c0 01234567 0a14281e0a0a0a0a 0001020304050607")),
    lldp(own(phones, 3, `020b025553010243410305${textHex("Paris")}`)),
    lldp(own(bridges, 14, "8000010a")),
    lldp(own("001b21", 2, "000200060000000100000001")),
  ]),
  capture("EAP with -v", [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 13, 18, 21, 23, 43, 254, 255].flatMap((type) => [eap(1, `${hex2(type)} 20 ${textHex("abcdefg")}`), eap(2, hex2(type))]),
    ...[3, 4, 5].map((code) => eap(code)), eap(1), eap(2, `01${textHex("bob\u0001\u00ff\0x")}`), eap(2, "0304 0d15"), eap(2, "0399 00"),
    ...["0d", "15", "2b"].flatMap((type) => ["80 00000100", "c0 00000100 1603", "e1 00000011", "1f", "820000"].map((flags) => eap(1, `${type} ${flags}`))),
    ...[1, 2, 4, 5, 10, 11, 12, 13, 14].map((subtype) => eap(1, `12 ${hex2(subtype)} 0000`)),
    "01050010 01", "0105", "", "0105 0001",
  ].map(eapol)), // prettier-ignore
  capture("DHCPv6 with -v", [
    dhcpv6(1, option(1, identity), option(8, "0000"), option(6, "0017 0018 00ff"), option(3, "00000001 00000e10 00001518")),
    ...["0002 00000009 0102030405", "0003 0001 020000000001", "0004 0011", "0001 0001 0011", "0002 00", "", "0003 0001"].map((id) => dhcpv6(2, option(1, id), option(2, id))),
    dhcpv6(7, option(3, `00000001 00000e10 00001518${lease}`), option(4, `00000002${lease}`), option(13, "0000"), option(14), option(7, "ff"), option(25, `00000001 00000e10 00001518${option(26, "00000e10 00001c20 38 20010db8000000000000000000000000")}`)),
    dhcpv6(7, option(3, "00"), option(4, "00"), option(5, "2001"), option(25), option(26), option(7), option(8, "00"), option(13, "00"), option(13, "0009")),
    ...["00 00 00 0000000000000001", `02 01 00 0000000000000001 646f6d61696e00000001${"aa".repeat(16)}`, `03 01 00 0000000000000001 01${"aa".repeat(16)}`, `03 01 00 0000000000000001 02${"aa".repeat(16)}`, "04 09 07 0000000000000001 aa", "0101", "02 01 00 0000000000000001", "02 01 00 0000000000000001 aa"].map((value) => dhcpv6(1, option(11, value))),
    ...[12, 15, 18, 19, 20, 21, 22, 23, 24, 28, 31, 32, 33, 37, 38, 39, 41, 43, 44, 46, 47, 48, 59, 64, 82, 112].map((code) => dhcpv6(1, option(code), option(code, "05"), option(code, address))),
    dhcpv6(1, option(24, "076578616d706c6503636f6d00 00"), option(21, "03736970 00"), option(64, "0461667472 076578616d706c65 00"), option(19, "05"), option(19, "0b"), option(32, "00000e10"), option(56, option(1, address) + option(3, "036e747000") + option(9, "00"))),
    dhcpv6(14, option(44, `01 ${address}${lease}`)),
    dhcpv6(15, option(45, option(1, identity)), option(46, "00000001"), option(47, `${address}0102`), option(45, "0001")),
    ...[0, 10, 16, 99].map((type) => dhcpv6(type)),
    dhcpv6(1, "0001"), dhcpv6(1, "00010004aa"),
    ...[12, 13].flatMap((type) => [relayed(type, option(18, textHex("eth0")), option(9, `01123456${option(1, identity)}`)), relayed(type, option(9, relayed(12, option(9, `01123456${option(8, "0001")}`)))), relayed(type), "0c01"]).map((hex) => frame(six, udp(547, 547), raw(hex))),
  ]), // prettier-ignore
  capture("RADIUS with -v", [
    access,
    ...Array.from({ length: 24 }, (_, value) => numbers(`000000${hex2(value)}`, 6, 7, 10, 13, 15, 29, 40, 45, 49, 57, 61, 64, 65, 72, 76)),
    ...[201, 401, 501, 509, 600].map((value) => numbers(`0000${hex4(value)}`, 101)),
    ...["00000000", "05fffffe", "fffffffe", "ffffffff", "626f6207"].map((value) => numbers(value, 1, 3, 4, 5, 8, 9, 14, 23, 27, 46, 56, 58, 64, 66, 69, 81, 83, 97, 128 + 9, 250)),
    ...["05", "", "0102", "010203", address, "0040 20010db800000000", "0081 2001", "0031"].map((value) => numbers(value, 1, 4, 5, 6, 8, 27, 55, 56, 64, 67, 69, 80, 95, 97, 98, 101, 123)),
    ...["00000009 01 05 616263 0306 00000001", "00001234 0205 616263", "00000137 07", "00000009 0100", "00000009 0120aa", "00000009", "0000"].map((value) => radius(2, attribute(26, value))),
    radius(2, attribute(55, "63000000"), attribute(27, "00000e10"), attribute(28, "0000003c"), attribute(81, "01313030"), attribute(81, "313030"), attribute(69, `01 1234 ${"aa".repeat(16)}`)),
    radius(11, attribute(79, eap(1, "04 06 616263646566")), attribute(79, "0201000503"), attribute(79, "02"), attribute(24, "01020304")),
    radius(1, "0100"), radius(1, "0101"), radius(1, "01ff6162"), radius(1, "01"), radius(255),
  ]), // prettier-ignore
  capture("RADIUS's rare attributes", [numbers(address, 70, 71, 84, 124, 125, 126, 127, 128, 129)]),
  ...[60, 80, 110].map((snapLength) =>
    capture(
      `services with -v cut after ${snapLength} bytes`,
      [
        ntp(`2402 06e9 ${synchronised}`),
        lldp(tlv(4, textHex("port one")), tlv(5, textHex("athos")), own(bridges, 3, `000a05${textHex("vlan1")}`), own(phones, 1, "003f01")),
        eapol(eap(1, `0d ${"20".repeat(90)}`)),
        dhcpv6(1, option(1, identity), option(6, "0017 0018 00ff"), option(3, `00000001 00000e10 00001518${lease}`)),
        access,
      ],
      { snapLength },
    ),
  ), // prettier-ignore
];

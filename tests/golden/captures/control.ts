/** What switches and routers say to each other: layer 2, routing, multicast, redundancy. */
import { encodePacket, mac, toHex, type LayerInput } from "../../../src/wire/index.ts";
import { capture, echo6, four, frame, left, packet, payload, raw, right, six, tcp, udp } from "./build.ts"; // prettier-ignore

/** An IPv4 or IPv6 packet of a protocol, from hexadecimal. */
const over4 =
  (protocol: number, ttl = 1) =>
  (hex: string): Uint8Array =>
    frame({ protocol: "ipv4", header: { source: left, destination: right, ttl, protocol } }, raw(hex));
const over6 =
  (nextHeader: number, hopLimit = 255) =>
  (hex: string): Uint8Array => {
    const { header } = six as Extract<LayerInput, { protocol: "ipv6" }>;
    return frame({ protocol: "ipv6", header: { ...header, hopLimit, nextHeader } }, raw(hex));
  };
const from = { source: mac("02:00:00:00:00:01"), destination: mac("01:80:c2:00:00:00") };
/** A frame of an EtherType, from hexadecimal. */
const typed =
  (etherType: number) =>
  (hex: string): Uint8Array =>
    packet({ protocol: "ethernet", header: { ...from, etherType } }, raw(hex));
/** A frame with a length in place of the type, padded or not. */
const lengthy = (hex: string, padding = 0): Uint8Array => {
  const contents = raw(hex);
  return packet(
    { protocol: "ethernet", header: { ...from, etherType: encodePacket([contents]).length } },
    contents,
    payload(padding),
  );
};
const hexOf = (...layers: readonly LayerInput[]): string => toHex(encodePacket(layers)).slice(2);
const hex2 = (value: number): string => value.toString(16).padStart(2, "0");

const bridge = "8001 020000000001 8002";
const root = "8000 020000000009";
const times = "0100 1400 0200 0f00";
const bpdu = (version: number, type: number, flags: number): string =>
  `0000 ${hex2(version)} ${hex2(type)} ${hex2(flags)} ${root} 00004e20 ${bridge} ${times}`;

const tree = "7c 8001 020000000009 000000c8 80 90 13";

const ospf2 = (type: number, body = ""): string =>
  `02 ${hex2(type)} 0030 0a000002 00000000 0000 0000 0000000000000000 ${body}`;
const pppoe = (code: number, session: string, body: string): string =>
  `11 ${hex2(code)} ${session} ${(raw(body) as { bytes: Uint8Array }).bytes.length.toString(16).padStart(4, "0")} ${body}`;
const bfd = (start: string): string => `${start} 00000001 00000002 000f4240 000f4240 0000c350`;
const bfdTo = (port: number, hex: string): Uint8Array => frame(four, udp(49153, port), raw(hex));

export const control = [
  capture("STP and Rapid STP", [
    lengthy(`42 42 03 ${bpdu(0, 0, 0)}`, 8),
    lengthy(`42 42 03 ${bpdu(0, 0, 0x81)}`),
    lengthy("42 42 03 0000 00 80"),
    ...[0x3c, 0x7e, 0x78, 0x02, 0x04].map((flags) => lengthy(`42 42 03 ${bpdu(2, 2, flags)} 00`)),
    frame({ protocol: "vlan", header: { id: 5, etherType: 38 } }, raw(`42 42 03 ${bpdu(0, 0, 0)}`)),
    lengthy(`aa aa 03 00000c 010b ${bpdu(0, 0, 0)} 00 0000 0002 0001`),
    lengthy("42 42 03 0000 05 00"),
    lengthy("42 42 03 0001 00 00"),
    lengthy("42 42 03 0000 00 07"),
    lengthy("42 42 03 0000 00"),
    lengthy("42 42 03 0000 00 00 00 8000 0200"),
  ]),
  capture("Multiple STP", [
    lengthy(`42 42 03 ${bpdu(3, 2, 0x7c)} 00 0040 00 ${"61".repeat(32)} 0000 ${"00".repeat(32)}`),
    ...["0050", "0060", "0070", "0040"].map((length) => lengthy(`42 42 03 ${bpdu(3, 2, 0x3d)} 00 ${length} 00 6e616d65${"00".repeat(28)} 0001 ${"ab".repeat(16)} 000001f4 ${bridge} 14 ${tree}${tree}`)),
    lengthy(`42 42 03 ${bpdu(3, 2, 0x7c)} 00 0000`), lengthy(`42 42 03 ${bpdu(3, 0, 0)} 00`), lengthy(`42 42 03 ${bpdu(3, 2, 0x7c)}`),
  ]), // prettier-ignore
  ...[60, 80, 110].map((snapLength) =>
    capture(
      `Multiple STP cut after ${snapLength} bytes`,
      [lengthy(`42 42 03 ${bpdu(3, 2, 0x7c)} 00 0050 00 6e616d65${"00".repeat(28)} 0001 ${"ab".repeat(16)} 000001f4 ${bridge} 14 ${tree}`)], // prettier-ignore
      { snapLength },
    ),
  ),
  capture("LLC and SNAP", [
    packet({ protocol: "ethernet", header: from }, { protocol: "llc" }, { protocol: "snap" }, four, udp(), payload(3)),
    packet({ protocol: "ethernet", header: from }, { protocol: "llc" }, { protocol: "snap" }, six, echo6(128, 1)),
    ...["f0 f0 03 0102030405", "00 01 af", "00 00 f3", "00 01 bf 810100", "42 42 01 00 05", "7e 7e 05 02", "04 04 00 00 0102", "12 34 56 78 9a", "12 34 03 9a"].map((hex) => lengthy(hex)),
    ...["00000c 9999 0102", "112233 1234 0102", "000000 9999 0102", "000000 0800 4500"].map((hex) => lengthy(`aa aa 03 ${hex}`)),
    ...["", "aa", "aa aa", "aa aa 03 0000", "aa aa 13 000000 0800", "06 06 03 4500"].map((hex) => lengthy(hex)),
  ]), // prettier-ignore
  capture("LLDP", [
    "0207 04 020000000001 0404 05 653030 0602 0078 0a05 6174686f73 0c04 74657374 0000",
    "0207 04 020000000001 0404 05 653030 0602 0078 0000",
    "0000",
    "0207 04 020000000001",
    "0207 04 0200",
    "",
  ].map(typed(0x88cc))), // prettier-ignore
  capture("LACP and other slow protocols", [
    `01 01 0114 8000 020000000001 0001 8000 0001 3d 000000 0214 8000 020000000002 0001 8000 0002 3d 000000 ${"00".repeat(68)}`,
    "01 02 0114",
    "02 01 0110 0001 020000000001 00000007 0000 0000",
    "03 00 0050 00",
    "0a 0019a7 0000",
    "05 01",
    "01",
    "",
  ].map(typed(0x8809))), // prettier-ignore
  capture("EAPOL", [
    "01 01 0000", "02 00 0005 01 05 0005 01", "02 00 000a 02 05 000a 01 6174686f73", "02 00 0004 03 05 0004", "02 00 0004 04 05 0004",
    "02 02 0000", `02 03 005f ${"02".repeat(95)}`, "02 04 0000", "02 09 0000", "01", "",
  ].map(typed(0x888e))), // prettier-ignore
  capture("PPPoE discovery", [
    pppoe(0x09, "0000", "0101 0000 0103 0004 01020304"),
    pppoe(0x07, "0000", "0101 0000 0102 0004 61627261 0104 0004 01020384"),
    pppoe(0x19, "0000", "0101 0004 61626364 0103 0004 01020304"),
    pppoe(0x65, "0011", "0101 0000"),
    pppoe(0xa7, "0011", "0203 0003 627965"),
    pppoe(0xa7, "0011", ""),
    pppoe(0x09, "0000", "0110 0001 01 0105 0002 0102 0120 0002 05dc 0000 0000"),
    pppoe(0x42, "0000", "0101 0000"),
    pppoe(0x09, "0000", "0101 0009 01"),
    "2f 09 0000 0000",
    "1109",
  ].map(typed(0x8863))), // prettier-ignore
  capture("PPPoE sessions", [
    ...["0021", "0057"].map((number) => {
      const inside = number === "0021" ? hexOf(four, udp(), payload(3)) : hexOf(six, echo6(128, 1));
      return typed(0x8864)(pppoe(0, "0011", number + inside));
    }),
    packet({ protocol: "ethernet", header: from }, { protocol: "pppoe", header: { session: 17 } }, { protocol: "ppp" }, four, tcp("S", 1, 0)),
    ...["c021 01 01 000e 0104 05d4 0506 11223344", "c021 09 00 0008 11223344", "8021 01 01 000a 0306 0a000001", "8057 01 01 000e 010a 0102030405060708", "c021 05 01 0004", "80fd 02 01 0004", "1234 0102", ""].map((hex) => typed(0x8864)(pppoe(0, "0011", hex))),
  ]), // prettier-ignore
  capture("PAP and CHAP", [
    "c023 01 01 000a 02 6162 02 6364", "c023 02 01 0005 00", "c023 03 01 0008 03 6e6f21", "c023 07 01 0004", "c023 01 01 000a 02 6162 09 6364", "c023 02 01 0009 03 61",
    "c223 01 01 000e 04 61626364 6174686f73", "c223 02 01 000e 04 61626364 6174686f73", "c223 03 01 0008 57656c63", "c223 04 01 0004", "c223 01 01 0006 09 61",
  ].map((hex) => typed(0x8864)(pppoe(0, "0011", hex)))), // prettier-ignore
  capture("PPP's control protocols", [
    ["c021", 1, "0104 05d4 0206 00000000 0305 c22305 0506 11223344 0702 0802 1104 05dc 1202 1506 00000000 0304 c023 0305 c22381 0304 c227 0408 c02500000005 0904 0001"],
    ["c021", 2, "0103 05"], ["c021", 2, "0104 05d4 0702"], ["c021", 2, "0104 05d4 0602"], ["c021", 2, "0101"], ["c021", 3, "0106 05"], ["c021", 4, "0506 11223344"], ["c021", 5, "55736572"], ["c021", 6, ""], ["c021", 9, "11223344 0102"], ["c021", 10, "11223344"], ["c021", 11, "11223344"], ["c021", 8, "80fd 01010004"], ["c021", 8, "1234"], ["c021", 7, "0101 0004"],
    ["8021", 1, "0306 0a000001 8106 0a000002 8206 0a000009 8306 0a000003 8406 01020304 0206 002d 0f00 0406 01020304"], ["8021", 1, "0304 0a00"], ["8057", 1, "010a 0102030405060708"], ["8057", 3, "0102 0204 004f 0506"], ["80fd", 1, "1206 01000060 0006 00000011"],
  ].map(([protocol, code, body]) => {
    const options = String(body).replaceAll(" ", "");
    return typed(0x8864)(pppoe(0, "0011", `${protocol} ${hex2(Number(code))} 01 ${(4 + options.length / 2).toString(16).padStart(4, "0")} ${options}`));
  })), // prettier-ignore
  ...[40, 46].map((snapLength) =>
    capture(
      `PPP cut after ${snapLength} bytes`,
      ["c021 01 01 0020 0104 05d4 0206 00000000 0305 c22305 0506 11223344 0702 0802 0000", "c223 01 01 001e 14 6162636461626364616263646162636461626364 6174686f73", "c023 01 01 0020 0d 61616161616161616161616161 0e 6262626262626262626262626262"].map((hex) => typed(0x8864)(pppoe(0, "0011", hex))), // prettier-ignore
      { snapLength },
    ),
  ),
  capture("MPLS", [
    frame({ protocol: "mpls", labels: [{ label: 16 }] }, four, udp(), payload(3)),
    frame({ protocol: "mpls", labels: [{ label: 16, ttl: 63 }, { label: 17, trafficClass: 5 }] }, six, udp(), payload(3)),
    ...[0, 1, 3].map((label) => frame({ protocol: "mpls", labels: [{ label }] }, four, tcp("S", 1, 0))),
    frame({ protocol: "mpls", labels: [{ label: 2 }] }, six, echo6(128, 1)),
    frame({ protocol: "mpls", labels: [{}] }, raw("00000000"), payload(30)),
    frame({ protocol: "mpls", labels: [{}] }),
    typed(0x8847)("00010040"),
    typed(0x8848)("0001"),
    frame(four, udp(50000, 6635), { protocol: "mpls" }, six, udp()),
    frame(four, { protocol: "gre" }, { protocol: "mpls" }, four, udp()),
  ]), // prettier-ignore
  capture("IGMP", [
    "11 64 ee9b 00000000", "11 64 0000 e0000005", "11 00 eeff 00000000", "16 00 0000 e0000005", "12 00 0000 e0000005", "17 00 0000 e0000005",
    "11 64 ec1e 00000000 02 7d 0000", "11 64 ec1e e0000005 0a 7d 0002 0a000001 0a000002", "22 00 0000 0000 0001 04 00 0000 e0000005",
    "22 00 0000 0000 0002 03 00 0002 e0000005 0a000001 0a000002 04000000 e0000006",
    "22 00 0000 0000 0006 01000000 e0000005 02000000 e0000005 03000000 e0000005 04000000 e0000005 05000000 e0000005 06000000 e0000005",
    "22 00 0000 0000 0005 04 00 0000 e0000005", "16 00 0000", "22 00 0000 0000", "99 00 0000 00000000",
    "11 80 0000 00000000 02 7d 0000", "11 ff 0000 00000000 02 ff 0000", "11 32 0000 00000000",
  ].map(over4(2))), // prettier-ignore
  capture("IGMP of old routers", ["13 01 0000 00000000", "14 00 0000 00000000"].map(over4(2))),
  capture("VRRP", [
    ...["21 01 64 01 00 01 ba52 c0a80001 0000000000000000", "21 01 64 02 00 01 0000 c0a80001 c0a80002 0000000000000000",
      "31 01 64 01 0064 0000 c0a80001", "21 01 ff 01 01 01 0000 c0a80001 6162636400000000", "22 01 64 01 00 01 0000 c0a80001",
      "21 0100", "21 01 64 03 00 01 ba52 c0a80001", ""].map(over4(112, 255)),
    over4(112)("21 01 64 01 00 01 ba52 c0a80001 0000000000000000"),
    over6(112)("31 01 64 01 0064 0000 fe800000000000000000000000000001"),
  ]), // prettier-ignore
  capture("OSPF", [
    ...[1, 2, 3, 4, 5, 6].map((type) => over4(89)(ospf2(type, "ffffff00 000a 12 01 00000028 0a000002 0a000003"))),
    ...[1, 2, 3, 4, 5, 6].map((type) => over6(89)(`03 ${hex2(type)} 0024 0a000002 00000000 0000 00 00 00000005 01 000013 000a 0028 0a000002 00000000`)),
    over4(89)("0201 0018"),
    over6(89)(""),
  ]), // prettier-ignore
  capture("PIM", ["20 00 0000 0001 0002 0069", "23 00 0000 0100 0a000001 0001 00d2", "21 00 0000 00000000", "25 00 0000", "10 00 0000", "30 00 0000"].map(over4(103))), // prettier-ignore
  capture("ESP", ["00001234 00000007 00112233445566778899aabbccddeeff", "00001234 00000007", "00001234 0000", "0000", ""].flatMap((hex) => [over4(50)(hex), over6(50)(hex)])), // prettier-ignore
  capture("AH", [
    frame(four, { protocol: "ah", header: { spi: 0x1234, sequence: 7 } }, tcp("S", 1, 0)),
    frame(six, { protocol: "ah", header: { spi: 0x1234, sequence: 7 }, data: new Uint8Array(16) }, echo6(128, 1)),
    frame(four, { protocol: "ah", header: { reserved: 1 } }, udp(), payload(3)),
    frame(four, { protocol: "ah" }, { protocol: "esp" }, payload(20)),
    frame(four, { protocol: "ah", header: { nextHeader: 99 } }, payload(20)),
  ]),
  capture("AH that is cut", ["11 04 0001 0000", "11 20 0000 00001234 00000007 0001"].map(over4(51))),
  capture("BFD", [
    ...["20 c0 03 18", "20 40 03 18", "21 c8 03 18", "20 00 03 18", "20 80 03 18", "3f fb 03 18", "01 c8 03 18"].map((hex) => bfdTo(3784, bfd(hex))),
    ...["20 c0 03", ""].map((hex) => bfdTo(3784, hex)),
    bfdTo(4784, bfd("20 c0 03 18")),
    bfdTo(6784, bfd("20 c0 03 18")),
    bfdTo(3785, "0102030405060708"),
  ]), // prettier-ignore
  capture("HSRP and RIP", [
    ...["00 00 10 03 0a 64 01 00 6369736363 6f0000 0a000064", "00 01 08 03 5a 64 01 00 6369736363 6f0000 0a000064", "00 02 04 03 0a 64 01 00 00", ""].map((hex) => frame(four, udp(1985, 1985), raw(hex))),
    ...["01 02 0000 0000 0000 00000000 00000000 00000000 00000010", "02 02 0000 0002 0000 0a000000 ff000000 00000000 00000001", "02 01 0000 0002 0000 0a000000 00000000 00000000 00000001", "02 02"].map((hex) => frame(four, udp(520, 520), raw(hex))),
  ]), // prettier-ignore
  capture(
    "control protocols cut by the snap length",
    [
      lengthy(`42 42 03 ${bpdu(2, 2, 0x3c)} 00`),
      over4(89)(ospf2(1, "ffffff00 000a 12 01 00000028")),
      over4(2)("22 00 0000 0000 0002 03 00 0002 e0000005 0a000001 0a000002 04000000 e0000006"),
      over4(50)("00001234 00000007 00112233445566778899aabbccddeeff"),
      over4(112, 255)("21 01 64 01 00 01 ba52 c0a80001 0000000000000000"),
      bfdTo(3784, bfd("20 c0 03 18")),
      typed(0x88cc)(`0207 04 020000000001 0404 05 653030 0602 0078 0a05 6174686f73 0c14 ${"61".repeat(20)} 0000`),
      frame({ protocol: "mpls", labels: Array.from({ length: 9 }, () => ({ label: 16 })) }, four, udp()),
    ],
    { snapLength: 43 },
  ),
];

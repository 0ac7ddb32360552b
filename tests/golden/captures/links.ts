/** What captures start with besides Ethernet; ARP, GRE, and frames that nothing knows. */
import { fromHex, ipv4, LinkType, mac, type LayerInput } from "../../../src/wire/index.ts";
import { back, capture, echo, echo6, ethernet, four, frame, left, packet, payload, raw, right, six, tcp, text, udp } from "./build.ts"; // prettier-ignore

const cooked = (packetType: number, more: object = {}): LayerInput => ({
  protocol: "linux-cooked",
  header: { packetType, address: [2, 0, 0, 0, 0, 1, 0, 0], ...more },
});
const cooked2 = (packetType: number, more: object = {}): LayerInput => ({
  protocol: "linux-cooked-2",
  header: { packetType, interfaceIndex: 4_000_000, address: [2, 0, 0, 0, 0, 1, 0, 0], ...more },
});
const arp = (header: Extract<LayerInput, { protocol: "arp" }>["header"]): Uint8Array =>
  frame({ protocol: "arp", header: header ?? {} });
const unknownType = (etherType: number): LayerInput => ({ protocol: "ethernet", header: { etherType } });
const hello = "hello world, this is more than a line";
const here = mac("2e:fe:7c:b0:c7:72");
const there = mac("2e:fe:7c:b0:c7:73");

/** What one meets behind any such header. */
const inside = (front: LayerInput): Uint8Array[] => [
  packet(front, four, udp(), payload(3)),
  packet(front, six, echo6(128, 1)),
  packet(front, { protocol: "arp", header: { operation: 1, senderMac: here, sender: left, target: right } }),
  packet(front, { protocol: "vlan", header: { id: 5, priority: 3 } }, four, tcp("S", 1, 0)),
];

export const links = [
  ...[
    { linkType: LinkType.LinuxCooked, name: "Linux cooked", front: cooked },
    { linkType: LinkType.LinuxCooked2, name: "Linux cooked, second version", front: cooked2 },
  ].flatMap(({ linkType, name, front }) => [
    capture(
      name,
      [0, 1, 2, 3, 4, 5, 6, 200].flatMap((type) => inside(front(type))),
      { linkType },
    ),
    capture(
      `${name}, with addresses of other lengths, and of types that nothing knows`,
      [
        ...[0, 1, 4, 8].map((addressLength) => packet(front(4, { addressLength }), four, echo(8, 1))),
        ...[0x9999, 0x0600, 0x6558, 0x88b5].map((etherType) => packet(front(0, { etherType }), text(hello))),
        packet(front(0, { etherType: 0x88b5 })),
        packet(front(0, { hardwareType: 772 }), four, udp(), payload(3)),
      ],
      { linkType },
    ),
    capture(
      `${name}, cut`,
      [5, 15, 24, 40, 50].map((length) => packet(front(0), four, udp()).slice(0, length)),
      {
        linkType,
      },
    ),
  ]),
  ...[
    { linkType: LinkType.Null, name: "BSD loopback", protocol: "loopback" as const },
    { linkType: LinkType.Loop, name: "OpenBSD loopback", protocol: "openbsd-loopback" as const },
  ].flatMap(({ linkType, name, protocol }) => [
    ...[false, true].map((bigEndian) =>
      capture(
        `${name}, ${bigEndian ? "big" : "little"}-endian`,
        [
          packet({ protocol, bigEndian }, four, udp(), payload(3)),
          packet({ protocol, bigEndian }, four, tcp("S", 1, 0)),
          packet({ protocol, bigEndian, header: { family: 2 } }, six, udp()),
          ...[24, 28, 30].map((family) => packet({ protocol, bigEndian, header: { family } }, six, echo6(128, 1))),
          packet({ protocol, bigEndian, header: { family: 24 } }, four, udp(), payload(20)),
          ...[0, 1, 10, 77, 0xffff].map((family) => packet({ protocol, bigEndian, header: { family } }, text(hello))),
          packet({ protocol, bigEndian, header: { family: 77 } }),
        ],
        { linkType },
      ),
    ),
    capture(
      `${name}, cut`,
      [3, 4, 10, 26, 30].map((length) => packet({ protocol }, four, udp()).slice(0, length)),
      {
        linkType,
      },
    ),
  ]),
  ...[
    { linkType: LinkType.Raw, name: "raw IP" },
    { linkType: LinkType.RawBsd, name: "raw IP of BSD" },
  ].map(({ linkType, name }) =>
    capture(
      name,
      [
        packet(four, udp(), payload(3)),
        packet(six, echo6(128, 1)),
        packet(four, tcp("S", 1, 0)),
        packet(four, six, udp()),
        packet(four, udp()).slice(0, 10),
        packet(six, udp()).slice(0, 10),
        fromHex("55000000 01020304"),
        fromHex("00"),
      ],
      { linkType },
    ),
  ),
  capture("IPv4 alone", [packet(four, udp(), payload(3)), packet(six, udp()), fromHex("3333")], {
    linkType: LinkType.Ipv4,
  }),
  capture("IPv6 alone", [packet(six, udp(), payload(3)), packet(four, udp(), payload(30)), fromHex("6633")], {
    linkType: LinkType.Ipv6,
  }),
  capture("ARP", [
    arp({ operation: 1, senderMac: here, sender: left, target: right }),
    arp({ operation: 1, senderMac: here, sender: left, targetMac: there, target: right }),
    arp({ operation: 2, senderMac: there, sender: right, targetMac: here, target: left }),
    arp({ operation: 1, senderMac: here, sender: ipv4("0.0.0.0"), target: right }),
    arp({ operation: 1, senderMac: here, sender: left, target: left }),
  ]),
  capture("ARP padded to Ethernet's least length", [
    frame(
      { protocol: "arp", header: { operation: 1, senderMac: here, sender: left, target: right } },
      { protocol: "trailer", bytes: new Uint8Array(18) },
    ),
  ]),
  capture("GRE", [
    frame(four, { protocol: "gre" }, six, echo6(128, 1), payload(20)),
    frame(four, { protocol: "gre", key: 0xbeef, sequence: 7 }, back, udp(), payload(3)),
    frame(six, { protocol: "gre", header: { etherType: 0x9999 } }, payload(9)),
    frame(four, { protocol: "gre", checksum: 0x12340000 }, back, echo(8, 1)),
  ]),
  capture("GRE with Ethernet in it", [frame(four, { protocol: "gre" }, ethernet, back, udp(), payload(3))]),
  capture("frames of types that nothing knows", [
    ...[0x9999, 0x05dd, 0x05ff, 0x0600, 0x6004, 0x6558, 0x893a].map((type) => packet(unknownType(type), text(hello))),
    packet(unknownType(0x88b5)),
    frame({ protocol: "vlan", header: { id: 5, etherType: 0x9999 } }, text(hello)),
  ]),
  capture(
    "IPv4 and IPv6 that are not what their type says",
    [0x0800, 0x86dd].flatMap((type) =>
      ["45", "60", "30", "4400", "4400 0020 0000 0000 4011 0000 0a000002 0a000003"].map((hex) =>
        packet(unknownType(type), raw(hex), payload(40)),
      ),
    ),
  ),
];

/** What captures start with besides Ethernet; ARP, GRE, and frames that nothing knows. */
import { ipv4, LinkType, mac, type LayerInput } from "../../../src/wire/index.ts";
import { back, capture, echo, echo6, ethernet, four, frame, left, packet, payload, right, six, text, udp } from "./build.ts"; // prettier-ignore

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
const here = mac("2e:fe:7c:b0:c7:72");
const there = mac("2e:fe:7c:b0:c7:73");

export const links = [
  capture(
    "Linux cooked",
    [0, 1, 2, 3, 4].flatMap((type) => [
      packet(cooked(type), four, udp(), payload(3)),
      packet(cooked(type), six, echo6(128, 1)),
    ]),
    { linkType: LinkType.LinuxCooked },
  ),
  capture(
    "Linux cooked without an address, with a tag, of an unknown type",
    [
      packet(cooked(0, { addressLength: 0 }), four, echo(8, 1)),
      packet(cooked(0, { etherType: 0x9999 }), text("hello world, this is more than a line")),
    ],
    { linkType: LinkType.LinuxCooked },
  ),
  capture(
    "Linux cooked, second version",
    [0, 1, 2, 3, 4].map((type) => packet(cooked2(type), four, udp(), payload(3))),
    { linkType: LinkType.LinuxCooked2 },
  ),
  capture(
    "BSD loopback",
    [
      packet({ protocol: "loopback" }, four, udp(), payload(3)),
      packet({ protocol: "loopback", header: { family: 24 } }, six, udp(), payload(3)),
      packet({ protocol: "loopback", bigEndian: true }, four, udp(), payload(3)),
      packet({ protocol: "loopback", header: { family: 77 } }, text("hello")),
    ],
    { linkType: LinkType.Null },
  ),
  capture(
    "OpenBSD loopback",
    [
      packet({ protocol: "openbsd-loopback" }, four, udp(), payload(3)),
      packet({ protocol: "openbsd-loopback", header: { family: 24 } }, six, udp()),
    ],
    { linkType: LinkType.Loop },
  ),
  capture("raw IP", [packet(four, udp(), payload(3)), packet(six, echo6(128, 1))], { linkType: LinkType.Raw }),
  capture("IPv4 alone", [packet(four, udp(), payload(3))], { linkType: LinkType.Ipv4 }),
  capture("IPv6 alone", [packet(six, udp(), payload(3))], { linkType: LinkType.Ipv6 }),
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
    packet(unknownType(0x9999), text("hello world, this is more than a line")),
    packet(unknownType(0x88b5)),
  ]),
];

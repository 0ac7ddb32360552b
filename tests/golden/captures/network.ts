/** IPv4, IPv6 and ICMP. */
import { capture, ethernet, echo, echo6, four, frame, back, left, packet, payload, raw, right, six, six2, tcp, udp, athos, aramis } from "./build.ts"; // prettier-ignore
import { ipv6, mac, type LayerInput } from "../../../src/wire/index.ts";

const fourWith = (header: object, options: Extract<LayerInput, { protocol: "ipv4" }>["options"] = []): LayerInput => ({
  protocol: "ipv4",
  header: { source: left, destination: right, ...header },
  options: options ?? [],
});
const icmpFour = fourWith({ protocol: 1 });
const icmpBack: LayerInput = { protocol: "ipv4", header: { source: right, destination: left, protocol: 1 } };
const sixWith = (header: object): LayerInput => ({
  protocol: "ipv6",
  header: { source: athos, destination: aramis, ...header },
});
const error = (type: number, code: number, body: string): Uint8Array =>
  frame(
    icmpBack,
    raw(`${hex2(type)} ${hex2(code)} 0000 ${body} 45000024 00070000 40110000 0a000002 0a000003 9c419c42 0010 0000`),
  );
const providerEthernet: LayerInput = { protocol: "ethernet", header: { etherType: 0x88a8 } };
const hex2 = (value: number): string => value.toString(16).padStart(2, "0");

const ofIpv6 = [0, 43, 44, 58, 60];

const mark = { kind: "pval", reserved: 0, cpu: 0, seq: 46n } as const;

export const network = [
  capture("marks", [
    frame(fourWith({}, [mark]), echo(8, 1), payload(8)),
    frame(fourWith({}, [mark, { kind: "single", type: 1 }]), tcp("S", 1, 0)),
  ]),
  capture("an IOAM trace", [
    frame(
      six,
      {
        protocol: "hop-by-hop",
        options: [
          {
            kind: "ioam",
            ioamType: 0,
            reserved: 0,
            trace: {
              namespaceId: 123,
              traceType: 0xf00000,
              flags: { overflow: false, loopback: false, active: false },
              nodeLength: 4,
              remainingWords: 0,
              hops: [
                { nodeId: 1, hopLimit: 64, ingressId: null, egressId: 11, timestampNs: "1763673600000123000" },
                { nodeId: 2, hopLimit: 63, ingressId: 21, egressId: 22, timestampNs: "1763673600000150000" },
              ],
            },
          },
        ],
      },
      udp(),
      payload(4),
    ),
  ]),
  capture("tunnels in tunnels", [
    frame({ protocol: "vlan", header: { id: 5 } }, four, { protocol: "gre" }, six, four, tcp("A", 1, 2), payload(9)),
    frame(six, { protocol: "gre", key: 1 }, six2, { protocol: "destination-options", options: [] }, udp(), payload(9)),
  ]),
  capture("ICMP echo and its reply", [frame(four, echo(8, 1), payload(56)), frame(back, echo(0, 1), payload(56))]),
  capture(
    "ICMP of every code of unreachable",
    Array.from({ length: 17 }, (_, code) => error(3, code, "00000578")),
  ),
  capture(
    "ICMP redirects",
    [0, 1, 2, 3].map((code) => error(5, code, "0a000001")),
  ),
  capture("ICMP time exceeded, parameter problems", [
    error(11, 0, "00000000"), error(11, 1, "00000000"), error(12, 0, "14000000"), error(12, 1, "00000000"),
  ]), // prettier-ignore
  capture("ICMP of other types", [
    frame(icmpFour, raw("0900 0000 0201 0708 0a000001 00000000")),
    frame(icmpFour, raw("0a00 0000 00000000")),
    frame(icmpFour, raw("1100 0000 0001 0002 00000000")),
    frame(icmpFour, raw("1200 0000 0001 0002 ffffff00")),
    frame(icmpFour, raw("fe00 0000 00000000")),
    frame(icmpFour, raw("0400 0000 00000000")),
  ]), // prettier-ignore
  capture("ICMP with a wrong checksum", [
    frame(four, { protocol: "icmp", header: { type: 8, checksum: 1 }, body: { identifier: 1, sequence: 1 } }),
  ]),
  capture(
    "IPv4 with type of service and every ECN",
    [0, 1, 2, 3].map((ecn) => frame(fourWith({ ecn, dscp: 46, ttl: 1 }), udp(), payload(3))),
  ),
  capture("IPv4 with time to live 0", [frame(fourWith({ ttl: 0 }), udp(), payload(3))]),
  capture("IPv4 with a wrong checksum", [frame(fourWith({ checksum: 0x1234 }), udp(), payload(3))]),
  capture("IPv4 flags", [
    frame(fourWith({ reservedFlag: 1 }), udp(), payload(3)),
    frame(fourWith({ dontFragment: 1, moreFragments: 1 }), udp(), payload(3)),
  ]),
  capture("IPv4 options", [
    frame(
      fourWith({}, [
        { kind: "single", type: 1 },
        { kind: "single", type: 1 },
        { kind: "single", type: 0 },
      ]),
      udp(),
      payload(3),
    ),
    frame(fourWith({}, [{ kind: "routerAlert", value: 0 }]), udp(), payload(3)),
    frame(fourWith({}, [{ kind: "routerAlert", value: 5 }]), udp(), payload(3)),
    frame(fourWith({}, [{ kind: "unknown", type: 30, data: new Uint8Array(2) }]), udp(), payload(3)),
  ]),
  capture("IPv4 fragments", [
    frame(fourWith({ moreFragments: 1, protocol: 17 }), raw("9c41 9c42 0040 0000"), payload(16)),
    frame(fourWith({ fragmentOffset: 3, moreFragments: 1, protocol: 17 }), payload(16)),
    frame(fourWith({ fragmentOffset: 5, protocol: 17 }), payload(16)),
    frame(fourWith({ moreFragments: 1, protocol: 6 }), tcp("A", 1, 1), payload(16)),
    frame(fourWith({ fragmentOffset: 5, protocol: 6 }), payload(16)),
  ]),
  capture("IPv4 of unknown protocols", [
    frame(fourWith({ protocol: 253 }), payload(20)),
    frame(fourWith({ protocol: 89 + 100 }), payload(4)),
  ]),
  capture(
    "protocols of the other IP, or without a printer",
    [1, 2, 8, 9, 46, 55, 58, 62, 80, 88, 108, 113, 135, 143, 0, 60, 43, 44].flatMap((number) => [
      ...(ofIpv6.includes(number) ? [frame(fourWith({ protocol: number }), payload(20))] : []),
      ...(number < 3 && number > 0 ? [frame(sixWith({ nextHeader: number }), payload(20))] : []),
    ]),
  ),
  capture("IP and transport headers that are not there", [
    ...[6, 17, 4, 41].map((protocol) => frame(fourWith({ protocol }))),
    ...[6, 17, 41].map((nextHeader) => frame(sixWith({ nextHeader }))),
    frame(fourWith({ protocol: 6 }), payload(3)),
    frame(fourWith({ protocol: 6 }), raw("9c401451 00000001 00000002 40100000 00000000")),
    frame(fourWith({ protocol: 47 }), raw("0005 0800 00000000")),
    frame(six, { protocol: "fragment", header: { nextHeader: 17 } }).subarray(0, 57),
  ]),
  capture("IPv4 longer than its frame", [frame(fourWith({ totalLength: 100 }), udp(), payload(3))]),
  capture("IPv4 of length 0, as before segmentation", [
    frame(fourWith({ totalLength: 0 }), tcp("A", 1, 1), payload(3)),
  ]),
  capture("IPv4 padded to Ethernet's least length", [
    packet(ethernet, four, udp(), payload(2), { protocol: "trailer", bytes: new Uint8Array(16) }),
  ]),
  capture("IPv6 echo and its reply", [frame(six, echo6(128, 1), payload(56)), frame(six2, echo6(129, 1), payload(56))]),
  capture("IPv6 with traffic class and flow label", [
    frame(sixWith({ trafficClass: 0xb9, flowLabel: 0x12345 }), udp(), payload(3)),
  ]),
  capture(
    "IPv6 addresses",
    ["::", "::1", "1:0:0:2::3", "2001:db8:0:1:1:1:1:1", "::ffff:10.0.0.1", "fe80::1", "1:0:2:0:3:0:4:0"].map(
      (address) => frame(sixWith({ source: ipv6(address) }), udp(), payload(3)),
    ),
  ),
  capture("IPv6 of no next header", [
    frame(sixWith({ nextHeader: 59 })),
    frame(sixWith({ nextHeader: 59 }), payload(4)),
  ]),
  capture("IPv6 of an unknown next header", [frame(sixWith({ nextHeader: 253 }), payload(20))]),
  capture("IPv6 with destination options", [
    frame(six, { protocol: "destination-options", options: [] }, udp(), payload(3)),
  ]),
  capture("IPv6 fragments", [
    frame(
      six,
      { protocol: "fragment", header: { nextHeader: 17, moreFragments: 1, identification: 0xbeef } },
      raw("9c41 9c42 0040 0000"),
      payload(16),
    ),
    frame(
      six,
      { protocol: "fragment", header: { nextHeader: 17, fragmentOffset: 3, identification: 0xbeef } },
      payload(16),
    ),
    frame(six, { protocol: "fragment", header: { nextHeader: 6, identification: 0xbeef } }, tcp("SA", 5, 6)),
  ]),
  capture("IPv6 longer than its frame", [frame(sixWith({ payloadLength: 100 }), udp(), payload(3))]),
  capture("ICMPv6 errors", [
    ...[0, 1, 2, 3, 4, 5, 6].map((code) =>
      frame(six2, { protocol: "icmpv6", header: { type: 1, code }, body: { unused: 0 } }, six, udp(), payload(3)),
    ),
    frame(six2, { protocol: "icmpv6", header: { type: 2, code: 0 }, body: { mtu: 1280 } }, six, udp(), payload(3)),
    ...[0, 1].map((code) =>
      frame(six2, { protocol: "icmpv6", header: { type: 3, code }, body: { unused: 0 } }, six, udp(), payload(3)),
    ),
    ...[0, 1, 2].map((code) =>
      frame(six2, { protocol: "icmpv6", header: { type: 4, code }, body: { pointer: 6 } }, six, udp(), payload(3)),
    ),
  ]),
  capture("neighbour solicitation and advertisement", [
    frame(sixWith({ destination: ipv6("ff02::1:ff00:2"), hopLimit: 255 }), {
      protocol: "icmpv6",
      header: { type: 135 },
      body: { reserved: 0, target: ipv6("2001:db8::2") },
      options: [{ kind: "sourceLinkAddress", address: mac("02:00:00:00:00:01") }],
    }),
    ...[
      [1, 1, 1],
      [0, 0, 0],
      [0, 1, 1],
    ].map(([router, solicited, override]) =>
      frame(six2, {
        protocol: "icmpv6",
        header: { type: 136 },
        body: { router: router!, solicited: solicited!, override: override!, reserved: 0, target: ipv6("2001:db8::2") },
        options: [{ kind: "targetLinkAddress", address: mac("02:00:00:00:00:02") }],
      }),
    ),
  ]),
  capture("router solicitation and advertisement", [
    frame(sixWith({ destination: ipv6("ff02::2"), hopLimit: 255 }), { protocol: "icmpv6", header: { type: 133 }, body: { reserved: 0 }, options: [{ kind: "sourceLinkAddress", address: mac("02:00:00:00:00:01") }] }),
    frame(six2, {
      protocol: "icmpv6", header: { type: 134 },
      body: { hopLimit: 64, managed: 0, other: 1, reserved: 0, routerLifetime: 1800, reachableTime: 0, retransmitTimer: 0 },
      options: [
        { kind: "prefixInformation", prefixLength: 64, onLink: 1, autonomous: 1, reserved: 0, validLifetime: 86400, preferredLifetime: 0xffffffff, reserved2: 0, prefix: ipv6("2001:db8::") },
        { kind: "mtu", reserved: 0, mtu: 1500 },
        { kind: "sourceLinkAddress", address: mac("02:00:00:00:00:01") },
      ],
    }),
  ]), // prettier-ignore
  capture("redirect for IPv6", [
    frame(six2, {
      protocol: "icmpv6",
      header: { type: 137 },
      body: { reserved: 0, target: ipv6("fe80::1"), destination: ipv6("2001:db8:9::1") },
      options: [{ kind: "targetLinkAddress", address: mac("02:00:00:00:00:02") }],
    }),
  ]),
  capture("ICMPv6 with a wrong checksum, and of unknown types", [
    frame(six, { protocol: "icmpv6", header: { type: 128, checksum: 1 }, body: { identifier: 1, sequence: 2 } }),
    frame(six, { protocol: "icmpv6", header: { type: 200 } }, payload(4)),
  ]),
  capture("IPv4 and IPv6 in each other", [
    frame(four, six, echo6(128, 1), payload(8)), frame(six, four, echo(8, 1), payload(8)), frame(four, back, tcp("S", 1, 0)), frame(six, six2, udp(), payload(3)),
  ]), // prettier-ignore
  capture("VLAN tags", [
    frame({ protocol: "vlan", header: { id: 5, priority: 3 } }, four, udp(), payload(3)),
    frame(
      { protocol: "vlan", header: { id: 5, dropEligible: 1, etherType: 0x8100 } },
      { protocol: "vlan", header: { id: 6 } },
      six,
      udp(),
      payload(3),
    ),
    packet(
      providerEthernet,
      { protocol: "vlan", header: { id: 100, etherType: 0x8100 } },
      { protocol: "vlan", header: { id: 6 } },
      four,
      echo(8, 1),
    ),
  ]),
];

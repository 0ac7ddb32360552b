/**
 * The golden packets: what Hopmark encodes, the line it prints, and what tshark must read in it. The bytes are pinned in
 * `packets.hex`; `npx vitest run tests/golden -u` rebuilds that file.
 */
import { clientHello } from "./client-hello.ts";
import { fromHex, ipv4, ipv6, mac, type Ipv6Option, type LayerInput } from "../../src/wire/index.ts";

export interface GoldenPacket {
  readonly name: string;
  readonly layers: readonly LayerInput[];
  /** The line without link header, not verbose. */
  readonly line: string;
  /** `tcpdump -n -t -S` where it differs; null: tcpdump's line has no counterpart here. */
  readonly tcpdump?: string | null;
  /** The verbose line, where it says more than tcpdump knows. */
  readonly verbose?: string;
  /** tshark's field names and values. */
  readonly tshark: Readonly<Record<string, string>>;
}

const athos = ipv6("db01::1");
const aramis = ipv6("db02::2");
const left = ipv4("10.0.0.2");
const right = ipv4("10.0.0.3");

const ethernet: LayerInput = {
  protocol: "ethernet",
  header: { source: mac("2e:fe:7c:b0:c7:72"), destination: mac("2e:fe:7c:b0:c7:73") },
};
const six: LayerInput = { protocol: "ipv6", header: { source: athos, destination: aramis } };
const four: LayerInput = {
  protocol: "ipv4",
  header: { source: left, destination: right, dontFragment: 1, identification: 7 },
};
const back: LayerInput = { protocol: "ipv4", header: { source: right, destination: left } };
const bytes = (length: number): LayerInput => ({
  protocol: "payload",
  bytes: Uint8Array.from({ length }, (_, index) => index),
});
const echo6: LayerInput = { protocol: "icmpv6", header: { type: 128 }, body: { identifier: 1, sequence: 2 } };
const udp: LayerInput = { protocol: "udp", header: { sourcePort: 40001, destinationPort: 40002 } };

const trace: Ipv6Option = {
  kind: "ioam",
  ioamType: 0,
  reserved: 0,
  trace: {
    namespaceId: 123,
    traceType: 0xfe0000,
    flags: { overflow: false, loopback: false, active: false },
    nodeLength: 7,
    remainingWords: 7,
    hops: [
      {
        nodeId: 1, ingressId: null, egressId: 11, hopLimit: 64, timestampNs: "1763673600000123000",
        transitDelayNs: null, namespaceData: "0xdeadbeef", queueDepth: 0,
      },
      {
        nodeId: 2, ingressId: 21, egressId: 22, hopLimit: 63, timestampNs: "1763673600000150000",
        transitDelayNs: 4200, namespaceData: "0xcafedeca", queueDepth: 3000,
      },
    ], // prettier-ignore
  },
};

const edgeToEdge: Ipv6Option = {
  kind: "ioam",
  ioamType: 3,
  reserved: 0,
  edgeToEdge: {
    namespaceId: 123,
    e2eType: 0xb000,
    sequence: "81985529216486895",
    timestampSeconds: 1_763_673_600,
    timestampFraction: 123,
  },
};

export const goldenPackets: readonly GoldenPacket[] = [
  {
    name: "ICMPv6 echo request",
    layers: [ethernet, six, echo6, bytes(56)],
    line: "IP6 db01::1 > db02::2: ICMP6, echo request, id 1, seq 2, length 64",
    tshark: {
      "ipv6.plen": "64",
      "icmpv6.type": "128",
      "icmpv6.checksum.status": "1",
      "icmpv6.echo.identifier": "0x0001",
    },
  },
  {
    name: "ICMPv6 echo reply in a VLAN",
    layers: [
      ethernet,
      { protocol: "vlan", header: { priority: 3, id: 1205 } },
      six,
      { protocol: "icmpv6", header: { type: 129 }, body: { identifier: 1, sequence: 2 } },
      bytes(8),
    ],
    line: "IP6 db01::1 > db02::2: ICMP6, echo reply, id 1, seq 2, length 16",
    tshark: { "vlan.id": "1205", "vlan.priority": "3", "icmpv6.checksum.status": "1" },
  },
  {
    name: "UDP in IPv6 in two VLANs",
    layers: [
      ethernet,
      { protocol: "vlan", header: { id: 7, etherType: 0x8100 } },
      { protocol: "vlan", header: { id: 8, dropEligible: 1 } },
      { ...six, header: { source: athos, destination: aramis, trafficClass: 0xb8, flowLabel: 0xbeef1 } },
      udp,
      bytes(5),
    ],
    line: "IP6 db01::1.40001 > db02::2.40002: UDP, length 5",
    verbose:
      "IP6 (class 0xb8, flowlabel 0xbeef1, hlim 64, next-header UDP (17) payload length: 13) db01::1.40001 > db02::2.40002: [udp sum ok] UDP, length 5",
    tshark: { "udp.length": "13", "udp.checksum.status": "1", "ipv6.flow": "0x0beef1", "ipv6.tclass": "0x000000b8" },
  },
  {
    name: "UDP behind an IOAM trace of two hops",
    layers: [ethernet, six, { protocol: "hop-by-hop", options: [trace] }, udp, bytes(10)],
    line: "IP6 db01::1 > db02::2: HBH 40001 > 40002: UDP, length 10",
    verbose:
      "IP6 (hlim 64, next-header Options (0) payload length: 122) db01::1 > db02::2: " +
      "HBH (padn)(ioam trace ns 123, type 0xfe0000, free 7 words, nodes 1 2)(padn) 40001 > 40002: [udp sum ok] UDP, length 10",
    tshark: {
      "ipv6.hopopts.len": "12",
      "ipv6.opt.ioam.trace.ns": "123",
      "ipv6.opt.ioam.trace.nodelen": "7",
      "ipv6.opt.ioam.trace.remlen": "7",
      "ipv6.opt.ioam.trace.node.id": "0x000002,0x000001",
      "ipv6.opt.ioam.trace.node.trdelay": "0x00001068,0xffffffff",
      "ipv6.opt.ioam.trace.node.eif": "0x0016,0x000b",
      "udp.checksum.status": "1",
    },
  },
  {
    name: "UDP behind an Edge-to-Edge option and a trace",
    layers: [ethernet, six, { protocol: "hop-by-hop", options: [edgeToEdge, trace] }, udp, bytes(10)],
    line: "IP6 db01::1 > db02::2: HBH 40001 > 40002: UDP, length 10",
    verbose:
      "IP6 (hlim 64, next-header Options (0) payload length: 146) db01::1 > db02::2: " +
      "HBH (padn)(ioam e2e ns 123, seq 81985529216486895, time 1763673600.000123)" +
      "(ioam trace ns 123, type 0xfe0000, free 7 words, nodes 1 2)(padn) 40001 > 40002: [udp sum ok] UDP, length 10",
    tshark: {
      "ipv6.hopopts.len": "15",
      "ipv6.opt.length": "0,22,94,2",
      "ipv6.opt.ioam.opt_type": "3,0",
      "ipv6.opt.ioam.trace.ns": "123",
      "ipv6.opt.ioam.trace.node.id": "0x000002,0x000001",
      "udp.checksum.status": "1",
    },
  },
  {
    name: "TCP SYN",
    layers: [
      ethernet,
      four,
      {
        protocol: "tcp",
        header: { sourcePort: 40000, destinationPort: 5201, sequence: 4294967290, syn: 1, window: 64240 },
        options: [
          { kind: "maximumSegmentSize", size: 1460 },
          { kind: "sackPermitted" },
          { kind: "timestamps", value: 77, echo: 0 },
          { kind: "single", type: 1 },
          { kind: "windowScale", shift: 7 },
        ],
      },
    ],
    line: "IP 10.0.0.2.40000 > 10.0.0.3.5201: Flags [S], seq 4294967290, win 64240, options [mss 1460,sackOK,TS val 77 ecr 0,nop,wscale 7], length 0",
    tshark: {
      "tcp.checksum.status": "1",
      "ip.checksum.status": "1",
      "tcp.hdr_len": "40",
      "tcp.options.mss_val": "1460",
    },
  },
  {
    name: "TCP data over IPv6 with selective acknowledgments",
    layers: [
      ethernet,
      six,
      {
        protocol: "tcp",
        header: {
          sourcePort: 40000, destinationPort: 5201, sequence: 4294967290, acknowledgment: 9, ack: 1, psh: 1, ece: 1,
          window: 502,
        }, // prettier-ignore
        options: [
          { kind: "single", type: 1 },
          { kind: "single", type: 1 },
          { kind: "sack", blocks: [{ left: 20, right: 30 }, { left: 40, right: 50 }] }, // prettier-ignore
        ],
      },
      bytes(21),
    ],
    line: "IP6 db01::1.40000 > db02::2.5201: Flags [P.E], seq 4294967290:15, ack 9, win 502, options [nop,nop,sack 2 {20:30}{40:50}], length 21",
    tshark: { "tcp.checksum.status": "1", "tcp.len": "21", "tcp.options.sack_le": "20,40" },
  },
  {
    name: "ICMP echo reply with a mark",
    layers: [
      ethernet,
      { ...four, options: [{ kind: "pval", reserved: 0, cpu: 0, seq: 46n }] },
      { protocol: "icmp", header: { type: 0 }, body: { identifier: 9, sequence: 1 } },
      bytes(56),
    ],
    line: "IP 10.0.0.2 > 10.0.0.3: ICMP echo reply, id 9, seq 1, length 64",
    verbose:
      "IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto ICMP (1), length 96, options (pval cpu 0, seq 46))\n    " +
      "10.0.0.2 > 10.0.0.3: ICMP echo reply, id 9, seq 1, length 64",
    tshark: { "ip.hdr_len": "32", "ip.len": "96", "ip.checksum.status": "1", "icmp.checksum.status": "1" },
  },
  {
    name: "ICMP port unreachable",
    layers: [
      ethernet,
      back,
      { protocol: "icmp", header: { type: 3, code: 3 }, body: { unused: 0, quotedLength: 0, mtu: 0 } },
      four,
      udp,
    ],
    line: "IP 10.0.0.3 > 10.0.0.2: ICMP 10.0.0.3 udp port 40002 unreachable, length 36",
    tshark: { "icmp.type": "3", "icmp.checksum.status": "1", "udp.dstport": "40002" },
  },
  {
    name: "ICMP fragmentation needed",
    layers: [
      ethernet,
      back,
      { protocol: "icmp", header: { type: 3, code: 4 }, body: { unused: 0, quotedLength: 0, mtu: 1400 } },
      { ...four, header: { source: left, destination: right, totalLength: 1500, protocol: 6 } },
      { protocol: "payload", bytes: Uint8Array.of(0x9c, 0x40, 0x14, 0x51, 0, 0, 0, 1) },
    ],
    line: "IP 10.0.0.3 > 10.0.0.2: ICMP 10.0.0.3 unreachable - need to frag (mtu 1400), length 36",
    tshark: { "icmp.mtu": "1400", "icmp.checksum.status": "1" },
  },
  {
    name: "ICMP time exceeded",
    layers: [ethernet, back, { protocol: "icmp", header: { type: 11 }, body: { unused: 0 } }, four, udp],
    line: "IP 10.0.0.3 > 10.0.0.2: ICMP time exceeded in-transit, length 36",
    tshark: { "icmp.type": "11", "icmp.checksum.status": "1" },
  },
  {
    name: "ICMPv6 port unreachable",
    layers: [
      ethernet,
      six,
      { protocol: "icmpv6", header: { type: 1, code: 4 }, body: { unused: 0 } },
      six,
      udp,
      bytes(4),
    ],
    line: "IP6 db01::1 > db02::2: ICMP6, destination unreachable, unreachable port, db02::2 udp port 40002, length 60",
    tshark: { "icmpv6.type": "1", "icmpv6.code": "4", "icmpv6.checksum.status": "1" },
  },
  {
    name: "ICMPv6 packet too big",
    layers: [ethernet, six, { protocol: "icmpv6", header: { type: 2 }, body: { mtu: 1396 } }, six, udp, bytes(4)],
    line: "IP6 db01::1 > db02::2: ICMP6, packet too big, mtu 1396, length 60",
    tshark: { "icmpv6.mtu": "1396", "icmpv6.checksum.status": "1" },
  },
  {
    name: "ICMPv6 time exceeded",
    layers: [ethernet, six, { protocol: "icmpv6", header: { type: 3 }, body: { unused: 0 } }, six, udp, bytes(4)],
    line: "IP6 db01::1 > db02::2: ICMP6, time exceeded in-transit for db02::2, length 60",
    tshark: { "icmpv6.type": "3", "icmpv6.checksum.status": "1" },
  },
  {
    name: "ICMPv6 parameter problem",
    layers: [
      ethernet,
      six,
      { protocol: "icmpv6", header: { type: 4, code: 2 }, body: { pointer: 42 } },
      six,
      udp,
      bytes(4),
    ],
    line: "IP6 db01::1 > db02::2: ICMP6, parameter problem, option - octet 42, length 60",
    tshark: { "icmpv6.type": "4", "icmpv6.pointer": "42", "icmpv6.checksum.status": "1" },
  },
  {
    name: "neighbour solicitation",
    layers: [
      ethernet,
      { protocol: "ipv6", header: { source: athos, destination: ipv6("ff02::1:ff00:2"), hopLimit: 255 } },
      {
        protocol: "icmpv6",
        header: { type: 135 },
        body: { reserved: 0, target: ipv6("db01::2") },
        options: [{ kind: "sourceLinkAddress", address: mac("2e:fe:7c:b0:c7:72") }],
      },
    ],
    line: "IP6 db01::1 > ff02::1:ff00:2: ICMP6, neighbor solicitation, who has db01::2, length 32",
    tshark: {
      "icmpv6.nd.ns.target_address": "db01::2",
      "icmpv6.checksum.status": "1",
      "icmpv6.opt.linkaddr": "2e:fe:7c:b0:c7:72",
    },
  },
  {
    name: "neighbour advertisement",
    layers: [
      ethernet,
      { protocol: "ipv6", header: { source: ipv6("db01::2"), destination: athos, hopLimit: 255 } },
      {
        protocol: "icmpv6",
        header: { type: 136 },
        body: { router: 1, solicited: 1, override: 0, reserved: 0, target: ipv6("db01::2") },
        options: [{ kind: "targetLinkAddress", address: mac("2e:fe:7c:b0:c7:73") }],
      },
    ],
    line: "IP6 db01::2 > db01::1: ICMP6, neighbor advertisement, tgt is db01::2, length 32",
    tshark: {
      "icmpv6.nd.na.flag.r": "1",
      "icmpv6.nd.na.flag.s": "1",
      "icmpv6.nd.na.flag.o": "0",
      "icmpv6.checksum.status": "1",
    },
  },
  {
    name: "router advertisement",
    layers: [
      ethernet,
      { protocol: "ipv6", header: { source: ipv6("fe80::1"), destination: ipv6("ff02::1"), hopLimit: 255 } },
      {
        protocol: "icmpv6",
        header: { type: 134 },
        body: {
          hopLimit: 64, managed: 0, other: 1, reserved: 0, routerLifetime: 1800, reachableTime: 0, retransmitTimer: 0,
        }, // prettier-ignore
        options: [
          {
            kind: "prefixInformation", prefixLength: 64, onLink: 1, autonomous: 1, reserved: 0, validLifetime: 86400,
            preferredLifetime: 14400, reserved2: 0, prefix: ipv6("db01::"),
          }, // prettier-ignore
          { kind: "mtu", reserved: 0, mtu: 1396 },
        ],
      },
    ],
    line: "IP6 fe80::1 > ff02::1: ICMP6, router advertisement, length 56",
    tshark: { "icmpv6.opt.prefix": "db01::", "icmpv6.opt.mtu": "1396", "icmpv6.checksum.status": "1" },
  },
  {
    name: "multicast listener's router alert",
    layers: [
      ethernet,
      { protocol: "ipv6", header: { source: ipv6("fe80::1"), destination: ipv6("ff02::16"), hopLimit: 1 } },
      { protocol: "hop-by-hop", options: [{ kind: "routerAlert", value: 0 }] },
      { protocol: "icmpv6", header: { type: 200 } },
      bytes(4),
    ],
    line: "IP6 fe80::1 > ff02::16: HBH ICMP6, mtrace response, length 8\n\t0x0000:  c800 381e 0001 0203",
    tcpdump: null,
    verbose:
      "IP6 (hlim 1, next-header Options (0) payload length: 16) fe80::1 > ff02::16: HBH (rtalert: 0x0000)(padn) [icmp6 sum ok] ICMP6, mtrace response, length 8\n\t0x0000:  c800 381e 0001 0203",
    tshark: { "ipv6.opt.router_alert": "0", "icmpv6.checksum.status": "1" },
  },
  {
    name: "Destination options",
    layers: [ethernet, six, { protocol: "destination-options", options: [] }, udp, bytes(1)],
    line: "IP6 db01::1 > db02::2: DSTOPT 40001 > 40002: UDP, length 1",
    tshark: { "ipv6.dstopts.len": "0", "udp.checksum.status": "1" },
  },
  {
    name: "first fragment",
    layers: [
      ethernet,
      six,
      { protocol: "fragment", header: { moreFragments: 1, identification: 0x1234 } },
      { ...udp, header: { sourcePort: 40001, destinationPort: 40002, length: 40, checksum: 0xa092 } },
      bytes(16),
    ],
    line: "IP6 db01::1 > db02::2: frag (0|24) 40001 > 40002: UDP, length 32",
    tshark: { "ipv6.fraghdr.ident": "0x00001234", "ipv6.fraghdr.more": "1" },
  },
  {
    name: "later fragment",
    layers: [
      ethernet,
      six,
      { protocol: "fragment", header: { nextHeader: 17, fragmentOffset: 3, identification: 0x1234 } },
      bytes(16),
    ],
    line: "IP6 db01::1 > db02::2: frag (24|16)",
    tshark: { "ipv6.fraghdr.offset": "3" },
  },
  {
    name: "later fragment of IPv4",
    layers: [
      ethernet,
      { protocol: "ipv4", header: { source: left, destination: right, protocol: 17, fragmentOffset: 3 } },
      bytes(16),
    ],
    line: "IP 10.0.0.2 > 10.0.0.3: ip-proto-17",
    tshark: { "ip.frag_offset": "3", "ip.checksum.status": "1" },
  },
  {
    name: "IPv6 in IPv4",
    layers: [ethernet, four, six, echo6, bytes(8)],
    line: "IP 10.0.0.2 > 10.0.0.3: IP6 db01::1 > db02::2: ICMP6, echo request, id 1, seq 2, length 16",
    tshark: { "ip.proto": "41", "icmpv6.checksum.status": "1" },
  },
  {
    name: "IPv4 in IPv6",
    layers: [
      ethernet,
      six,
      four,
      { protocol: "icmp", header: { type: 8 }, body: { identifier: 9, sequence: 1 } },
      bytes(8),
    ],
    line: "IP6 db01::1 > db02::2: IP 10.0.0.2 > 10.0.0.3: ICMP echo request, id 9, seq 1, length 16",
    tshark: { "ipv6.nxt": "4", "icmp.checksum.status": "1" },
  },
  {
    name: "short UDP padded to Ethernet's least length",
    layers: [ethernet, four, udp, bytes(2), { protocol: "trailer", bytes: new Uint8Array(16) }],
    line: "IP 10.0.0.2.40001 > 10.0.0.3.40002: UDP, length 2",
    tshark: { "udp.length": "10", "udp.checksum.status": "1", "eth.padding": "00".repeat(16) },
  },
  {
    name: "DHCP",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 68, destinationPort: 67 } },
      {
        protocol: "dhcp",
        header: {
          transactionId: 0x12345678,
          seconds: 3,
          hardwareAddress: [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        },
        options: [
          { kind: "messageType", type: 3 },
          { kind: "requestedAddress", address: right },
          { kind: "leaseTime", seconds: 600 },
          { kind: "single", type: 255 },
        ],
      },
    ],
    line: "IP 10.0.0.2.68 > 10.0.0.3.67: BOOTP/DHCP, Request from 02:00:00:00:00:01, length 256",
    tshark: {
      "dhcp.option.dhcp": "3",
      "dhcp.id": "0x12345678",
      "dhcp.option.requested_ip_address": "10.0.0.3",
      "dhcp.option.ip_address_lease_time": "600",
    },
  },
  {
    name: "a TLS ClientHello",
    layers: [
      ethernet,
      four,
      {
        protocol: "tcp",
        header: {
          sourcePort: 40000,
          destinationPort: 443,
          sequence: 1,
          acknowledgment: 1,
          window: 502,
          ack: 1,
          psh: 1,
        },
      },
      { protocol: "tls", bytes: fromHex(clientHello) },
    ],
    line: "IP 10.0.0.2.40000 > 10.0.0.3.443: Flags [P.], seq 1:218, ack 1, win 502, length 217",
    verbose:
      "IP (tos 0x0, ttl 64, id 7, offset 0, flags [DF], proto TCP (6), length 257)\n" +
      "    10.0.0.2.40000 > 10.0.0.3.443: Flags [P.], cksum 0x7a45 (correct), seq 1:218, ack 1, win 502, length 217" +
      ": TLS ClientHello, SNI example.com, ALPN h2 http/1.1, versions 1.3 1.2",
    tshark: {
      "tls.handshake.extensions_server_name": "example.com",
      "tls.handshake.extensions_alpn_str": "h2,http/1.1",
      "tls.handshake.extensions.supported_version": "0x0304,0x0303",
    },
  },
  {
    name: "NTP",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 40001, destinationPort: 123 } },
      { protocol: "ntp", header: { stratum: 2, poll: 6, precision: 0xe9, transmit: 0xe5f6a7b8_80000000n } },
    ],
    line: "IP 10.0.0.2.40001 > 10.0.0.3.123: NTPv4, Client, length 48",
    tshark: { "ntp.stratum": "2", "ntp.ppoll": "6", "ntp.precision": "233", "ntp.flags.mode": "3" },
  },
  {
    name: "IGMP report",
    layers: [
      ethernet,
      { protocol: "ipv4", header: { source: left, destination: ipv4("224.0.0.5"), ttl: 1 } },
      { protocol: "igmp", header: { type: 0x16 }, data: fromHex("e0000005") },
    ],
    line: "IP 10.0.0.2 > 224.0.0.5: igmp v2 report 224.0.0.5",
    tshark: { "igmp.type": "0x16", "igmp.maddr": "224.0.0.5", "igmp.checksum.status": "1" },
  },
  {
    name: "VRRP advertisement",
    layers: [
      ethernet,
      { protocol: "ipv4", header: { source: left, destination: ipv4("224.0.0.18"), ttl: 255 } },
      { protocol: "vrrp", header: { router: 7, priority: 120, count: 1 }, data: fromHex("0a000001 0000000000000000") },
    ],
    line: "IP 10.0.0.2 > 224.0.0.18: VRRPv2, Advertisement, vrid 7, prio 120, authtype none, intvl 1s, length 20",
    verbose:
      "IP (tos 0x0, ttl 255, id 0, offset 0, flags [none], proto VRRP (112), length 40)\n" +
      "    10.0.0.2 > 224.0.0.18: VRRPv2, Advertisement, vrid 7, prio 120, authtype none, intvl 1s, length 20, addrs: 10.0.0.1",
    tshark: { "vrrp.virt_rtr_id": "7", "vrrp.prio": "120", "vrrp.ip_addr": "10.0.0.1", "vrrp.checksum.status": "1" },
  },
  {
    name: "ESP behind AH",
    layers: [
      ethernet,
      six,
      { protocol: "ah", header: { spi: 0x1234, sequence: 7 } },
      { protocol: "esp", header: { spi: 0x5678, sequence: 8 }, data: new Uint8Array(20) },
    ],
    line: "IP6 db01::1 > db02::2: AH(spi=0x00001234,seq=0x7,icv=0x000000000000000000000000): ESP(spi=0x00005678,seq=0x8), length 28",
    tshark: { "ah.spi": "0x00001234", "ah.sequence": "7", "esp.spi": "0x00005678", "esp.sequence": "8" },
  },
  {
    name: "two MPLS labels around IPv4",
    layers: [
      ethernet,
      {
        protocol: "mpls",
        labels: [
          { label: 16, ttl: 63 },
          { label: 17, trafficClass: 5 },
        ],
      },
      four,
      udp,
      bytes(3),
    ],
    line: "MPLS (label 16, tc 0, ttl 63) (label 17, tc 5, [S], ttl 64) IP 10.0.0.2.40001 > 10.0.0.3.40002: UDP, length 3",
    tshark: { "mpls.label": "16,17", "mpls.exp": "0,5", "mpls.bottom": "0,1", "udp.checksum.status": "1" },
  },
  {
    name: "IPv6 in a PPPoE session",
    layers: [ethernet, { protocol: "pppoe", header: { session: 17 } }, { protocol: "ppp" }, six, echo6, bytes(8)],
    line: "PPPoE  [ses 0x11] IP6 db01::1 > db02::2: ICMP6, echo request, id 1, seq 2, length 16",
    tshark: { "pppoe.session_id": "0x0011", "ppp.protocol": "0x0057", "icmpv6.checksum.status": "1" },
  },
  {
    name: "a PPPoE session's beginning",
    layers: [ethernet, { protocol: "pppoe-discovery", header: { code: 0x19 }, data: fromHex("0101 0003 697370") }],
    line: 'PPPoE PADR [Service-Name "isp"]',
    tshark: { "pppoe.code": "0x19", "pppoed.tags.service_name": "isp" },
  },
  {
    name: "LCP Echo-Request",
    layers: [
      ethernet,
      { protocol: "pppoe", header: { session: 17 } },
      { protocol: "ppp" },
      { protocol: "ppp-control", header: { code: 9, identifier: 3, length: 8 }, data: fromHex("11223344") },
    ],
    line: "PPPoE  [ses 0x11] LCP, Echo-Request (0x09), id 3, length 10",
    tshark: { "ppp.protocol": "0xc021", "ppp.code": "9", "ppp.identifier": "3" },
  },
  {
    name: "Rapid STP",
    layers: [
      ethernet,
      { protocol: "llc" },
      {
        protocol: "stp",
        header: { version: 2, type: 2 },
        data: fromHex("3c 8000 020000000009 00004e20 8001 020000000001 8002 0100 1400 0200 0f00 00"),
      },
      { protocol: "trailer", bytes: new Uint8Array(7) },
    ],
    line: "STP 802.1w, Rapid STP, Flags [Learn, Forward], bridge-id 8001.02:00:00:00:00:01.8002, length 36",
    tshark: {
      "llc.dsap": "0x42",
      "stp.bridge.hw": "02:00:00:00:00:01",
      "stp.root.cost": "20000",
      "stp.port": "0x8002",
    },
  },
  {
    name: "IPv4 behind LLC and SNAP",
    layers: [ethernet, { protocol: "llc" }, { protocol: "snap" }, four, udp, bytes(3)],
    line: "IP 10.0.0.2.40001 > 10.0.0.3.40002: UDP, length 3",
    tshark: { "llc.dsap": "0xaa", "llc.type": "0x0800", "udp.checksum.status": "1" },
  },
  {
    name: "LLDP",
    layers: [
      ethernet,
      {
        protocol: "lldp",
        header: { typeAndLength: 0x0207 },
        data: fromHex("04 020000000001 0404 05 653030 0602 0078 0a05 6174686f73 0000"),
      },
    ],
    line: "LLDP, length 28: athos",
    tshark: { "lldp.tlv.system.name": "athos", "lldp.time_to_live": "120" },
  },
  {
    name: "LACP",
    layers: [
      ethernet,
      {
        protocol: "slow-protocol",
        data: fromHex(
          `0114 8000 020000000001 0001 8000 0001 3d 000000 0214 8000 020000000002 0001 8000 0002 3d 000000 0310 0000 ${"00".repeat(66)}`,
        ),
      },
    ],
    line: "LACPv1, length 112",
    tshark: { "slow.subtype": "0x01", "lacp.version": "0x01", "lacp.actor.sysid": "02:00:00:00:00:01" },
  },
  {
    name: "EAPOL start",
    layers: [ethernet, { protocol: "eapol", header: { type: 1 } }],
    line: "EAPOL start (1) v2, len 0",
    tshark: { "eapol.version": "2", "eapol.type": "1" },
  },
  {
    name: "BFD",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 49153, destinationPort: 3784 } },
      { protocol: "bfd", header: { mine: 1, yours: 2, desiredTx: 50_000, requiredRx: 50_000 } },
    ],
    line: "IP 10.0.0.2.49153 > 10.0.0.3.3784: BFDv1, Control, State Up, Flags: [none], length: 24",
    tshark: { "bfd.sta": "0x03", "bfd.my_discriminator": "0x00000001", "bfd.desired_min_tx_interval": "50000" },
  },
  {
    name: "RADIUS Access-Request",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 40001, destinationPort: 1812 } },
      { protocol: "radius", header: { identifier: 7, length: 25 }, data: fromHex("0105626f62") },
    ],
    line: "IP 10.0.0.2.40001 > 10.0.0.3.1812: RADIUS, Access-Request (1), id: 0x07 length: 25",
    tshark: { "radius.code": "1", "radius.id": "7", "radius.User_Name": "bob" },
  },
  {
    name: "TFTP read request",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 40069, destinationPort: 69 } },
      { protocol: "tftp", data: fromHex("666f6f00 6f6374657400") },
    ],
    line: 'IP 10.0.0.2.40069 > 10.0.0.3.69: TFTP, length 12, RRQ "foo" octet',
    tshark: { "tftp.opcode": "1", "tftp.source_file": "foo" },
  },
  {
    name: "syslog",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 40001, destinationPort: 514 } },
      { protocol: "syslog", bytes: new TextEncoder().encode("<34>Oct 11 22:14:15 athos su: failed") },
    ],
    line: "IP 10.0.0.2.40001 > 10.0.0.3.514: SYSLOG auth.critical, length: 36",
    tshark: { "syslog.facility": "4", "syslog.level": "2" },
  },
  {
    name: "DHCPv6 Solicit",
    layers: [
      ethernet,
      six,
      { protocol: "udp", header: { sourcePort: 546, destinationPort: 547 } },
      { protocol: "dhcpv6", header: { transaction: 0x123456 }, data: fromHex("0008 0002 0000") },
    ],
    line: "IP6 db01::1.546 > db02::2.547: dhcp6 solicit",
    tshark: { "dhcpv6.msgtype": "1", "dhcpv6.xid": "0x123456" },
  },
  {
    name: "RIP response",
    layers: [
      ethernet,
      four,
      { protocol: "udp", header: { sourcePort: 520, destinationPort: 520 } },
      { protocol: "rip", header: { command: 2 }, data: fromHex("0002 0000 0a000000 ff000000 00000000 00000001") },
    ],
    line: "IP 10.0.0.2.520 > 10.0.0.3.520: RIPv2, Response, length: 24",
    tshark: { "rip.command": "2", "rip.version": "2", "rip.ip": "10.0.0.0" },
  },
  {
    name: "HSRP hello",
    layers: [
      ethernet,
      { protocol: "ipv4", header: { source: left, destination: ipv4("224.0.0.2"), ttl: 1 } },
      { protocol: "udp", header: { sourcePort: 1985, destinationPort: 1985 } },
      {
        protocol: "hsrp",
        header: {
          state: 16,
          helloTime: 3,
          holdTime: 10,
          priority: 100,
          group: 1,
          address: ipv4("10.0.0.100"),
          authentication: [0x63, 0x69, 0x73, 0x63, 0x6f, 0, 0, 0],
        },
      },
    ],
    line: "IP 10.0.0.2.1985 > 224.0.0.2.1985: HSRPv0-hello 20: state=active group=1 addr=10.0.0.100",
    tshark: { "hsrp.state": "16", "hsrp.priority": "100", "hsrp.virt_ip": "10.0.0.100" },
  },
  {
    name: "PIM hello",
    layers: [
      ethernet,
      { protocol: "ipv4", header: { source: left, destination: ipv4("224.0.0.13"), ttl: 1 } },
      { protocol: "pim", data: fromHex("0001 0002 0069") },
    ],
    line: "IP 10.0.0.2 > 224.0.0.13: PIMv2, Hello, length 10",
    tshark: { "pim.type": "0", "pim.version": "2", "pim.cksum.status": "1" },
  },
  {
    name: "nothing after IPv6",
    layers: [ethernet, six],
    line: "IP6 db01::1 > db02::2: no next header",
    tshark: { "ipv6.nxt": "59" },
  },
  {
    name: "unknown protocol in IPv4",
    layers: [ethernet, { protocol: "ipv4", header: { source: left, destination: right, protocol: 253 } }, bytes(20)],
    line: "IP 10.0.0.2 > 10.0.0.3:  ip-proto-253 20",
    tshark: { "ip.proto": "253", "ip.checksum.status": "1" },
  },
  {
    name: "unknown protocol in IPv6",
    layers: [
      ethernet,
      { protocol: "ipv6", header: { source: athos, destination: aramis, nextHeader: 253 } },
      bytes(20),
    ],
    line: "IP6 db01::1 > db02::2:  ip-proto-253 20",
    tshark: { "ipv6.nxt": "253" },
  },
];

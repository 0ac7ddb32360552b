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

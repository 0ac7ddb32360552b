/** What TCP and UDP carry: DHCP, DNS, and protocols that speak in lines. */
import { fromHex, ipv4, type LayerInput } from "../../../src/wire/index.ts";
import { clientHello } from "../client-hello.ts";
import { back, capture, ethernet, four, frame, payload, raw, six, tcp, text, udp } from "./build.ts";

type Dhcp = Extract<LayerInput, { protocol: "dhcp" }>;
type DhcpOptions = NonNullable<Dhcp["options"]>;

const bytesOf = (words: string): Uint8Array => new TextEncoder().encode(words);
const option = (type: number, data: string | Uint8Array): DhcpOptions[number] => ({
  kind: "unknown",
  type,
  data: typeof data === "string" ? fromHex(data) : data,
});
const client = [0x2e, 0xfe, 0x7c, 0xb0, 0xc7, 0x72, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const end: DhcpOptions[number] = { kind: "single", type: 255 };
const dhcp = (options: DhcpOptions, more: Omit<Dhcp, "protocol" | "options"> = {}): LayerInput => ({
  protocol: "dhcp",
  ...more,
  header: { transactionId: 0x12345678, hardwareAddress: client, ...more.header },
  options,
});
const asks = (options: DhcpOptions, more: Omit<Dhcp, "protocol" | "options"> = {}): Uint8Array =>
  frame(four, udp(68, 67), dhcp(options, more));
const answers = (options: DhcpOptions, more: Omit<Dhcp, "protocol" | "options"> = {}): Uint8Array =>
  frame(back, udp(67, 68), dhcp(options, { ...more, header: { operation: 2, ...more.header } }));
const message = (type: number): DhcpOptions[number] => ({ kind: "messageType", type });

/** A segment to a port, and one from it. */
const to = (port: number, contents: LayerInput): Uint8Array =>
  frame(four, tcp("AP", 1, 1, { header: { destinationPort: port } }), contents);
const from = (port: number, contents: LayerInput): Uint8Array =>
  frame(six, tcp("AP", 1, 1, { header: { sourcePort: port, destinationPort: 40000 } }), contents);

const request = "GET /index.html HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n";
const response = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello";

const question = "07 6578616d706c65 03 636f6d 00 0001 0001";
const answer = `1234 8180 0001 0002 0000 0001 ${question} c00c 0005 0001 0000003c 0006 03 777777 c00c c029 0001 0001 00000e10 0004 01020304 00 0029 04d0 00000000 0000`;

export const applications = [
  capture("DHCP", [
    asks([
      message(1),
      option(61, "01 2efe7cb0c772"),
      option(12, bytesOf("athos")),
      option(55, "01 03 06 0f 1c 33 36 77 79 fc"),
      option(57, "05dc"),
      option(60, bytesOf("udhcp 1.36")),
      end,
      { kind: "raw", data: new Uint8Array(20) },
    ]),
    answers(
      [
        message(2),
        { kind: "serverIdentifier", address: ipv4("10.0.0.1") },
        { kind: "leaseTime", seconds: 3600 },
        option(58, "00000708"),
        { kind: "subnetMask", address: ipv4("255.255.255.0") },
        option(3, "0a000001"),
        option(6, "08080808 08080404"),
        option(15, bytesOf("example.com")),
        option(28, "0a0000ff"),
        option(26, "05dc"),
        end,
      ],
      {
        header: { yourAddress: ipv4("10.0.0.9"), serverAddress: ipv4("10.0.0.1"), relayAddress: ipv4("10.0.0.254"), hops: 1, seconds: 3, broadcast: 1 }, // prettier-ignore
        sname: bytesOf("server"),
        file: bytesOf("pxelinux.0"),
      },
    ),
    asks(
      [
        message(3),
        { kind: "requestedAddress", address: ipv4("10.0.0.9") },
        option(81, "05 0000 05 6174686f73 00"),
        option(82, "01 06 657468302f31 02 04 01020304 05 04 0a000001"),
        option(116, "01"),
        option(119, "07 6578616d706c65 03 636f6d 00"),
        option(121, "18 c0a801 0a000001 00 0a000001 20 01020304 05060708"),
        option(43, "010203"),
        option(93, "0007"),
        option(77, "04 75736572 02 6162"),
        option(52, "03"),
        option(46, "08"),
        option(33, "0a000000 0a000001"),
        option(200, "616263"),
        option(224, "0102"),
        option(225, "010203040506"),
        option(226, "07"),
        end,
      ],
      { header: { clientAddress: ipv4("10.0.0.4") } },
    ),
    ...[4, 5, 6, 7, 8, 9, 10, 13, 18].map((type) => answers([message(type), end])),
    asks([{ kind: "single", type: 0 }, { kind: "single", type: 0 }, message(1)]),
    asks([end], { header: { hardwareType: 6 } }),
    asks([end], { header: { hardwareLength: 8 } }),
    asks([end], { header: { operation: 3 } }),
    asks([end], { cookie: 0x01020304 }),
    asks([], { cookie: 0 }),
    asks([option(61, "00 616263"), option(61, "ff 00000001 0003 0001"), option(61, "06 0102"), end]),
  ]),
  capture("DHCP that contradicts itself", [
    asks([option(3, "0a0000"), option(26, "050505"), option(53, "0101"), option(77, "05 61"), option(52, "0101"), end]),
    asks([option(121, "19 01020304"), option(121, "21 0102030405"), option(82, "01 09 61"), option(81, "10"), end]),
    asks([message(1), { kind: "raw", data: fromHex("3d 07 01") }]),
    asks([message(1), { kind: "raw", data: fromHex("3d") }]),
  ]),
  capture("DHCP cut by the snap length", [asks([message(1), option(12, bytesOf("athos")), end]), asks([end])], {
    snapLength: 290,
  }),
  capture("BOOTP cut by the snap length", [asks([end])], { snapLength: 100 }),
  ...[42, 43, 54].map((snapLength) =>
    capture(
      `DHCP and DNS cut after ${snapLength} bytes`,
      [
        asks([message(1), end]),
        answers([end]),
        frame(four, udp(50000, 53), raw(`1234 0100 0001 0000 0000 0000 ${question}`)),
        frame(four, udp(5353, 5353), raw(`0000 0000 0001 0000 0000 0000 ${question}`)),
        frame(six, udp(50000, 53), raw(`1234 0100 0001 0000 0000 0000 ${question}`)),
        frame(four, udp(50000, 4789), { protocol: "vxlan" }, ethernet, back, udp()),
        frame(four, udp(50000, 6081), { protocol: "geneve" }, ethernet, back, udp()),
      ],
      { snapLength },
    ),
  ),
  capture(
    "DNS less than its header",
    [0, 1, 11].map((length) => frame(four, udp(50000, 53), payload(length))),
  ),
  capture("DNS over TCP", [
    to(53, raw(`001d 1234 0100 0001 0000 0000 0000 ${question}`)),
    from(53, raw(`004a ${answer}`)),
    to(53, raw(`0030 1234 0100 0001 0000 0000 0000 ${question}`)),
    to(53, raw("00")),
  ]),
  capture("DNS of many sections", [
    frame(four, udp(50000, 53), raw(`1234 0120 0001 0000 0000 0001 ${question} 00 0029 04d0 00008000 000c 000a 0008 0102030405060708`)),
    frame(back, udp(53, 50000), raw(`0007 8180 0001 0001 0001 0001 ${question} c00c 001c 0001 0001518f 0010 20010db8000000000000000000000001 c00c 0002 0001 0000003c 0002 c00c c00c 0001 0001 00093a80 0004 01020304`)),
    frame(back, udp(53, 50000), raw(`0007 8180 0001 0001 0000 0000 ${question} c00c 0010 0001 0000003c 000c 05 68656c6c6f 05 776f726c64`)),
    frame(back, udp(53, 50000), raw(`0007 8180 0001 0003 0000 0000 ${question} c00c 0041 0001 0000003c 0007 0001 00 0001 0000 c00c 002e 0001 00000000 0004 01020304 c00c 03e7 0001 0000003c 0001 01`)),
    frame(four, udp(50000, 53), raw("0000 0000 0001 0000 0000 0000 05 6c6f63616c 00 00ff 8001")),
  ]), // prettier-ignore
  capture("multicast DNS", [
    frame(four, udp(5353, 5353), raw("0000 0000 0002 0000 0000 0000 05 6c6f63616c 00 000c 0001 05 6c6f63616c 00 000c 8001")),
    frame(four, udp(5353, 5353), raw("0000 8400 0000 0001 0000 0000 05 6c6f63616c 00 0001 8001 00000078 0004 0a000001")),
  ]), // prettier-ignore
  capture("HTTP", [
    to(80, text(request)),
    from(80, text(response)),
    to(8080, text("POST / HTTP/1.1\r\nA: b")),
    from(80, text("more of a body\r\nsecond line\r\n")),
    from(80, raw("00010203 04050607 0a")),
    to(80, text("get /\n\tfolded\r\n")),
    to(80, text("GET / HTTP/1.1\r\nA: \u00e9\r\n")),
    to(80, text("GET /\u00e9 HTTP/1.1\r\n")),
    to(80, text("GET / HTTP/1.1\rA: b\r\n")),
    to(80, text("GET")),
    to(80, text("GET ")),
    to(80, text("FOO 200 x\r\n")),
    to(80, text("FOO 2000 x\r\n")),
    to(80, text("\r\nGET / HTTP/1.1")),
    to(3128, text(request)),
    frame(four, tcp("R", 1, 1, { header: { destinationPort: 80 } }), text("gone")),
    frame(four, tcp("S", 1, 1, { header: { destinationPort: 80 } })),
  ]),
  capture("TLS", [
    to(443, raw(clientHello)),
    to(443, raw(clientHello.slice(0, 300))),
    from(443, raw("1403030001 01")),
    to(443, raw("160301")),
    to(4433, raw(clientHello)),
  ]),
  capture("HTTP cut by the snap length", [to(80, text(request)), to(80, text(`GET /${"x".repeat(60)}\r\n`))], {
    snapLength: 80,
  }),
  capture("RTSP, SMTP, FTP, WHOIS and SIP", [
    to(554, text("DESCRIBE rtsp://x RTSP/1.0\r\nCSeq: 1\r\n\r\n")),
    from(8554, text("RTSP/1.0 200 OK\r\nCSeq: 1\r\n")),
    from(554, raw("2400 0102")),
    to(25, text("EHLO athos.example\r\n")),
    from(25, text("250-aramis\r\n250 SIZE\r\n")),
    from(25, raw("0001")),
    to(21, text("USER athos\r\n")),
    to(43, text("example.com\r\n")),
    frame(four, udp(5060, 5060), text("INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n\r\n")),
    frame(four, udp(5060, 5060), text("SIP/2.0 180 Ringing\r\n\r\n")),
    frame(four, udp(5060, 5060), raw("0d0a0d0a")),
  ]),
];

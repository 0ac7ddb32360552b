/** TCP and UDP. */
import { fromHex, type LayerInput } from "../../../src/wire/index.ts";
import { back, capture, echo, four, frame, payload, reply, six, six2, tcp, udp } from "./build.ts";

const synOptions = [
  { kind: "maximumSegmentSize", size: 1460 }, { kind: "sackPermitted" }, { kind: "timestamps", value: 77, echo: 0 },
  { kind: "single", type: 1 }, { kind: "windowScale", shift: 7 },
] as const; // prettier-ignore

const conversation = (there: LayerInput, here: LayerInput): Uint8Array[] => [
  frame(there, tcp("S", 4294967290, 0, { options: [...synOptions] })),
  frame(here, reply("SA", 1000, 4294967291)),
  frame(there, tcp("A", 4294967291, 1001)),
  frame(there, tcp("AP", 4294967291, 1001), payload(20)),
  frame(here, reply("A", 1001, 15)),
  frame(here, reply("AP", 1001, 15), payload(500)),
  frame(
    there,
    tcp("A", 15, 1001, {
      options: [
        { kind: "single", type: 1 },
        { kind: "single", type: 1 },
        {
          kind: "sack",
          blocks: [
            { left: 1101, right: 1201 },
            { left: 1301, right: 1501 },
          ],
        },
      ],
    }),
  ),
  frame(there, tcp("AF", 15, 1501)),
  frame(here, reply("AF", 1501, 16)),
  frame(there, tcp("A", 16, 1502)),
];

/** A segment whose options are these bytes, filled up with 0. */
const withOptions = (letters: string, hex: string): Uint8Array => {
  const options = fromHex(hex);
  const data = new Uint8Array(Math.ceil(options.length / 4) * 4);
  data.set(options);
  return frame(four, tcp(letters, 1, 2, { options: [{ kind: "raw", data }] }));
};

const key = "0102030405060708";
const address = "20010db8000000000000000000000001";
/** By the segment's flags. */
const multipath: readonly (readonly string[])[] = [
  ["S", "1e04 00 81", `1e0c 01 41 ${key}`, `1e14 01 81 ${key}${key}`, "1e0c 11 05 00000001 00000002", `1e10 11 05 ${key} 00000002`],
  ["SA", `1e0c 01 41 ${key}`, "1e0c 10 05 00000001 00000002", `1e10 11 05 ${key} 00000002`, `1e18 10 00 ${key}${key} 01020304`],
  ["A", `1e0c 01 41 ${key}`, `1e14 01 81 ${key}${key}`, `1e16 00 01 ${key}${key} 000a 0101`, `1e18 10 00 ${key}${key} 01020304`, "1e0c 11 05 00000001 00000002",
    "1e08 20 01 00000001", `1e0c 20 03 ${key}`, `1e1c 20 0f ${key} ${key} 00000001 0007 89ab`, `1e1a 20 0f ${key} ${key} 00000001 0007`, "1e14 20 15 00000001 00000005 00000006 0007 8901", "1e04 20 10",
    "1e04 20 11", "1e09 20 01 00000001 05", "1e05 20 00 00", "1e14 20 04 00000005 00000006 0007 89ab abab", "1e10 20 04 00000005 00000006 0007 89ab", "1e08 20 04 00000005",
    "1e08 34 01 0a000001", "1e0a 34 01 0a000001 1f90", `1e14 36 02 ${address}`, `1e16 36 02 ${address} 1f90`, `1e10 30 01 0a000001 ${key}`, `1e12 31 01 0a000001 1f90 ${key}`, `1e1c 30 02 ${address} ${key}`, `1e1e 30 02 ${address} 1f90 ${key}`, "1e08 35 01 0a000001", "1e09 34 01 0a000001 1f",
    "1e04 40 03", "1e05 40 03 04", "1e03 40", "1e03 50", "1e04 51 07", "1e05 51 07 01", `1e0c 60 00 ${key}`, "1e04 60 00", `1e0c 70 00 ${key}`, "1e04 70 00", "1e04 80 01"],
]; // prettier-ignore

export const transport = [
  capture("a TCP conversation", conversation(four, back)),
  capture("a TCP conversation over IPv6", conversation(six, six2)),
  capture("TCP that is joined late, and anew", [
    frame(back, reply("AP", 5000, 700), payload(10)),
    frame(four, tcp("A", 700, 5010)),
    frame(four, tcp("S", 1, 0)),
    frame(back, reply("SA", 9, 2)),
    frame(four, tcp("A", 2, 10)),
    frame(four, tcp("R", 2, 0)),
    frame(four, tcp("RA", 2, 10)),
  ]),
  capture("TCP of equal ports", [
    frame(four, tcp("A", 10, 20, { header: { sourcePort: 7, destinationPort: 7 } }), payload(1)),
    frame(back, tcp("A", 20, 11, { header: { sourcePort: 7, destinationPort: 7 } }), payload(1)),
    frame(four, tcp("A", 11, 21, { header: { sourcePort: 7, destinationPort: 7 } }), payload(1)),
  ]),
  capture("TCP flags", Array.from({ length: 256 }, (_, flags) => {
    const bytes = frame(four, tcp("", 1, 2, { header: { urgentPointer: 5, checksum: 0 } }));
    bytes[14 + 20 + 13] = flags;
    return bytes;
  })), // prettier-ignore
  capture("TCP options", [
    "020405b4", "01010402", "030307 00", "080a0000004d00000000 0000", "0402 0101", "1e04 abcd", "fd04 f989", "00000000", "01 01 01 00", "1c04 8005",
    "0204 05", "05 0a 00000001 00000002 0101", "0000", "fe02 0101", "13 12 000102030405060708090a0b0c0d0e0f 0101", "2204 abcd", "1d04 0102", "0202 0101", "0303 0000 ", "0606 00000001 0101",
  ].map((hex) => withOptions("A", hex))), // prettier-ignore
  capture(
    "multipath TCP",
    multipath.flatMap(([letters, ...options]) => options.map((hex) => withOptions(letters!, hex))),
  ),
  capture("TCP options of other lengths", [
    "13 03 01 0101 0101", "01 13 03 01", "fe02 0101", "01 fe02 01", "fe04 f989", "fe08 f989 01020304", "fe06 f989 0102", "fe06 abcd 0102",
    "2202", "2206 01020304", `2212 ${key}${key}`, "2207 0102030405", "1d02", "1d08 01020304 0506", "1404 0102", "1403 01", "01 1e12", "1e02 0101", "05 04 0101", "05 0b 01020304 05060708 09",
  ].map((hex) => withOptions("SA", hex))), // prettier-ignore
  capture("selective acknowledgments in a segment that acknowledges nothing", [withOptions("S", `050a ${key} 0101`)]),
  capture(
    "TCP's user timeout",
    ["1c04 0005", "1c04 8005", "1c06 00010000"].map((hex) => withOptions("S", hex)),
  ),
  capture("TCP signed with MD5", [withOptions("S", "13 12 000102030405060708090a0b0c0d0e0f 0101")]),
  capture("TCP with a wrong checksum", [frame(four, tcp("A", 1, 2, { header: { checksum: 0xbeef } }), payload(3))]),
  capture("TCP resets that say why", [frame(four, tcp("R", 1, 2), payload(5))]),
  capture("UDP", [frame(four, udp(), payload(3)), frame(six, udp(), payload(1000)), frame(four, udp())]),
  capture("UDP with wrong checksums, or none", [
    frame(four, { protocol: "udp", header: { checksum: 0 } }, payload(3)),
    frame(four, { protocol: "udp", header: { checksum: 1 } }, payload(3)),
    frame(six, { protocol: "udp", header: { checksum: 0 } }, payload(3)),
  ]),
  capture("UDP longer, and shorter, than its packet", [
    frame(four, { protocol: "udp", header: { length: 100 } }, payload(3)),
    frame(four, { protocol: "udp", header: { length: 10 } }, payload(30)),
    frame(four, { protocol: "udp", header: { length: 3 } }, payload(30)),
  ]),
  capture("TCP and UDP cut by the snap length", [
    frame(four, tcp("AP", 5, 6), payload(1000)), frame(four, udp(), payload(1000)), frame(six, tcp("A", 5, 6), payload(1000)), frame(six, udp(), payload(900)),
  ], { snapLength: 96 }), // prettier-ignore
  capture("headers cut by the snap length", [
    frame(four, tcp("AP", 5, 6), payload(10)), frame(four, udp(), payload(10)), frame(four, echo(8, 1)),
  ], { snapLength: 40 }), // prettier-ignore
  capture("IP headers cut by the snap length", [frame(four, tcp("AP", 5, 6)), frame(six, udp(), payload(10))], {
    snapLength: 30,
  }),
  capture("Ethernet headers cut by the snap length", [frame(four, tcp("AP", 5, 6))], { snapLength: 10 }),
];

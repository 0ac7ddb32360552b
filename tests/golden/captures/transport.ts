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
  ].map((hex) => {
    const options = fromHex(hex);
    const length = Math.ceil(options.length / 4) * 4;
    const data = new Uint8Array(length);
    data.set(options);
    return frame(four, tcp("A", 1, 2, { options: [{ kind: "raw", data }] }));
  })), // prettier-ignore
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

/** What the kernel tells of marked packets: as V8 would tell it, and as a capture shows it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { markedDatagram } from "../../../tests/support/marked-frames.ts";
import { Twin } from "../../../tests/support/twin.ts";
import { ipv4, mac } from "../../wire/address.ts";
import { toHex } from "../../wire/hex.ts";
import { LinkType } from "../../wire/numbers.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { End, endOf, readRecord } from "./mark-record.ts";
import { MarkedPacket } from "./marked-packet.ts";
import { markRing, tellMarks } from "./marks.bpf.ts";

let twin: Twin;
beforeAll(() => {
  twin = new Twin(tellMarks(14, End.Receiver));
}, 60_000);
afterAll(() => twin.close());

const segment = (flags: object, fragmentOffset = 0, moreFragments = 0): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { source: mac("02:aa:bb:cc:dd:ee"), destination: mac("02:00:00:00:00:02") } },
    {
      protocol: "ipv4",
      header: {
        source: ipv4("10.0.0.1"),
        destination: ipv4("192.168.255.254"),
        protocol: 6,
        fragmentOffset,
        moreFragments,
      },
      options: [{ kind: "pval", reserved: 0, cpu: 255, seq: 0x001f_fedc_ba98_7654n }],
    },
    { protocol: "tcp", header: { sourcePort: 65_000, destinationPort: 80, sequence: 0xfedc_ba98, ...flags } },
    { protocol: "payload", bytes: new Uint8Array(33) },
  ]);

const datagram = markedDatagram({ toMac: "02:00:00:00:00:02", source: "10.0.0.1", destination: "10.0.0.2" }, 3, 77n);
const tagged = Uint8Array.from([...datagram.subarray(0, 12), 0x81, 0, 0, 5, ...datagram.subarray(12)]);

test.each([
  ["a datagram", datagram],
  ["a tagged one", tagged],
  ["a segment", segment({})],
  ["SYN", segment({ syn: 1 })],
  ["FIN", segment({ fin: 1 })],
  ["a first fragment", segment({}, 0, 1)],
  ["a later fragment", segment({}, 100, 0)],
])("%s", (_name, frame) => {
  expect(twin.run(frame, { environment: { monotonicNs: 0x0012_3456_789a_bcden } }).verdict).toBe(-1);
  const { kernel, v8 } = twin.records(markRing);
  expect(kernel.map((record) => toHex(record))).toEqual(v8.map((record) => toHex(record)));
  const record = kernel[0]!;
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const told = new MarkedPacket();
  expect(readRecord(told, view, 0)).toBe(0x0012_3456_789a_bcde);
  expect(endOf(view, 0)).toBe(End.Receiver);
  const seen = new MarkedPacket();
  expect(seen.read(frame, 0, frame.length, LinkType.Ethernet)).toBe(true);
  if (seen.tcpLength === 0) seen.tcpSeq = told.tcpSeq = 0;
  expect(told).toEqual(seen);
});

test("what has no mark is not told of", () => {
  const unmarked = encodePacket([{ protocol: "ethernet" }, { protocol: "ipv4" }, { protocol: "udp" }]);
  const other = Uint8Array.from(datagram);
  other[14 + 20] = 7;
  const version6 = Uint8Array.from(datagram);
  version6.set([0x86, 0xdd], 12);
  for (const frame of [unmarked, other, version6, datagram.subarray(0, 40), new Uint8Array(20)])
    expect(twin.run(frame).verdict).toBe(-1);
  expect(twin.records(markRing).kernel).toEqual([]);
});

test("costs the verifier little", () => {
  expect(twin.kernel.info().verifiedInstructions).toBeLessThan(5000);
});

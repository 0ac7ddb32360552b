/** Marking, in the kernel and in V8; what goes on the wire is judged by tshark and by Hopmark's decoder. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { tsharkComplaints, tsharkFields } from "../../../tests/golden/tools.ts";
import { pinTests } from "../../../tests/support/pinned-file.ts";
import { Twin, type TwinInput } from "../../../tests/support/twin.ts";
import { toHex } from "../../wire/hex.ts";
import { decodePacket } from "../../wire/packet/decode.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { markCounters, markOutcomeNames } from "./mark-counters.ts";
import {
  behindTags,
  CPU,
  data,
  ethernet,
  markable,
  MTU,
  noOperations,
  packet,
  plain,
  udp,
} from "./test-support/packets.ts";
import { transmit } from "./transmit.bpf.ts";

const NEXT = -1;

let twin: Twin;
/** Of the next mark. */
let seq = 0n;
pinTests();
beforeAll(() => {
  twin = new Twin(transmit({ mark: { network: 14, mtu: MTU }, copy: null, to: 0 }));
});
afterAll(() => twin.close());

/** Runs the packet and says what it was counted under. */
const run = (given: Uint8Array, input: TwinInput = {}): { after: Uint8Array; counted: Record<string, number> } => {
  const before = twin.counts(markCounters, markOutcomeNames);
  const { verdict, packet: after } = twin.run(given, { environment: { cpu: CPU }, ...input });
  expect(verdict).toBe(NEXT);
  const now = twin.counts(markCounters, markOutcomeNames);
  const counted = Object.fromEntries(
    Object.entries(now)
      .map(([name, value]) => [name, value - (before[name] ?? 0)] as const)
      .filter(([, value]) => value !== 0),
  );
  return { after, counted };
};

test.each(markable)("marks %s", (_, ip, above) => {
  const given = packet(ip, above);
  for (const input of [{}, { checksumComplete: true }]) {
    const { after, counted } = run(given, input);
    expect(toHex(after)).toBe(toHex(packet(ip, above, seq)));
    expect(counted).toEqual({ marked: 1 });
    const layer = decodePacket(after).layers.find(({ protocol }) => protocol === "ipv4");
    expect(layer).toMatchObject({ options: [{ kind: "pval", reserved: 0, cpu: CPU, seq }, ...(ip.options ?? [])] });
    seq += 1n;
  }
});

test("a mark gives tshark nothing to complain about, and leaves checksums right", () => {
  const packets = markable.map(([, ip, above], at) => packet(ip, above, BigInt(at) << 40n));
  expect(tsharkComplaints(packets)).toEqual(tsharkComplaints(markable.map(([, ip, above]) => packet(ip, above))));
  for (const fields of tsharkFields(packets, ["ip.checksum.status", "ip.hdr_len"])) {
    expect(fields["ip.checksum.status"]).toBe("1");
    expect(Number(fields["ip.hdr_len"])).toBeGreaterThanOrEqual(32);
  }
});

const raw = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
};

const unmarked: [name: string, given: Uint8Array, counted: Record<string, number>, input?: TwinInput][] = [
  ["IPv6", encodePacket([ethernet, { protocol: "ipv6" }, udp]), { notIpv4: 1 }],
  ["ARP", raw(raw(plain(), 12, 8), 13, 6), { notIpv4: 1 }],
  ["IPv4 of another version", raw(plain(), 14, 0x65), { malformed: 1 }],
  ["a header shorter than any", raw(plain(), 14, 0x44), { malformed: 1 }],
  ["48 bytes of header and more", packet({ options: noOperations(29) }, [udp]), { headerFull: 1 }],
  ["60 bytes of header", packet({ options: noOperations(40) }, [udp]), { headerFull: 1 }],
  ["one byte too many for the device", packet({}, [udp, data(MTU - 20 - 8 - 11)]), { tooBig: 1 }],
  ["a length that lies", raw(plain(), 16, 0xff), { tooBig: 1 }],
  [
    "a packet that is still to be cut",
    packet({}, [udp, data(1000)]),
    { notSegmented: 4 },
    { context: { gsoSegments: 4, gsoSize: 250 } },
  ],
];

test.each(unmarked)("lets pass and counts %s", (_, given, expected, input) => {
  const { after, counted } = run(given, input);
  expect(toHex(after)).toBe(toHex(given));
  expect(counted).toEqual(expected);
});

const tag = [0x8100, 0x6123] as const;
const serviceTag = [0x88a8, 0xa005] as const;

// TEST_RUN does not show the outermost tag afterwards: it goes beside the packet.
test.each([
  ["a tag", [tag], []],
  ["a service tag", [serviceTag], []],
  ["two tags", [serviceTag, tag], [tag]],
])("marks behind %s in the packet", (_, tags, shown) => {
  const { after, counted } = run(behindTags(plain(), ...tags));
  expect(toHex(after)).toBe(toHex(behindTags(packet({}, [udp, data(40)], seq), ...shown)));
  expect(counted).toEqual({ marked: 1 });
  seq += 1n;
});

test("lets pass and counts what is behind three tags", () => {
  const { after, counted } = run(behindTags(plain(), serviceTag, tag, tag));
  expect(toHex(after)).toBe(toHex(behindTags(plain(), tag, tag)));
  expect(counted).toEqual({ notIpv4: 1 });
});

test("a number is spent on nothing but a mark", () => {
  const { after } = run(plain());
  expect(toHex(after)).toBe(toHex(packet({}, [udp, data(40)], seq)));
  seq += 1n;
});

test("redirects to the device below", () => {
  const below = new Twin(transmit({ mark: null, copy: null, to: 1 }));
  expect(below.run(plain()).verdict).toBe(7);
  below.close();
});

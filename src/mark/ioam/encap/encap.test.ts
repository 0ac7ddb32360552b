/** Encapsulation: what goes onto the wire, and what does not, in the kernel and in V8. */
import { describe, expect, onTestFinished, test } from "vitest";
import { isInstalled, tsharkComplaints, tsharkFields } from "../../../../tests/golden/tools.ts";
import { Twin, type TwinInput } from "../../../../tests/support/twin.ts";
import { simulate } from "../../../kernel/simulate/simulate.ts";
import { temporaryRtnetlink } from "../../../linux/fixtures/temporary-netns.ts";
import { createVeth, linkByName, setLink } from "../../../linux/rtnetlink/links.ts";
import { toHex } from "../../../wire/hex.ts";
import { traceTypeBit } from "../../../wire/ioam/fields.ts";
import { hopByHopLength } from "../../../wire/ioam/hop-by-hop.ts";
import { encap } from "./encap.bpf.ts";
import { encapCounters, encapReasons } from "./counters.ts";
import type { EncapRule } from "./rule.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { inlinePacket as expected, plain } from "../test-support/encapsulated.ts";
import { frame, hopByHop, padding } from "../conformance/frames.ts";
import { clock, device, namespaces, node, rule, TAI_OFFSET } from "../test-support/nodes.ts";

const NEXT = -1;

const encapTwin = (...rules: EncapRule[]): Twin => {
  const twin = new Twin(encap({ node, device, rules }));
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};

const counts = (twin: Twin): Record<string, number> => twin.counts(encapCounters, encapReasons);

const types = [
  ...Array.from({ length: 12 }, (_, bit) => traceTypeBit(bit)),
  ...Array.from({ length: 12 }, (_, bit) => traceTypeBit(bit) | traceTypeBit(22)),
  0xfff002,
  0xfff000,
  0xfe0000,
  0xf60000,
  0xf00000,
];

const goldens: EncapRule[] = [
  ...types.flatMap((traceType) =>
    [namespaces.plain, namespaces.withSchema].map((namespace) => rule({ traceType, namespace, size: 100 })),
  ),
  ...Array.from({ length: 61 }, (_, index) => rule({ traceType: traceTypeBit(0), size: 4 * (index + 1) })),
  ...Array.from({ length: 31 }, (_, index) =>
    rule({ traceType: 0xfff002, size: 4 * (index + 1), namespace: namespaces.withSchema }),
  ),
  rule({ traceType: traceTypeBit(22), namespace: namespaces.withSchema }),
];

const name = ({ traceType, size, namespace }: EncapRule): string =>
  `type 0x${traceType.toString(16).padStart(6, "0")}, size ${size}${namespace.schema === null ? "" : ", with schema"}`;

test.each(goldens.map((own) => [name(own), own] as const))("%s: the bytes that the encoder makes", (_, own) => {
  const twin = encapTwin(own);
  const { verdict, packet } = twin.run(plain, { environment: clock });
  expect(verdict).toBe(NEXT);
  expect(toHex(packet)).toBe(toHex(expected(own)));
  expect(packet.length - plain.length).toBe(hopByHopLength(own.size));
  expect(counts(twin)).toEqual({ sent: 1, segments: 1 });
});

describe.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))("tshark", () => {
  test("complains about none of them but the opaque state alone", () => {
    const complaints = tsharkComplaints(goldens.map(expected));
    expect(complaints.at(-1)).toContain("NodeLen");
    expect(complaints.slice(0, -1).filter((complaint) => complaint !== "")).toEqual([]);
  });

  test("reads lengths, next headers and values as they were meant", () => {
    const rules = goldens.slice(0, -1);
    const fields = ["ipv6.plen", "ipv6.nxt", "ipv6.hopopts.nxt", "ipv6.opt.ioam.trace.ns", "ipv6.opt.ioam.trace.type"];
    const rows = tsharkFields(rules.map(expected), [...fields, "tcp.len", "tcp.checksum.status"]);
    expect(rows).toEqual(
      rules.map(({ size, namespace, traceType }) => ({
        "ipv6.plen": String(20 + 33 + hopByHopLength(size)),
        "ipv6.nxt": "0",
        "ipv6.hopopts.nxt": "6",
        "ipv6.opt.ioam.trace.ns": String(namespace.id),
        "ipv6.opt.ioam.trace.type": `0x${traceType.toString(16).padStart(6, "0")}`,
        "tcp.len": "33",
        "tcp.checksum.status": "1",
      })),
    );
  });
});

test("K of every N packets get a trace, the first K", () => {
  const twin = encapTwin(rule({ frequency: { packets: 3, of: 7 } }));
  const grown = Array.from({ length: 70 }, () => twin.run(plain).packet.length > plain.length);
  expect(grown).toEqual(Array.from({ length: 70 }, (_, index) => index % 7 < 3));
  expect(counts(twin)).toEqual({ sent: 30, segments: 30, notSampled: 40 });
});

describe("packets that are left as they are", () => {
  const untouched = (packet: Uint8Array, input: TwinInput = {}, own: EncapRule = rule()): Record<string, number> => {
    const twin = encapTwin(own);
    const after = twin.run(packet, input);
    expect(after.verdict).toBe(NEXT);
    expect(toHex(after.packet)).toBe(toHex(packet));
    return counts(twin);
  };

  test("to elsewhere, uncounted", () => expect(untouched(frame({ destination: "db01::2" }))).toEqual({}));
  test("of another protocol, uncounted", () => {
    const ipv4 = new Uint8Array(60);
    ipv4.set([0x08, 0x00, 0x45], 12);
    expect(untouched(ipv4)).toEqual({});
  });
  // TEST_RUN takes no frame that ends before its IPv6 header does.
  test.each([14, 30, 53])("%i bytes long, cut inside the IPv6 header", (length) => {
    const packet = frame({ payload: new Uint8Array(20) }).slice(0, length);
    const after = simulate(encap({ node, device, rules: [rule()] }), { packet });
    expect({ verdict: after.verdict, packet: toHex(after.packet) }).toEqual({ verdict: NEXT, packet: toHex(packet) });
  });
  test("with a Hop-by-Hop header", () => {
    expect(untouched(frame({ hopByHop: hopByHop([padding(6)]) }))).toEqual({ hopByHopPresent: 1 });
  });
  test("that would be longer than the device's MTU, and not a byte sooner", () => {
    const { netns, route } = temporaryRtnetlink();
    createVeth(route, { name: "one", mtu: 1500 }, { name: "other", mtu: 1500 });
    const { index } = linkByName(route, "one");
    setLink(route, index, { up: true });
    const input = { context: { ifindex: index }, netns, mtu: 1500 };
    // 48 bytes of data take 64: 1436 bytes of IPv6 fit.
    const twin = encapTwin(rule());
    expect(twin.run(frame({ payload: new Uint8Array(1436 - 40) }), input).packet.length).toBe(1514);
    expect(untouched(frame({ payload: new Uint8Array(1437 - 40) }), input)).toEqual({ tooBig: 1 });
    expect(untouched(frame({ payload: new Uint8Array(1500 - 40) }), input)).toEqual({ tooBig: 1 });
  });
  test("that the kernel cannot make longer", () => {
    // A GSO packet of no known kind.
    const twin = encapTwin(rule());
    const packet = frame({ payload: new Uint8Array(2000), protocol: 17 });
    const { kernel } = twin.runBoth(packet, { context: { gsoSize: 500, gsoSegments: 4 } });
    expect(toHex(kernel.packet)).toBe(toHex(packet));
    expect(twin.kernel.map(encapCounters).sum(encapReasons.indexOf("noRoom"))?.value).toBe(1n);
  });
});

test("of several rules the first that covers the address counts, under its own slot", () => {
  const wide = { high: 0xdb02_0000_0000_0000n, low: 0n, highMask: 0xffff_0000_0000_0000n, lowMask: 0n };
  const host = {
    high: 0xdb02_0000_0000_0000n,
    low: 9n,
    highMask: 0xffff_ffff_ffff_ffffn,
    lowMask: 0xffff_ffff_ffff_ffffn,
  };
  const twin = encapTwin(
    rule({ prefix: host, slot: 1, size: 8, traceType: traceTypeBit(0) }),
    rule({ prefix: wide, slot: 0 }),
  );
  expect(twin.run(frame({ destination: "db02::9" })).packet.length).toBe(54 + 24);
  expect(twin.run(frame({ destination: "db02::8" })).packet.length).toBe(54 + 64);
  expect(twin.run(frame({ destination: "db02:1::9" })).packet.length).toBe(54 + 64);
  const names = ["first", "second"].flatMap((slot) => encapReasons.map((reason) => `${slot} ${reason}`));
  expect(twin.counts(encapCounters, names)).toEqual({
    "first sent": 2,
    "first segments": 2,
    "second sent": 1,
    "second segments": 1,
  });
});

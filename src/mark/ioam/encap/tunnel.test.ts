/** Modes encap and auto: the outer header, and where the packet goes, in the kernel and in V8. */
import { describe, expect, onTestFinished, test } from "vitest";
import { isInstalled, tsharkComplaints, tsharkFields } from "../../../../tests/golden/tools.ts";
import { Twin, type TwinInput } from "../../../../tests/support/twin.ts";
import { noRoute } from "../../../kernel/environment.ts";
import { Fib } from "../../../kernel/fib.ts";
import { ipv6, mac } from "../../../wire/address.ts";
import { toHex } from "../../../wire/hex.ts";
import { hopByHopLength } from "../../../wire/ioam/hop-by-hop.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import { encap } from "./encap.bpf.ts";
import { encapCounters, encapReasons } from "./counters.ts";
import type { EncapRule, EncapTunnel } from "./rule.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { inlinePacket, plain, tunnelPacket } from "../test-support/encapsulated.ts";
import { concat, frame, hopByHop, padding } from "../conformance/frames.ts";
import { clock, device, namespaces, node, rule, TAI_OFFSET } from "../test-support/nodes.ts";

const NEXT = -1;
const REDIRECT = 7;
/** The interface that TEST_RUN, and V8, says the packet leaves by. */
const OWN = 1;
const OTHER = 9;

const tunnel: EncapTunnel = {
  source: ipv6("db0f::1"),
  destination: ipv6("db0e::2"),
  ifindex: OTHER,
  egress: { id: 0x6162, idWide: 0x7172_7374, network: 14 },
  mtu: 1500,
};
const tunnelRule = (changes: Partial<EncapRule> = {}): EncapRule => rule({ mode: "encap", tunnel, ...changes });
const macs = { source: mac("02:00:00:00:00:aa"), destination: mac("02:00:00:00:00:bb") };
const route = {
  ...noRoute,
  code: Fib.Success as number,
  ifindex: OWN,
  mtu: 1500,
  sourceMac: macs.source,
  destinationMac: macs.destination,
};
const unknownEgress = { egressId: null, egressIdWide: null, queueDepth: null };
const tunnelEgress = { ...unknownEgress, egressId: tunnel.egress.id, egressIdWide: tunnel.egress.idWide };

const twinOf = (...rules: EncapRule[]): Twin => {
  const twin = new Twin(encap({ node, device, rules }));
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};
const counts = (twin: Twin): Record<string, number> => twin.counts(encapCounters, encapReasons);
const input = (changes: Partial<typeof route> = {}): TwinInput => ({
  environment: { ...clock, route: { ...route, ...changes } },
});

const goldens: EncapRule[] = [
  ...[4, 8, 12, 48, 84, 240, 244].map((size) => tunnelRule({ traceType: 0x800000, size })),
  ...[0xf00000, 0xfe0000, 0xfff000, 0xfff002].map((traceType) =>
    tunnelRule({ traceType, size: 100, namespace: namespaces.withSchema }),
  ),
  tunnelRule({ mode: "auto", traceType: 0xfff002, size: 240 }),
];

test.each(goldens.map((own) => [`${own.mode}, type ${own.traceType.toString(16)}, size ${own.size}`, own] as const))(
  "%s: the bytes that the encoder makes",
  (_, own) => {
    const twin = twinOf(own);
    const { verdict, packet } = twin.run(plain, { ...input(), context: { ingressIfindex: 5 } });
    expect(verdict).toBe(NEXT);
    expect(toHex(packet)).toBe(toHex(tunnelPacket(own, tunnel, { macs })));
    expect(packet.length - plain.length).toBe(40 + hopByHopLength(own.size));
    expect(counts(twin)).toEqual({ sent: 1, segments: 1 });
  },
);

describe.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))("tshark", () => {
  test("complains about none of them, and reads both headers", () => {
    const packets = goldens.map((own) => tunnelPacket(own, tunnel));
    expect(tsharkComplaints(packets).filter((complaint) => complaint !== "")).toEqual([]);
    const fields = ["ipv6.dst", "ipv6.plen", "ipv6.nxt", "ipv6.hopopts.nxt", "tcp.len", "tcp.checksum.status"];
    expect(tsharkFields(packets, fields)).toEqual(
      goldens.map(({ size }) => ({
        "ipv6.dst": "db0e::2,db02::2",
        "ipv6.plen": `${hopByHopLength(size) + 40 + 53},53`,
        "ipv6.nxt": "0,6",
        "ipv6.hopopts.nxt": "41",
        "tcp.len": "33",
        "tcp.checksum.status": "1",
      })),
    );
  });
});

test("the outer header has the inner one's traffic class, flow label and hop limit, as the kernel makes it", () => {
  const own = tunnelRule();
  const inner = { trafficClass: 0xb9, flowLabel: 0xabcde, hopLimit: 7 };
  const payload = [{ protocol: "payload", bytes: new Uint8Array(3) }] as const;
  const header = { source: ipv6("db01::1"), destination: ipv6("db02::2"), ...inner };
  const given = encodePacket([{ protocol: "ethernet", header: macs }, { protocol: "ipv6", header }, ...payload]);
  const { packet } = twinOf(own).run(given, input());
  expect(toHex(packet)).toBe(toHex(tunnelPacket(own, tunnel, { macs, inner, payload })));
});

describe("where the packet goes", () => {
  test.each([
    ["by the rule's interface", {}, NEXT, { macs }],
    ["by the interface of the rule's making", { ifindex: OTHER }, REDIRECT, { macs, egress: tunnelEgress }],
    ["by one that came later", { ifindex: 3 }, REDIRECT, { macs, egress: unknownEgress }],
    ["to a neighbour that the kernel must ask for", { code: Fib.NoNeigh }, REDIRECT, {}],
    ["of a host that may not ask for routes", { code: Fib.FwdDisabled }, REDIRECT, { egress: tunnelEgress }],
  ] as const)("%s", (_, changes, verdict, options) => {
    const own = tunnelRule({ traceType: 0xfe4000, size: 60 });
    const twin = twinOf(own);
    const after = twin.run(plain, input(changes));
    expect(after.verdict).toBe(verdict);
    expect(toHex(after.packet)).toBe(toHex(tunnelPacket(own, tunnel, options)));
    expect(counts(twin)).toEqual({ sent: 1, segments: 1 });
  });
});

describe("packets that are left as they are", () => {
  const untouched = (packet: Uint8Array, given: TwinInput): Record<string, number> => {
    const twin = twinOf(tunnelRule());
    const after = twin.run(packet, given);
    expect(after.verdict).toBe(NEXT);
    expect(toHex(after.packet)).toBe(toHex(packet));
    return counts(twin);
  };

  test.each(["Blackhole", "Unreachable", "Prohibit", "NotFwded", "UnsuppLwt"] as const)("route: %s", (code) => {
    expect(untouched(plain, input({ code: Fib[code] }))).toEqual({ noRoute: 1 });
  });
  test("longer than the tunnel's interface takes", () => {
    expect(untouched(plain, input({ code: Fib.FragNeeded }))).toEqual({ tooBig: 1 });
    // 40 bytes of outer header and 64 of Hop-by-Hop.
    expect(untouched(frame({ payload: new Uint8Array(1400 - 104 - 40 + 1) }), input({ mtu: 1400 }))).toEqual({
      tooBig: 1,
    });
    const twin = twinOf(tunnelRule());
    const fitting = frame({ payload: new Uint8Array(1400 - 104 - 40) });
    expect(twin.run(fitting, input({ mtu: 1400 })).packet.length).toBe(1414);
  });
  test("jumbograms", () => {
    const jumbo = frame({ hopByHop: hopByHop([Uint8Array.of(0xc2, 4, 0, 1, 0, 0)]), payloadLength: 0 });
    expect(untouched(jumbo, input())).toEqual({ tooBig: 1 });
  });
  test("that got their outer header here, and come by again; not counted", () => {
    const again = frame({
      source: tunnel.source,
      destination: tunnel.destination,
      hopByHop: hopByHop([padding(6)]),
    });
    const prefix = { high: 0xdb0e_0000_0000_0000n, low: 0n, highMask: 0xffff_0000_0000_0000n, lowMask: 0n };
    const twin = twinOf(tunnelRule({ prefix }));
    expect(toHex(twin.run(again, input()).packet)).toBe(toHex(again));
    expect(counts(twin)).toEqual({});
    const another = frame({ source: "db0f::3", destination: tunnel.destination, hopByHop: hopByHop([padding(6)]) });
    expect(twin.run(another, input()).packet.length).toBe(another.length + 104);
  });
});

test("a packet that has a Hop-by-Hop header keeps it, inside", () => {
  const header = hopByHop([padding(6)]);
  const given = frame({ hopByHop: header, payload: new Uint8Array(9) });
  const { packet } = twinOf(tunnelRule()).run(given, input());
  expect(packet.length).toBe(given.length + 104);
  expect(toHex(packet.subarray(14 + 104))).toBe(toHex(given.subarray(14)));
  expect(toHex(packet.subarray(54, 56))).toBe("0x2907");
});

test("auto is inline for what this node makes, and encap for what it forwards", () => {
  const own = tunnelRule({ mode: "auto" });
  const twin = twinOf(own);
  expect(toHex(twin.run(plain, { ...input(), context: { ingressIfindex: 0 } }).packet)).toBe(toHex(inlinePacket(own)));
  const forwarded = twin.run(plain, { ...input(), context: { ingressIfindex: 4 } });
  expect(toHex(forwarded.packet)).toBe(toHex(tunnelPacket(own, tunnel, { macs })));
  expect(counts(twin)).toEqual({ sent: 2, segments: 2 });
});

test("the first K of every N, in both modes together", () => {
  const twin = twinOf(tunnelRule({ mode: "auto", frequency: { packets: 2, of: 5 } }));
  const grown = Array.from({ length: 20 }, (_, index) => {
    const context = { ingressIfindex: index % 2 };
    return twin.run(plain, { ...input(), context }).packet.length - plain.length;
  });
  expect(grown).toEqual(Array.from({ length: 20 }, (_, index) => (index % 5 > 1 ? 0 : index % 2 === 0 ? 64 : 104)));
});

test("frames that end before their headers do are left alone", () => {
  const twin = twinOf(tunnelRule());
  const whole = concat([frame(), new Uint8Array(10)]);
  for (let length = 54; length < whole.length; length++) twin.run(whole.slice(0, length), input());
  expect(Object.keys(counts(twin)).length).toBeGreaterThan(0);
});

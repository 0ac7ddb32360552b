/** Transit at XDP: the rules of transit at tc, and where each packet goes, in the kernel and in V8. */
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { isInstalled, tsharkComplaints } from "../../../../tests/golden/tools.ts";
import { Twin } from "../../../../tests/support/twin.ts";
import { Xdp } from "../../../kernel/context.ts";
import { noRoute } from "../../../kernel/environment.ts";
import { Fib } from "../../../kernel/fib.ts";
import { ipv6, mac } from "../../../wire/address.ts";
import { toHex } from "../../../wire/hex.ts";
import { ioamFields, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { FIRST_DROPPED, outcomeNames } from "../outcome.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import { neutral } from "../test-support/complement.ts";
import {
  exportOption,
  frame,
  HOP_BY_HOP_AT,
  hopByHop,
  padding,
  traceHeader,
  traceOption,
} from "../conformance/frames.ts";
import { clock, device, node, TAI_OFFSET } from "../test-support/nodes.ts";
import { transitCounters, transitIngress } from "./transit.bpf.ts";
import { transitXdp, type XdpTransitConfig } from "./xdp.bpf.ts";
import {
  egressInterfaces,
  leaseFrom,
  leaseUntil,
  NEAR_MASK,
  nearEgress,
  nextHops,
  readWays,
  Takes,
  wayCounters,
  wayNames,
} from "./xdp-maps.ts";

const OWN_MAC = mac("02:00:00:00:00:02");
const OUT = 5;
const out = { id: 0x7778, idWide: 0x8182_8384, takes: Takes.Frags as number, confirmedAt: clock.taiNs };
const config: XdpTransitConfig = { node, device, mac: OWN_MAC, table: false, frags: false };
const route = {
  ...noRoute,
  code: Fib.Success,
  ifindex: OUT,
  mtu: 1500,
  sourceMac: mac("02:00:00:00:00:03"),
  destinationMac: mac("02:00:00:00:00:04"),
};
const environment = { ...clock, route };
const trace = traceHeader();

/** Both, with the interface to leave by. */
class XdpTwin extends Twin {
  #before: readonly Record<string, number>[] = [{}, {}];

  constructor(own: Partial<XdpTransitConfig>) {
    super(transitXdp({ ...config, ...own }));
    this.setVariable(taiOffset, TAI_OFFSET);
  }

  /** As if it were new. */
  reset(): this {
    this.leave(out);
    if (this.kernel.compiled.maps.includes(nextHops)) {
      for (const key of [network, host]) for (const handle of this.#nextHops()) handle.delete(key);
    }
    this.#before = this.#counted();
    return this;
  }

  leave(by: typeof out): void {
    for (const handle of [this.kernel.map(egressInterfaces), this.maps.map(egressInterfaces)])
      handle.set({ ifindex: OUT }, by);
  }

  nextHop(value: { ifindex: number; mtu: number }, key = network): void {
    const hop = {
      id: 0x5556,
      idWide: 0x5758_595a,
      takes: Takes.Frags,
      sourceMac: mac("02:00:00:00:00:05"),
      destinationMac: mac("02:00:00:00:00:06"),
      ...value,
    };
    for (const handle of this.#nextHops()) handle.set(key, hop);
  }

  /** What was counted since the reset: of packets, and of traces. */
  ways(): Record<string, number> {
    return grown(this.#counted()[0], this.#before[0]);
  }

  traces(): Record<string, number> {
    return grown(this.#counted()[1], this.#before[1]);
  }

  /** Both, since the last time. */
  take(): { ways: Record<string, number>; traces: Record<string, number> } {
    const now = this.#counted();
    const [ways, traces] = [grown(now[0], this.#before[0]), grown(now[1], this.#before[1])];
    this.#before = now;
    return { ways, traces };
  }

  #counted(): readonly [Record<string, number>, Record<string, number>] {
    const byWay = this.counts(wayCounters, slots);
    const { ways, filled } = readWays((at) => BigInt(byWay[slots[at]!] ?? 0));
    const outcomes = this.counts(transitCounters, outcomeNames);
    const sent = Object.entries(ways).map(([way, count]) => [way, Number(count)] as const);
    return [
      Object.fromEntries(sent.filter(([, count]) => count > 0)),
      { ...outcomes, ...(filled > 0n && { filled: (outcomes["filled"] ?? 0) + Number(filled) }) },
    ];
  }

  #nextHops() {
    return [this.kernel.map(nextHops), this.maps.map(nextHops)] as const;
  }
}

/** Of the counters of ways. */
const slots = [...wayNames, ...wayNames.map((way) => `filled, ${way}`)];

const network = { prefixLength: 64, address: ipv6("db02::") };
const host = { prefixLength: 128, address: ipv6("db02::2") };

const grown = (now: Record<string, number>, before: Record<string, number> = {}): Record<string, number> =>
  Object.fromEntries(
    Object.entries(now).flatMap(([name, value]) =>
      value === before[name] ? [] : [[name, value - (before[name] ?? 0)]],
    ),
  );

const twins = new Map<string, XdpTwin>();
afterAll(() => {
  for (const twin of twins.values()) twin.close();
});

/** Loading takes longer than running: programs are shared by the tests. */
const twinOf = (own: Partial<XdpTransitConfig> = {}): XdpTwin => {
  const name = JSON.stringify(own);
  const twin = twins.get(name) ?? new XdpTwin(own);
  twins.set(name, twin);
  return twin.reset();
};

const macs = (packet: Uint8Array): string => toHex(packet, 0, 12);
const FORWARDED_MACS = "0x020000000004020000000003";
const TABLE_MACS = "0x020000000006020000000005";
const hopLimit = (packet: Uint8Array): number => packet[21]!;

test("every rule: filled as at tc, dropped where tc drops, else forwarded", { timeout: 90_000 }, () => {
  const twin = twinOf();
  const atTc = new Twin(transitIngress({ node, device }));
  onTestFinished(() => atTc.close());
  atTc.setVariable(taiOffset, TAI_OFFSET);
  for (const { name, outcome, others = false, ...headers } of [...ruleCases, ...severalOptions]) {
    const packet = frame({ ...headers, payload: new Uint8Array(PAYLOAD) });
    const reference = atTc.run(packet, { environment: clock });
    // With all that only the egress side of tc knows: the ids of the interface to leave by.
    const { verdict, packet: after } = twin.run(packet, { environment });
    const { ways, traces } = twin.take();
    const [way = ""] = Object.keys(ways);
    const dropped = outcome.split("+").some((own) => outcomeNames.indexOf(own) >= FIRST_DROPPED);
    const claims = 40 + ((packet[18]! << 8) | packet[19]!);
    const malformed = claims === 40 || claims + 14 > packet.length;
    const unknown = others || /unknown option|router alert|too short/.test(name);
    const expected = dropped ? "" : malformed ? "malformed" : unknown ? "otherOptions" : "forwarded";
    expect({ name, way }).toEqual({ name, way: expected });
    const sent = way === "forwarded";
    expect({ name, verdict }).toEqual({ name, verdict: dropped ? Xdp.Drop : sent ? Xdp.Redirect : Xdp.Pass });
    expect({ name, macs: macs(after) }).toEqual({ name, macs: sent ? FORWARDED_MACS : macs(packet) });
    expect(hopLimit(after)).toBe(sent ? 63 : 64);
    const outcomes = Object.entries(traces).flatMap(([own, number]) => Array<string>(number).fill(own));
    expect({ name, outcome: outcomes.join("+") }).toEqual({ name, outcome });
    // What differs from tc are the egress ids, and the checksum complement that makes up for them.
    const changed = [...after.keys()].filter((at) => at > 21 && after[at] !== reference.packet[at]);
    const [ids, complement] = [true, false].map((id) => changed.filter((at) => (reference.packet[at] === 0xff) === id));
    for (const at of ids!) expect([0x77, 0x78, 0x81, 0x82, 0x83, 0x84]).toContain(after[at]);
    if (complement!.length > 0)
      expect({ name, sum: neutral(after.slice(54)) }).toEqual({ name, sum: neutral(reference.packet.slice(54)) });
  }
});

test("the entry of every trace type: what tc writes on arrival, and the egress ids", () => {
  const twin = twinOf();
  for (const { bit, size } of ioamFields) {
    if (size === 0) continue;
    const traceType = traceTypeBit(bit);
    const given = frame({ hopByHop: traceHeader({ traceType, data: new Uint8Array(20) }) });
    const { packet } = twin.run(given, { environment });
    const entry = toHex(packet, HOP_BY_HOP_AT + 16 + 20 - size, size);
    if (bit === 1) expect(entry).toBe("0x21227778");
    if (bit === 9) expect(entry).toBe("0x3132333481828384");
    // Queue depth, transit delay and buffer occupancy: nobody knows them here.
    if ([4, 6, 11].includes(bit)) expect(entry).toBe(`0x${"ff".repeat(size)}`);
    if (bit === 0) expect(entry).toBe("0x3f0a0b0c");
  }
});

test("the interface to leave by is the one in its near place, if it is there", () => {
  const twin = twinOf();
  const near = (ifindex: number): void => {
    const value = { ...out, ifindex, id: 0x5152, idWide: 0x6162_6364 };
    for (const handle of [twin.kernel.map(nearEgress), twin.maps.map(nearEgress)]) handle.set(OUT & NEAR_MASK, value);
  };
  const leftBy = (traceType: number): string => {
    const given = frame({ hopByHop: traceHeader({ traceType, data: new Uint8Array(8) }) });
    const { verdict, packet } = twin.run(given, { environment });
    expect(verdict).toBe(Xdp.Redirect);
    return toHex(packet, HOP_BY_HOP_AT + 16, 8);
  };
  near(OUT);
  expect(leftBy(traceTypeBit(1))).toBe("0x0000000021225152");
  expect(leftBy(traceTypeBit(9))).toBe("0x3132333461626364");
  near(OUT + NEAR_MASK + 1);
  expect(leftBy(traceTypeBit(1))).toBe("0x0000000021227778");
  near(0);
  expect(leftBy(traceTypeBit(9))).toBe("0x3132333481828384");
});

test.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))(
  "tshark finds no fault in what is forwarded",
  () => {
    const twin = twinOf();
    const types = [
      ...Array.from({ length: 12 }, (_, bit) => traceTypeBit(bit)),
      0xfe0000,
      0xf60000,
      0xf00000,
      0xfff002,
    ];
    const frames = types.map((traceType) => {
      const given = frame({ hopByHop: traceHeader({ traceType, data: new Uint8Array(80) }) });
      const { verdict, packet } = twin.run(given, { environment });
      expect(verdict).toBe(Xdp.Redirect);
      return packet;
    });
    const complaints = tsharkComplaints(frames).map((complaint, index) => ({ type: types[index], complaint }));
    expect(complaints.filter(({ complaint }) => complaint !== "")).toEqual([]);
  },
);

describe("what is not forwarded here is filled, once, and goes on to the stack", () => {
  const codes = Object.entries(Fib).filter(([, code]) => code !== Fib.Success);
  const reasons: [name: string, way: string, frame: Parameters<typeof frame>[0], world: object][] = [
    ...codes.map(([name, code]): [string, string, object, object] => [
      `lookup: ${name}`,
      wayNames[code + 1]!,
      {},
      { route: { ...route, code } },
    ]),
    ["lookup: EINVAL", "lookupFailed", {}, { route: { ...route, code: -22 } }],
    ["lookup: a code of later kernels", "lookupFailed", {}, { route: { ...route, code: 10 } }],
    ["hop limit 1", "hopLimit", { hopLimit: 1 }, {}],
    ["hop limit 0", "hopLimit", { hopLimit: 0 }, {}],
    ["from a link-local address", "address", { source: "fe80::1" }, {}],
    ["from a multicast address", "address", { source: "ff02::1" }, {}],
    ["from nowhere", "address", { source: "::" }, {}],
    ["from the loopback", "address", { source: "::1" }, {}],
    ["to a link-local address", "address", { destination: "fe80::1" }, {}],
    ["to a multicast address", "address", { destination: "ff0e::1" }, {}],
    ["out of an interface that is not in the map", "noRedirect", {}, { route: { ...route, ifindex: 6 } }],
    ["shorter than it says", "malformed", { payloadLength: 1000 }, {}],
  ];
  test.each(reasons)("%s", (_, way, own, world) => {
    const twin = twinOf();
    const given = frame({ hopByHop: trace, payload: new Uint8Array(PAYLOAD), ...own });
    const { verdict, packet } = twin.run(given, { environment: { ...environment, ...world } });
    expect(verdict).toBe(Xdp.Pass);
    expect(twin.ways()).toEqual({ [way]: 1 });
    expect(twin.traces()).toEqual({ filled: 1 });
    expect([macs(packet), hopLimit(packet)]).toEqual([macs(given), hopLimit(given)]);
    // 4 words taken, egress id unknown.
    expect(packet[HOP_BY_HOP_AT + 11]! & 127).toBe(8);
    expect(toHex(packet, HOP_BY_HOP_AT + 16 + 36, 4)).toBe("0x2122ffff");
  });

  test("an interface that takes no redirected frames", () => {
    const twin = twinOf();
    twin.leave({ ...out, takes: Takes.Nothing });
    expect(twin.run(frame({ hopByHop: trace }), { environment }).verdict).toBe(Xdp.Pass);
    expect(twin.ways()).toEqual({ noRedirect: 1 });
  });

  test("an interface to which no packet went through the stack for a second", () => {
    const twin = twinOf();
    const given = frame({ hopByHop: trace });
    const at = (ns: bigint) => ({ ...environment, taiNs: clock.taiNs + ns });
    const seen = [999_999_999n, 1_000_000_000n, 1_500_000_000n, 2_000_000_000n, 1_999_999_999n].map(
      (ns) => twin.run(given, { environment: at(ns) }).verdict,
    );
    // The last one is a clock that was set back.
    expect(seen).toEqual([Xdp.Redirect, Xdp.Pass, Xdp.Redirect, Xdp.Pass, Xdp.Pass]);
    expect(twin.ways()).toEqual({ forwarded: 2, confirming: 3 });
  });
});

test("frames to other stations, and packets without a Hop-by-Hop header, are not touched", () => {
  const twin = twinOf();
  const others = [
    frame({ hopByHop: trace, destinationMac: "02:00:00:00:00:09" }),
    frame({ payload: new Uint8Array(40) }),
    Uint8Array.from({ length: 60 }, (_, at) => [0x08, 0x00, 0x45][at - 12] ?? 0),
  ];
  for (const given of others) {
    const { verdict, packet } = twin.run(given, { environment });
    expect([verdict, toHex(packet)]).toEqual([Xdp.Pass, toHex(given)]);
  }
  expect(twin.ways()).toEqual({ otherStation: 1 });
  expect(twin.traces()).toEqual({});
});

describe("the next-hop table", () => {
  const given = frame({ hopByHop: trace, payload: new Uint8Array(PAYLOAD) });
  const length = given.length - 14;
  const now = clock.taiNs;
  const open = (from = now, until = now + 1n): XdpTwin => {
    const twin = twinOf({ table: true });
    twin.setVariable(leaseFrom, from);
    twin.setVariable(leaseUntil, until);
    return twin;
  };

  test("sends by the longest prefix, with the ids in the trace", () => {
    const twin = open();
    twin.nextHop({ ifindex: 9, mtu: length });
    const { verdict, packet } = twin.run(given, { environment });
    expect([verdict, macs(packet), hopLimit(packet)]).toEqual([Xdp.Redirect, TABLE_MACS, 63]);
    expect(toHex(packet, HOP_BY_HOP_AT + 16 + 36, 4)).toBe("0x21225556");
    expect(twin.ways()).toEqual({ forwardedByTable: 1 });
  });

  test("asks the kernel where the table says so, and where it says nothing", () => {
    const twin = open();
    const none = twin.run(given, { environment });
    twin.nextHop({ ifindex: 9, mtu: length });
    twin.nextHop({ ifindex: 0, mtu: 0 }, host);
    const asked = twin.run(given, { environment });
    expect([none, asked].map(({ packet }) => macs(packet))).toEqual([FORWARDED_MACS, FORWARDED_MACS]);
    expect(twin.ways()).toEqual({ forwarded: 2 });
  });

  test("passes on what is longer than the MTU", () => {
    const twin = open();
    twin.nextHop({ ifindex: 9, mtu: length - 1 });
    expect(twin.run(given, { environment }).verdict).toBe(Xdp.Pass);
    expect(twin.ways()).toEqual({ tooBig: 1 });
  });

  test("is not believed outside of its lease", () => {
    for (const [from, until] of [
      [0n, 0n],
      [now - 5n, now],
      [now + 1n, now + 5n],
    ] as const) {
      const twin = open(from, until);
      twin.nextHop({ ifindex: 9, mtu: length });
      expect(macs(twin.run(given, { environment }).packet)).toBe(FORWARDED_MACS);
      expect(twin.ways()).toEqual({ forwarded: 1 });
    }
  });
});

describe("frames in several buffers", () => {
  const long = (hop: number): Uint8Array => frame({ hopByHop: trace, payload: new Uint8Array(5000), hopLimit: hop });

  test("go where an interface takes them", () => {
    const twin = twinOf({ frags: true });
    expect(twin.run(long(64), { environment }).verdict).toBe(Xdp.Redirect);
    twin.leave({ ...out, takes: Takes.OneBuffer });
    expect(twin.run(long(64), { environment }).verdict).toBe(Xdp.Pass);
    expect(twin.run(frame({ hopByHop: trace }), { environment }).verdict).toBe(Xdp.Redirect);
    expect(twin.ways()).toEqual({ forwarded: 2, noRedirect: 1 });
  });
});

test("options that only the stack knows keep a packet from being forwarded", () => {
  const twin = twinOf();
  const headers = [
    [hopByHop([Uint8Array.of(5, 2, 0, 0), padding(2), traceOption()]), "otherOptions"],
    [hopByHop([padding(2), traceOption(), Uint8Array.of(0xc2, 4, 0, 0, 0, 0)]), "otherOptions"],
    [hopByHop([padding(2), traceOption(), padding(5), padding(3)]), "forwarded"],
  ] as const;
  for (const [header, way] of headers) {
    twin.reset().run(frame({ hopByHop: header }), { environment });
    expect(twin.ways()).toEqual({ [way]: 1 });
  }
});

test("where the device exports, what asks for reports goes to the stack, and no other packet", () => {
  const asking = hopByHop([padding(2), traceOption(), exportOption({ extensionFlags: 0xc0, extensions: [1, 2] })]);
  for (const [exports, header, way] of [
    [true, asking, "otherOptions"],
    [true, trace, "forwarded"],
    [false, asking, "forwarded"],
  ] as const) {
    const twin = twinOf({ exports });
    const { verdict } = twin.run(frame({ hopByHop: header }), { environment });
    expect(verdict).toBe(way === "forwarded" ? Xdp.Redirect : Xdp.Pass);
    expect(twin.ways()).toEqual({ [way]: 1 });
    expect(twin.traces()).toMatchObject({ filled: 1 });
  }
});

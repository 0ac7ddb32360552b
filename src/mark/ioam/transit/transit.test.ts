/** Transit: the kernel's rules in the kernel's order, in the kernel and in V8. */
import { describe, expect, onTestFinished, test } from "vitest";
import { Twin } from "../../../../tests/support/twin.ts";
import { simulate } from "../../../kernel/simulate/simulate.ts";
import { toHex } from "../../../wire/hex.ts";
import { ioamFields, traceTypeBit } from "../../../wire/ioam/fields.ts";
import { outcomeNames } from "../outcome.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import { complete, neutral } from "../test-support/complement.ts";
import { frame, HOP_BY_HOP_AT, hopByHop, padding, traceHeader, traceOption } from "../conformance/frames.ts";
import { leaveAfter } from "../test-support/leave.bpf.ts";
import { clock, device, MICROSECONDS, namespaces, node, schema, SECONDS, TAI_OFFSET } from "../test-support/nodes.ts";
import { transitCounters, transitEgress, transitIngress } from "./transit.bpf.ts";

const NEXT = -1;
const DROP = 2;

const twinOf = (program: ConstructorParameters<typeof Twin>[0]): Twin => {
  const twin = new Twin(program);
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};

test("every rule: kernel and V8 agree, and the outcome has its name", () => {
  const twin = twinOf(transitIngress({ node, device }));
  const found: string[] = [];
  let before: Record<string, number> = {};
  const cases = [...ruleCases, ...severalOptions];
  for (const { name, outcome: _, others: __, known: ___, ...headers } of cases) {
    const { verdict } = twin.run(frame({ ...headers, payload: new Uint8Array(PAYLOAD) }), { environment: clock });
    const after = twin.counts(transitCounters, outcomeNames);
    const outcomes = outcomeNames.flatMap((own) => Array<string>((after[own] ?? 0) - (before[own] ?? 0)).fill(own));
    const dropped = outcomes.some((own) => ["misaligned", "truncated", "wrongNodeLength"].includes(own));
    expect({ name, verdict }).toEqual({ name, verdict: dropped ? DROP : NEXT });
    found.push(`${name}: ${outcomes.join("+")}`);
    before = after;
  }
  expect(found).toEqual(cases.map(({ name, outcome }) => `${name}: ${outcome}`));
});

const ones = (bytes: number): string => "ff".repeat(bytes);
const hex = (value: number | bigint, bytes: number): string => value.toString(16).padStart(bytes * 2, "0");

/** What arrival writes into each field; what is not here is all ones. */
const onArrival: Record<number, string> = {
  0: hex(63, 1) + hex(node.id, 3),
  1: hex(device.id, 2) + ones(2),
  2: hex(SECONDS, 4),
  3: hex(MICROSECONDS, 4),
  5: hex(namespaces.withSchema.data, 4),
  8: hex(63, 1) + hex(node.idWide, 7),
  9: hex(device.idWide, 4) + ones(4),
  10: hex(namespaces.withSchema.dataWide, 8),
  22: hex(schema.words.length, 1) + hex(schema.id, 3) + schema.words.map((word) => hex(word, 4)).join(""),
};
const outward = { id: 0x7778, idWide: 0x8182_8384, network: 14 };
const ELAPSED = 0x1234567n;
/** What leaving adds. */
const onLeaving: Record<number, string> = {
  ...onArrival,
  1: hex(device.id, 2) + hex(outward.id, 2),
  4: hex(ELAPSED, 4),
  6: hex(clock.egressBacklog, 4),
  9: hex(device.idWide, 4) + hex(outward.idWide, 4),
};

const entryOf = (traceType: number, fields: Record<number, string>): string => {
  const entry = ioamFields
    .filter(({ bit }) => (traceType & traceTypeBit(bit)) !== 0)
    .map(({ bit, size }) => fields[bit] ?? ones(size))
    .join("");
  return toHex(complete(Uint8Array.from(Buffer.from(entry, "hex")), traceType));
};

const typesToFill = [
  ...Array.from({ length: 24 }, (_, bit) => traceTypeBit(bit)),
  ...Array.from({ length: 22 }, (_, bit) => traceTypeBit(bit) | traceTypeBit(22)),
  0xfff002,
  0xfff000,
  0xffffff,
  0xfe0000,
  0xf00000,
  0xf60000,
  0xaaaaaa,
  0x555556,
  0x4b4000,
  0xff0002,
];

test("the entry of every trace type, as it arrives and as it leaves", () => {
  const arriving = twinOf(transitIngress({ node, device }));
  const leaving = twinOf(leaveAfter({ node, device: outward }, ELAPSED));
  for (const traceType of typesToFill) {
    const data = new Uint8Array(120);
    const given = frame({ hopByHop: traceHeader({ namespaceId: 7, traceType, data }), payload: new Uint8Array(3) });
    const arrived = arriving.run(given, { environment: clock });
    const left = leaving.run(arrived.packet, { environment: clock, context: { ingressIfindex: 1 } });
    const entries = [arrived, left].map(({ packet }) => {
      const at = HOP_BY_HOP_AT + 16;
      const free = (packet[at - 5]! & 127) * 4;
      if ((traceType & traceTypeBit(7)) !== 0) {
        const option = (bytes: Uint8Array): Uint8Array => bytes.slice(HOP_BY_HOP_AT, at + data.length);
        expect({ traceType, sum: neutral(option(packet)) }).toEqual({ traceType, sum: neutral(option(given)) });
      }
      // All else is as it was.
      expect(toHex(packet, 0, at - 5)).toBe(toHex(given, 0, at - 5));
      expect(toHex(packet, at - 4, 4 + free)).toBe(toHex(given, at - 4, 4 + free));
      expect(toHex(packet, at + data.length)).toBe(toHex(given, at + data.length));
      return toHex(packet, at + free, data.length - free);
    });
    expect({ traceType, entries }).toEqual({
      traceType,
      entries: [entryOf(traceType, onArrival), entryOf(traceType, onLeaving)],
    });
  }
});

test.each([
  [0xfe0000, { wallClock: 1, monotonic: 1 }],
  [0xf00000, { wallClock: 1, monotonic: 0 }],
  [0x200000, { wallClock: 1, monotonic: 0 }],
  [0x880000, { wallClock: 0, monotonic: 1 }],
  [0xc60000, { wallClock: 0, monotonic: 0 }],
])("a trace of type %i takes no time that it does not want", (traceType, expected) => {
  // Before it runs anything, simulate() looks once at what each is.
  const reads = { wallClock: -1, monotonic: -1 };
  const counting = (name: keyof typeof reads): bigint[] =>
    Object.defineProperty([0n], 0, { get: () => BigInt((reads[name] += 1)) });
  const packet = frame({ hopByHop: traceHeader({ traceType, data: new Uint8Array(56) }) });
  const environment = { taiNs: counting("wallClock"), monotonicNs: counting("monotonic") };
  const arrived = simulate(transitIngress({ node, device }), { packet, environment });
  expect(toHex(arrived.packet)).not.toBe(toHex(packet));
  expect(reads).toEqual(expected);
});

describe("leaving", () => {
  const given = frame({ hopByHop: traceHeader({ traceType: 0x080000, data: new Uint8Array(4) }) });
  const delay = (elapsedNs: bigint): string => {
    const arrived = simulate(transitIngress({ node, device }), { packet: given, environment: clock });
    const { packet } = twinOf(leaveAfter({ node, device }, elapsedNs)).run(arrived.packet, { environment: clock });
    return toHex(packet, HOP_BY_HOP_AT + 16, 4);
  };

  test.each([
    [0n, "0x00000000"],
    [1n, "0x00000001"],
    [0x7fff_ffffn, "0x7fffffff"],
    [0x8000_0000n, "0x80000000"],
    [3_000_000_000_000n, "0x80000000"],
  ])("%i ns after arrival", (elapsedNs, expected) => expect(delay(elapsedNs)).toBe(expected));

  test("leaves traces alone that this node did not write into", () => {
    const others = [
      traceHeader({ traceType: 0x400000, namespaceId: 99, remaining: 0, data: new Uint8Array(4) }),
      traceHeader({ traceType: 0x400000, flags: 8, remaining: 0, data: new Uint8Array(4) }),
      traceHeader({ traceType: 0x400000, ioamType: 1, remaining: 0, data: new Uint8Array(4) }),
      // of another node, by its id
      traceHeader({ traceType: 0xc00000, remaining: 0, data: Uint8Array.of(63, 0, 0, 99, 0, 1, 0xff, 0xff) }),
      traceHeader({ traceType: 0xfe0000, remaining: 0, data: new Uint8Array(28).fill(9) }),
      hopByHop([padding(6)]),
      // without an entry: what follows the trace is not its own
      traceHeader({ traceType: 0x400000, data: new Uint8Array(12) }),
      traceHeader({ traceType: 0x440000, remaining: 2, data: new Uint8Array(12) }),
      traceHeader({ traceType: 0xfe0000, data: new Uint8Array(84) }),
      traceHeader({ traceType: 0xf00000, remaining: 5, data: new Uint8Array(32) }),
      // longer than its header
      traceHeader({ traceType: 0x400000, remaining: 3, data: new Uint8Array(12), length: 30 }),
    ];
    const twin = twinOf(leaveAfter({ node, device: outward }, 5n));
    for (const header of others) {
      const packet = frame({ hopByHop: header, payload: new Uint8Array(PAYLOAD) });
      const after = twin.run(packet, { environment: clock });
      expect(toHex(after.packet)).toBe(toHex(packet));
    }
  });

  test("leaves packets alone that were not stamped here", () => {
    const twin = twinOf(transitEgress({ node, device: outward }));
    const packet = frame({ hopByHop: traceHeader({ traceType: 0x400000 }) });
    const after = twin.run(packet, { context: { ingressIfindex: 1, timestamp: 5n } });
    expect(toHex(after.packet)).toBe(toHex(packet));
  });
});

test("what is not IPv6, or has no Hop-by-Hop header, is neither touched nor counted", () => {
  const twin = twinOf(transitIngress({ node, device }));
  const ipv4 = new Uint8Array(100);
  ipv4.set([0x08, 0x00, 0x45], 12);
  const arp = new Uint8Array(60);
  arp.set([0x08, 0x06], 12);
  for (const packet of [ipv4, arp, frame({ payload: new Uint8Array(40) }), frame({ protocol: 0x2c })]) {
    expect(twin.run(packet).verdict).toBe(NEXT);
  }
  expect(twin.counts(transitCounters, outcomeNames)).toEqual({});
});

test("cut anywhere behind the IPv6 header: dropped until the Hop-by-Hop header is whole", () => {
  const twin = twinOf(transitIngress({ node, device }));
  const whole = frame({ hopByHop: traceHeader(), payload: new Uint8Array(PAYLOAD) });
  for (let length = HOP_BY_HOP_AT; length <= whole.length; length++) {
    const { verdict } = twin.run(whole.slice(0, length), { environment: clock });
    expect({ length, verdict }).toEqual({ length, verdict: length < HOP_BY_HOP_AT + 64 ? DROP : NEXT });
  }
  expect(twin.counts(transitCounters, outcomeNames)).toEqual({ truncated: 64, filled: PAYLOAD + 1 });
});

// TEST_RUN takes no frame that ends before its IPv6 header does.
test.each([14, 15, 30, 53])("%i bytes long, cut inside the IPv6 header", (length) => {
  const packet = frame({ hopByHop: traceHeader() }).slice(0, length);
  const after = simulate(transitIngress({ node, device }), { packet });
  expect({ verdict: after.verdict, packet: toHex(after.packet) }).toEqual({ verdict: NEXT, packet: toHex(packet) });
});

test("what the 6.18 kernel wrote at the end of a path of two nodes", () => {
  // wire-formats.md, section 2: bytes seen on aramis' wire, and the same before the last node wrote.
  const entry = "3f000002001500166b006887000e03a3cafedeca00000000";
  const own = "3e000003001fffff6b006887000e03a9ffffffffffffffff";
  const header = (remaining: string, free: string): string =>
    `3b0a010031520000007b30${remaining}f6000000${free}${entry}`;
  const aramis = { id: 3, idWide: 3n, namespaces: [{ ...namespaces.bare, id: 123 }] };
  const twin = twinOf(transitIngress({ node: aramis, device: { id: 31, idWide: 31, network: 14 } }));
  const given = frame({ hopByHop: Buffer.from(header("0c", "00".repeat(48)), "hex"), hopLimit: 63 });
  const taiNs = BigInt(0x6b006887) * 1_000_000_000n + BigInt(0x000e03a9) * 1000n + TAI_OFFSET;
  const { packet } = twin.run(given, { environment: { ...clock, taiNs } });
  expect(toHex(packet, HOP_BY_HOP_AT)).toBe(`0x${header("06", "00".repeat(24) + own)}`);
});

test("a trace beside another option is filled, whichever comes first", () => {
  const twin = twinOf(transitIngress({ node, device }));
  const routerAlert = Uint8Array.of(5, 2, 0, 0);
  const headers = [
    hopByHop([routerAlert, padding(2), traceOption()]),
    hopByHop([padding(2), traceOption(), routerAlert]),
  ];
  for (const header of headers) twin.run(frame({ hopByHop: header }), { environment: clock });
  expect(twin.counts(transitCounters, outcomeNames)).toEqual({ filled: 2 });
});

/** The sink: fills as transit does, hands the trace over, delivers the packet without it; in the kernel and in V8. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Twin, type TwinInput } from "../../../../tests/support/twin.ts";
import { readLayout } from "../../../wire/codec.ts";
import { toHex } from "../../../wire/hex.ts";
import { decodeIoamTrace } from "../../../wire/ioam/decode.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import { ipv6 } from "../../../wire/address.ts";
import type { TypeOf } from "../../../wire/layout.ts";
import { Outcome, outcomeNames } from "../outcome.ts";
import { TraceRecord } from "../record.ts";
import { sinkRing } from "./report.bpf.ts";
import { sinkCounterNames, sinkCounters } from "./counters.ts";
import { sink } from "./sink.bpf.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { PAYLOAD, ruleCases, severalOptions } from "../conformance/cases.ts";
import {
  concat,
  frame,
  HOP_BY_HOP_AT,
  hopByHop,
  padding,
  traceHeader,
  traceOption,
  type FrameOptions,
} from "../conformance/frames.ts";
import { clock, device, MICROSECONDS, node, SECONDS, TAI_OFFSET } from "../test-support/nodes.ts";
import { transitIngress } from "../transit/transit.bpf.ts";

const NEXT = -1;
const DROP = 2;

const twinOf = (program: ConstructorParameters<typeof Twin>[0]): Twin => {
  const twin = new Twin(program);
  onTestFinished(() => twin.close());
  twin.setVariable(taiOffset, TAI_OFFSET);
  return twin;
};
const sinkTwin = (): Twin => twinOf(sink({ node, device }));
const counts = (twin: Twin): Record<string, number> => twin.counts(sinkCounters, sinkCounterNames);

type Record_ = TypeOf<typeof TraceRecord>;

/** The records of both, which must agree but for what lies behind the trace. */
const records = (twin: Twin): Record_[] => {
  const { kernel, v8 } = twin.records(sinkRing);
  const read = (bytes: Uint8Array): Record_ => {
    const record = readLayout(TraceRecord, bytes, 0);
    return { ...record, trace: record.trace.slice(0, record.traceLength) };
  };
  const found = kernel.map(read);
  expect(found).toEqual(v8.map(read));
  return found;
};

/** Of the trace behind padding and option, from the Hop-by-Hop header's start. */
const FLAGS_AT = 10;

/** The frame without its Hop-by-Hop header. */
const stripped = (options: FrameOptions & { readonly hopByHop: Uint8Array }): Uint8Array => {
  const { hopByHop: header, ...rest } = options;
  return frame({ ...rest, protocol: header[0]! });
};

test(
  "every rule: reports what transit would fill, strips what is its own, keeps and drops the rest",
  { timeout: 60_000 },
  () => {
    const end = sinkTwin();
    const transit = twinOf(transitIngress({ node, device }));
    for (const { name, outcome, hopByHop: header, payloadLength, others: beside, known } of [
      ...ruleCases,
      ...severalOptions,
    ]) {
      const options = { hopByHop: header, payload: new Uint8Array(PAYLOAD).fill(0x77) };
      const given = frame({ ...options, ...(payloadLength !== undefined && { payloadLength }) });
      const before = counts(end);
      const { verdict, packet } = end.run(given, { environment: clock });
      const after = counts(end);
      const grown = Object.fromEntries(
        sinkCounterNames.map((own) => [own, (after[own] ?? 0) - (before[own] ?? 0)]).filter(([, value]) => value !== 0),
      );
      const outcomes = outcome.split("+");
      const filled = transit.run(given, { environment: clock });
      const dropped = filled.verdict === DROP;
      const ours = outcomes.filter((own) => ["filled", "noRoom", "overflowSet"].includes(own)).length;
      const expected: Record<string, number> = {};
      for (const own of outcomes) expected[own] = (expected[own] ?? 0) + 1;
      if (ours > 0) Object.assign(expected, { received: ours, segments: ours });
      // Those cases have their trace where it usually is.
      const flags = /flags|loopback/.test(name) && ours > 0 ? header[FLAGS_AT]! : 0;
      if ((flags & 2) !== 0) expected["loopbackIgnored"] = 1;
      if ((flags & 1) !== 0) expected["activeIgnored"] = 1;
      const numbers = outcomes.filter((own) => own === "edgeToEdge").length;
      if (numbers > 0) expected["e2eNotCounted"] = numbers;
      const taken = ours + numbers + (known === true ? 1 : 0);
      const others = taken < outcomes.length || beside === true;
      if (!dropped && taken > 0 && payloadLength === 0) expected["notStripped"] = 1;
      else if (!dropped && taken > 0 && others) expected["otherOptionsKept"] = 1;
      const isStripped = !dropped && taken > 0 && !others && payloadLength !== 0;
      expect({ name, verdict, grown }).toEqual({ name, verdict: dropped ? DROP : NEXT, grown: expected });
      const bare = stripped({
        ...options,
        ...(payloadLength !== undefined && { payloadLength: payloadLength - header.length }),
      });
      if (!dropped) expect(`${name}: ${toHex(packet)}`).toBe(`${name}: ${toHex(isStripped ? bare : given)}`);
      const found = records(end);
      expect(found.map((record) => outcomeNames[record.outcome])).toEqual(
        // In the order of the options, which is that of the names but for one case.
        name.includes("first of which has no room")
          ? ["noRoom", "filled"]
          : outcomes.filter((own) => own !== "edgeToEdge").slice(0, ours),
      );
      for (const record of found) expect(toHex(filled.packet)).toContain(toHex(Uint8Array.from(record.trace)).slice(2));
    }
  },
);

describe("what user space is told", () => {
  const tcp = encodePacket([{ protocol: "tcp", header: { sourcePort: 40001, destinationPort: 5201 } }]);
  const udp = encodePacket([{ protocol: "udp", header: { sourcePort: 7, destinationPort: 65535 } }]);
  let shared: Twin;
  beforeAll(() => {
    shared = new Twin(sink({ node, device }));
    shared.setVariable(taiOffset, TAI_OFFSET);
  });
  afterAll(() => shared.close());
  const told = (options: FrameOptions, input: TwinInput = {}): Record_ => {
    const twin = shared;
    const given = frame(options);
    twin.run(given, { environment: clock, ...input });
    const [record] = records(twin);
    expect(record?.packetLength).toBe(given.length);
    return record!;
  };

  test("where the packet came from and went to, when, and which interface took it", () => {
    const record = told({ hopByHop: traceHeader({}, 6), payload: tcp });
    const { trace, ...rest } = record;
    expect(rest).toEqual({
      timestampNs: BigInt(SECONDS) * 1_000_000_000n + 123_456_789n,
      e2eSequence: 0n,
      e2eTimestampNs: 0n,
      source: ipv6("db01::1"),
      destination: ipv6("db02::2"),
      outerSource: ipv6("db01::1"),
      outerDestination: ipv6("db02::2"),
      packetLength: HOP_BY_HOP_AT + 64 + tcp.length,
      ifindex: 1,
      protocol: 6,
      outcome: Outcome.Filled,
      isTunnelled: 0,
      segments: 1,
      sourcePort: 40001,
      destinationPort: 5201,
      traceLength: 56,
      e2eType: 0,
    });
    expect(decodeIoamTrace(Uint8Array.from(trace), 0, 56)).toEqual({
      namespaceId: 123,
      traceType: 0xf00000,
      nodeLength: 4,
      flags: { overflow: false, loopback: false, active: false },
      remainingWords: 8,
      hops: [
        {
          nodeId: node.id,
          hopLimit: 63,
          ingressId: device.id,
          egressId: null,
          timestampNs: String((BigInt(SECONDS) * 1_000_000n + BigInt(MICROSECONDS)) * 1000n),
        },
      ],
    });
  });

  test("ports of UDP, and none of anything else", () => {
    const ports = ({ sourcePort, destinationPort }: Record_): number[] => [sourcePort, destinationPort];
    expect(ports(told({ hopByHop: traceHeader({}, 17), payload: udp }))).toEqual([7, 65535]);
    expect(ports(told({ hopByHop: traceHeader({}, 58), payload: udp }))).toEqual([0, 0]);
    // A fragment's ports are in the first one only, behind another header.
    expect(ports(told({ hopByHop: traceHeader({}, 44), payload: concat([new Uint8Array(8), udp]) }))).toEqual([0, 0]);
    expect(ports(told({ hopByHop: traceHeader({}, 17), payload: udp.slice(0, 3) }))).toEqual([0, 0]);
  });

  test("the longest trace, whole", () => {
    const data = Uint8Array.from({ length: 244 }, (_, index) => index);
    const record = told({ hopByHop: traceHeader({ remaining: 0, data }) });
    expect(record).toMatchObject({ traceLength: 252, outcome: Outcome.NoRoom });
    expect(toHex(Uint8Array.from(record.trace).slice(8))).toBe(toHex(data));
  });

  test("a ring without a reader fills, is counted, and delays no packet", () => {
    const twin = sinkTwin();
    const given = frame({ hopByHop: traceHeader({ data: new Uint8Array(244) }) });
    const times = 3400;
    for (let index = 0; index < times; index++) expect(twin.run(given).packet.length).toBe(HOP_BY_HOP_AT);
    const { ringFull = 0, ...rest } = counts(twin);
    expect(ringFull).toBeGreaterThan(50);
    expect(rest).toEqual({ filled: times, received: times, segments: times });
    expect(records(twin).length + ringFull).toBe(times);
  });
});

test("segments of a packet that is still whole; one that the kernel cannot shorten is delivered as it is", () => {
  // A GSO packet of no known kind.
  const twin = sinkTwin();
  const given = frame({ hopByHop: traceHeader({}, 6), payload: new Uint8Array(2000) });
  const { kernel } = twin.runBoth(given, { environment: clock, context: { gsoSize: 500, gsoSegments: 4 } });
  expect({ verdict: kernel.verdict, length: kernel.packet.length }).toEqual({ verdict: NEXT, length: given.length });
  const sum = (name: string): unknown => twin.kernel.map(sinkCounters).sum(sinkCounterNames.indexOf(name))?.value;
  expect(["filled", "received", "segments", "notStripped"].map(sum)).toEqual([1n, 1n, 4n, 1n]);
});

test("what is not IPv6, or has no Hop-by-Hop header, is neither touched nor counted", () => {
  const twin = sinkTwin();
  const ipv4 = new Uint8Array(100);
  ipv4.set([0x08, 0x00, 0x45], 12);
  for (const packet of [ipv4, frame({ payload: new Uint8Array(40) })]) {
    const after = twin.run(packet);
    expect({ verdict: after.verdict, packet: toHex(after.packet) }).toEqual({ verdict: NEXT, packet: toHex(packet) });
  }
  expect(counts(twin)).toEqual({});
});

test("cut anywhere behind the IPv6 header: dropped until the Hop-by-Hop header is whole", () => {
  const twin = sinkTwin();
  const whole = frame({ hopByHop: traceHeader(), payload: new Uint8Array(PAYLOAD) });
  for (let length = HOP_BY_HOP_AT; length <= whole.length; length++) {
    const { verdict } = twin.run(whole.slice(0, length), { environment: clock });
    expect({ length, verdict }).toEqual({ length, verdict: length < HOP_BY_HOP_AT + 64 ? DROP : NEXT });
  }
});

test("a trace among other options is reported, and stays as it came", () => {
  const twin = sinkTwin();
  const given = frame({ hopByHop: hopByHop([padding(2), traceOption(), Uint8Array.of(5, 2, 0, 0)]) });
  expect(toHex(twin.run(given, { environment: clock }).packet)).toBe(toHex(given));
  expect(counts(twin)).toEqual({ filled: 1, received: 1, segments: 1, otherOptionsKept: 1 });
});

test("a checksum that a NIC made over the whole packet is still true afterwards", () => {
  const twin = sinkTwin();
  const headers = [
    traceHeader({ traceType: 0xfff002, namespaceId: 7, data: new Uint8Array(100) }),
    traceHeader({ remaining: 1 }),
    traceHeader({ flags: 8 }),
    traceHeader({ namespaceId: 99 }),
    hopByHop([padding(2), traceOption(), Uint8Array.of(5, 2, 0, 0)]),
  ];
  for (const header of headers) {
    const given = frame({ hopByHop: header, payload: Uint8Array.from({ length: 101 }, (_, index) => index) });
    // The kernel compares the sum with the bytes.
    twin.run(given, { environment: clock, checksumComplete: true });
  }
  expect(counts(twin)).toMatchObject({ filled: 2, noRoom: 1, overflowSet: 1, namespaceUnknown: 1 });
});

/** Numbering packets and counting what became of the numbers; in the kernel and in V8. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isInstalled, tsharkComplaints, tsharkFields } from "../../../../tests/golden/tools.ts";
import { Twin } from "../../../../tests/support/twin.ts";
import { ipv6, mac } from "../../../wire/address.ts";
import { readLayout } from "../../../wire/codec.ts";
import { toHex } from "../../../wire/hex.ts";
import { encodeEdgeToEdge, HOPMARK_E2E_TYPE, type IoamEdgeToEdge } from "../../../wire/ioam/edge-to-edge.ts";
import { encodeIoamTrace, type IoamTraceInput } from "../../../wire/ioam/encode.ts";
import { decodePacket } from "../../../wire/packet/decode.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import type { Ipv6Option } from "../../../wire/protocols/ipv6-options.ts";
import { concat, frame, HOP_BY_HOP_AT, hopByHop, padding, traceOption } from "../conformance/frames.ts";
import { e2eSequences } from "../encap/edge-to-edge.bpf.ts";
import { e2eIndex, e2eStreams, MAX_STREAMS, SHORT_GROUP, WINDOW } from "./e2e-streams.bpf.ts";
import { encap } from "../encap/encap.bpf.ts";
import { Outcome } from "../outcome.ts";
import { TraceRecord } from "../record.ts";
import { sinkRing } from "./report.bpf.ts";
import { GROUPS, groupIndex, groupOf, SEQUENCE_BITS } from "../sequence-number.ts";
import { sink } from "./sink.bpf.ts";
import { sinkCounterNames, sinkCounters } from "./counters.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { clock, device, MICROSECONDS, node, rule, SECONDS, TAI_OFFSET } from "../test-support/nodes.ts";

const ORIGIN = 0x7abc;
const SEQUENCES = 1n << SEQUENCE_BITS;

/** A datagram from one of several ports. */
const datagram = (sourcePort: number): Uint8Array =>
  encodePacket([
    { protocol: "ethernet", header: { source: mac("02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02") } },
    { protocol: "ipv6", header: { source: ipv6("db01::1"), destination: ipv6("db02::2") } },
    { protocol: "udp", header: { sourcePort, destinationPort: 40_002 } },
    { protocol: "payload", bytes: Uint8Array.of(1, 2, 3) },
  ]);

describe("numbering", () => {
  let twin: Twin;
  beforeAll(() => {
    twin = new Twin(
      encap({ node, device, rules: [rule({ slot: 3, numbers: { origin: ORIGIN, first: 3 * GROUPS } })] }),
    );
    twin.setVariable(taiOffset, TAI_OFFSET);
  }, 60_000);
  afterAll(() => twin.close());

  const numbered = (packet: Uint8Array): { packet: Uint8Array; option: IoamEdgeToEdge } => {
    const after = twin.run(packet, { environment: clock }).packet;
    const options = decodePacket(after).layers.flatMap((layer): readonly Ipv6Option[] =>
      layer.protocol === "hop-by-hop" ? layer.options : [],
    );
    const ioam = options.flatMap((option) => (option.kind === "ioam" ? [option] : []));
    expect(ioam.map(({ ioamType }) => ioamType)).toEqual([3, 0]);
    return { packet: after, option: ioam[0]!.edgeToEdge! };
  };

  test("each packet of a flow has the next number and its time, in front of the trace", () => {
    const found = Array.from({ length: 5 }, () => numbered(datagram(40_001)));
    const [first] = found.map(({ option }) => BigInt(option.sequence!));
    expect(found.map(({ option }) => option)).toEqual(
      found.map((_, index) => ({
        namespaceId: 123,
        e2eType: 0xb000,
        sequence: String(first! + BigInt(index)),
        timestampSeconds: SECONDS,
        timestampFraction: MICROSECONDS,
      })),
    );
    expect(first! % SEQUENCES).toBe(0n);
    const group = Number(first! / SEQUENCES);
    expect(Math.floor(group / GROUPS)).toBe(ORIGIN);
    const next = twin.kernel.map(e2eSequences).get(3 * GROUPS + (group % GROUPS));
    expect(next?.value).toBe(5n);
  });

  test("a flow keeps to one group, and flows are spread over all of a rule's", () => {
    const groupOfFlow = (port: number): bigint => BigInt(numbered(datagram(port)).option.sequence!) / SEQUENCES;
    const ports = Array.from({ length: 200 }, (_, index) => 1000 + index);
    const groups = ports.map(groupOfFlow);
    expect(ports.map(groupOfFlow)).toEqual(groups);
    expect(new Set(groups).size).toBe(16);
    expect(groups.every((group) => group % BigInt(GROUPS) < 16n)).toBe(true);
  });

  test.skipIf(process.env["CI"] !== "true" && !isInstalled("tshark"))("tshark has no complaint", () => {
    const { packet } = numbered(datagram(40_001));
    expect(tsharkComplaints([packet])).toEqual([""]);
    expect(tsharkFields([packet], ["ipv6.opt.ioam.opt_type", "ipv6.opt.ioam.trace.node.id"])).toEqual([
      { "ipv6.opt.ioam.opt_type": "3,0", "ipv6.opt.ioam.trace.node.id": "0x0a0b0c" },
    ]);
  });
});

const numberOf = (sequence: bigint, group = groupOf(ORIGIN, 5)): bigint =>
  (BigInt(group) << SEQUENCE_BITS) | (sequence % SEQUENCES);

const option = (input: Partial<IoamEdgeToEdge> = {}): Uint8Array => {
  const data = encodeEdgeToEdge({
    namespaceId: 123,
    e2eType: HOPMARK_E2E_TYPE,
    sequence: String(numberOf(0n)),
    timestampSeconds: SECONDS,
    timestampFraction: MICROSECONDS,
    ...input,
  });
  return concat([Uint8Array.of(0x31, 2 + data.length, 0, 3), data]);
};

const traceBy = (trace: Partial<IoamTraceInput>): Uint8Array => {
  const data = encodeIoamTrace({ namespaceId: 123, traceType: 0xf00000, hops: [{ nodeId: 1 }], size: 64, ...trace });
  return concat([Uint8Array.of(0x31, 2 + data.length, 0, 0), data]);
};

const packet = (numbers: Uint8Array, trace = traceBy({})): Uint8Array =>
  frame({ hopByHop: hopByHop([padding(2), numbers, trace], 17), payload: datagram(7).slice(HOP_BY_HOP_AT) });

describe("counting", () => {
  let twin: Twin;
  beforeAll(() => {
    twin = new Twin(sink({ node, device, e2e: true }));
    twin.setVariable(taiOffset, TAI_OFFSET);
  }, 60_000);
  afterAll(() => twin.close());

  const counts = (): Record<string, number> => twin.counts(sinkCounters, sinkCounterNames);
  const grownBy = (run: () => void): Record<string, number> => {
    const before = counts();
    run();
    const after = Object.entries(counts()).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
    return Object.fromEntries(after.filter(([, value]) => value !== 0));
  };
  const send = (bytes: Uint8Array): void => {
    twin.run(bytes, { environment: clock });
    twin.records(sinkRing);
  };
  /** What both have counted of a stream. */
  const streamOf = (nodeId: bigint, group: number): Record<string, bigint> => {
    const key = { nodeId, namespaceId: 123, group };
    const found = [twin.kernel, twin.maps].map((maps) => {
      const index = maps === twin.kernel ? twin.kernel.map(e2eIndex).get(key) : twin.maps.map(e2eIndex).get(key);
      const at = index?.value ?? -1;
      const stream = maps === twin.kernel ? twin.kernel.map(e2eStreams).get(at) : twin.maps.map(e2eStreams).get(at);
      if (stream === undefined) throw new Error(`no stream of node ${nodeId}, group ${group}`);
      const { window, ...rest } = stream;
      return { rest, window: window.map(String) };
    });
    expect(found[0]).toEqual(found[1]);
    return found[0]!.rest;
  };

  test("the option is taken off with the trace, and told with it", () => {
    const given = packet(option());
    const ended = grownBy(() => {
      const { packet: after } = twin.run(given, { environment: clock });
      expect(toHex(after)).toBe(toHex(datagram(7)));
    });
    expect(ended).toEqual({ filled: 1, received: 1, segments: 1, edgeToEdge: 1 });
    const { kernel, v8 } = twin.records(sinkRing);
    for (const bytes of [...kernel, ...v8]) {
      expect(readLayout(TraceRecord, bytes, 0)).toMatchObject({
        outcome: Outcome.Filled,
        e2eType: HOPMARK_E2E_TYPE,
        e2eSequence: numberOf(0n),
        e2eTimestampNs: (BigInt(SECONDS) * 1_000_000n + BigInt(MICROSECONDS)) * 1000n,
      });
    }
    const { next, first, ...rest } = streamOf(1n, groupOf(ORIGIN, 5));
    expect({ rest, span: next! - first! }).toEqual({
      rest: { received: 1n, repeated: 0n, reordered: 0n, late: 0n },
      span: 1n,
    });
  });

  let streams = 0;
  /** Counts numbers in a stream of their own. */
  const countedOf = (numbers: readonly bigint[]): Record<string, number> => {
    const group = groupOf(streams++, 0);
    for (const number of numbers) send(packet(option({ sequence: String(numberOf(number, group)) })));
    const { next, first, ...rest } = streamOf(1n, group);
    return Object.fromEntries([
      ...Object.entries(rest).map(([name, value]) => [name, Number(value)] as const),
      ["lost", Number(next! - first! - rest["received"]!)],
    ]);
  };
  const none = { received: 0, repeated: 0, reordered: 0, late: 0, lost: 0 };
  const far = BigInt(WINDOW);

  test.each<[name: string, numbers: bigint[], expected: object]>([
    ["in order", [0n, 1n, 2n], { received: 3 }],
    ["from anywhere", [77n, 78n], { received: 2 }],
    ["one lost", [0n, 1n, 3n], { received: 3, lost: 1 }],
    ["one twice", [0n, 1n, 1n, 2n], { received: 3, repeated: 1 }],
    ["the first twice", [5n, 5n], { received: 1, repeated: 1 }],
    ["two in the other order", [0n, 2n, 1n, 3n], { received: 4, reordered: 1 }],
    ["one before the first that came", [9n, 8n, 10n], { received: 3, reordered: 1 }],
    ["a gap before the first that came", [9n, 6n], { received: 2, reordered: 1, lost: 2 }],
    [
      "held back as far as the window reaches",
      [0n, far - 32n, 1n],
      { received: 3, reordered: 1, lost: Number(far) - 34 },
    ],
    ["held back further", [0n, far, 1n], { received: 2, late: 1, lost: Number(far) - 1 }],
    ["twice, but too far apart to know", [0n, 1n, far + 1n, 1n], { received: 3, late: 1, lost: Number(far) - 1 }],
    ["a whole turn of the window lost", [0n, 3n * far], { received: 2, lost: 3 * Number(far) - 1 }],
    ["a word used again", [3n, far + 3n, far + 3n, far + 4n], { received: 3, repeated: 1, lost: Number(far) - 1 }],
    ["past the largest number", [SEQUENCES - 2n, SEQUENCES - 1n, 1n, 0n, 2n], { received: 5, reordered: 1 }],
  ])("%s", (_name, numbers, expected) => expect(countedOf(numbers)).toEqual({ ...none, ...expected }));

  test("whatever happens on the way, nothing is counted twice or not at all", { timeout: 60_000 }, () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant(1) },
      { weight: 2, arbitrary: fc.integer({ min: 2, max: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: 41, max: 2 * WINDOW }) },
      { weight: 3, arbitrary: fc.integer({ min: -100, max: 0 }) },
      { weight: 1, arbitrary: fc.integer({ min: -2 * WINDOW, max: -101 }) },
    );
    const starts = fc.constantFrom(0n, 1n << 20n, SEQUENCES - 60n);
    fc.assert(
      fc.property(starts, fc.array(step, { minLength: 1, maxLength: 60 }), (start, steps) => {
        const numbers: bigint[] = [start];
        let highest = start;
        for (const by of steps) {
          const number = highest + BigInt(by) < 0n ? 0n : highest + BigInt(by);
          numbers.push(number);
          if (number > highest) highest = number;
        }
        expect(countedOf(numbers)).toEqual(modelOf(numbers));
      }),
      { numRuns: 40 },
    );
  });

  test("streams are told apart by node, namespace and group", () => {
    const group = groupOf(0x1234, groupIndex(true, 15));
    const sequence = String(numberOf(7n, group));
    const wide = { traceType: 0x008000, hops: [{ nodeIdWide: "4886718345" }] };
    const opaqueState = { schemaId: 1, length: 2, data: "0x0102030405060708" };
    const opaque = {
      traceType: 0x800002,
      hops: [{ nodeId: 9, opaqueState }, { nodeId: 8 }, { nodeId: 7, opaqueState }],
    };
    const several = { hops: [{ nodeId: 4 }, { nodeId: 5 }], size: 64 };
    const beyond = { traceType: 0x7f8000, hops: [{ nodeIdWide: "3" }], size: 64 };
    const cases: [bigint, Partial<IoamTraceInput>][] = [
      [2n, { hops: [{ nodeId: 2 }] }],
      [4n, several],
      [(1n << 56n) | 4886718345n, wide],
      [(1n << 56n) | 3n, beyond],
      [9n, opaque],
      [0xffff_ffff_ffff_ffffn, { traceType: 0x400000, hops: [{}] }],
    ];
    for (const [, trace] of cases) send(packet(option({ sequence }), traceBy(trace)));
    for (const [nodeId] of cases) expect(streamOf(nodeId, group)).toMatchObject({ received: 1n });
  });

  test("the trace may come first", () => {
    const group = groupOf(0x2222, 0);
    const numbers = option({ sequence: String(numberOf(3n, group)) });
    send(
      frame({
        hopByHop: hopByHop([padding(2), traceBy({ hops: [{ nodeId: 3 }] }), numbers]),
        payload: new Uint8Array(8),
      }),
    );
    expect(streamOf(3n, group)).toMatchObject({ received: 1n });
  });

  test("what has no number to count is taken off all the same, by name", () => {
    const without = [{ e2eType: 0xc000, shortSequence: 1 }, { e2eType: 0x3000 }, { e2eType: 0 }] as const;
    for (const input of without)
      expect(grownBy(() => send(packet(option(input))))).toMatchObject({
        e2eWithoutSequence: 1,
        edgeToEdge: 1,
        received: 1,
      });
    expect(grownBy(() => send(packet(option({ namespaceId: 99 }))))).toEqual({
      edgeToEdge: 1,
      e2eNotCounted: 1,
      filled: 1,
      received: 1,
      segments: 1,
      otherOptionsKept: 1,
    });
    const cut = concat([Uint8Array.of(0x31, 6, 0, 3), Uint8Array.of(0, 123, 0x80, 0)]);
    expect(grownBy(() => send(packet(cut)))).toMatchObject({ e2eWithoutSequence: 1, edgeToEdge: 1 });
  });

  test("numbers of 32 bits are counted as well, past their end, and told in the record", () => {
    const trace = traceBy({ hops: [{ nodeId: 0x5a }] });
    const short = (shortSequence: number, e2eType = 0x4000): Uint8Array =>
      packet(option({ e2eType, shortSequence, timestampSeconds: 7, timestampFraction: 9 }), trace);
    for (const number of [0xffff_fffe, 0xffff_ffff, 1, 0, 1, 4]) twin.run(short(number), { environment: clock });
    expect(streamOf(0x5an, SHORT_GROUP)).toMatchObject({ received: 5n, repeated: 1n, reordered: 1n });
    const { next = 0n, first = 0n } = streamOf(0x5an, SHORT_GROUP) ?? {};
    // 2 and 3 did not come.
    expect(next - first).toBe(7n);
    twin.run(short(5, 0x7000), { environment: clock });
    expect(streamOf(0x5an, SHORT_GROUP)).toMatchObject({ received: 6n });
    const records = twin.records(sinkRing).kernel.map((bytes) => readLayout(TraceRecord, bytes, 0));
    expect(records.map(({ e2eType, e2eSequence }) => [e2eType, e2eSequence])).toEqual([
      ...[0xffff_fffen, 0xffff_ffffn, 1n, 0n, 1n, 4n].map((number) => [0x4000, number]),
      [0x7000, 5n],
    ]);
    expect(records.at(-1)).toMatchObject({ e2eTimestampNs: 7_000_009_000n });
  });

  test("numbers in an option that no node may change are counted as well", () => {
    const group = groupOf(0x4444, 0);
    const numbers = option({ sequence: String(numberOf(3n, group)) });
    numbers[0] = 0x11;
    const grown = grownBy(() => send(packet(numbers, traceBy({ hops: [{ nodeId: 6 }] }))));
    expect(grown).toEqual({ edgeToEdge: 1, filled: 1, received: 1, segments: 1 });
    expect(streamOf(6n, group)).toMatchObject({ received: 1n });
  });

  test("numbers without a trace are counted, and their option goes", () => {
    const group = groupOf(0x3333, 0);
    const numbers = option({ sequence: String(numberOf(3n, group)) });
    const given = frame({ hopByHop: hopByHop([padding(2), numbers], 17), payload: datagram(7).slice(HOP_BY_HOP_AT) });
    const grown = grownBy(() => expect(toHex(twin.run(given, { environment: clock }).packet)).toBe(toHex(datagram(7))));
    expect(grown).toEqual({ edgeToEdge: 1 });
    expect(streamOf(0xffff_ffff_ffff_ffffn, group)).toMatchObject({ received: 1n });
  });

  test("more streams than there is room for are named", { timeout: 60_000 }, () => {
    const full = grownBy(() => {
      for (let origin = 0x4000; origin < 0x4000 + MAX_STREAMS; origin++)
        send(packet(option({ sequence: String(numberOf(0n, groupOf(origin, 0))) }), traceOption()));
    });
    // Others were there before.
    expect(full["e2eStreamsFull"]).toBeGreaterThan(0);
    expect(full["edgeToEdge"]).toBe(MAX_STREAMS);
  });
});

test("a sink that does not count takes the option off, and says that it did not count", () => {
  const twin = new Twin(sink({ node, device }));
  try {
    expect(toHex(twin.run(packet(option()), { environment: clock }).packet)).toBe(toHex(datagram(7)));
    expect(twin.counts(sinkCounters, sinkCounterNames)).toEqual({
      filled: 1,
      received: 1,
      segments: 1,
      edgeToEdge: 1,
      e2eNotCounted: 1,
    });
  } finally {
    twin.close();
  }
});

/** What a sink should count, with memory for everything. */
const modelOf = (numbers: readonly bigint[]): Record<string, number> => {
  const seen = new Set<bigint>();
  const counted = { received: 0, repeated: 0, reordered: 0, late: 0, lost: 0 };
  let next = 0n;
  let first = 0n;
  for (const number of numbers) {
    if (seen.size > 0 && number + BigInt(WINDOW - 32) < next) counted.late++;
    else if (seen.has(number)) counted.repeated++;
    else {
      if (seen.size > 0 && number < next) counted.reordered++;
      if (seen.size === 0 || number < first) first = number;
      if (number >= next) next = number + 1n;
      seen.add(number);
      counted.received++;
    }
  }
  return { ...counted, lost: Number(next - first) - counted.received };
};

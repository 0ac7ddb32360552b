/** The sink at a tunnel's end, and the sink that leaves everything as it came; in the kernel and in V8. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { Twin, type TwinInput } from "../../../../tests/support/twin.ts";
import { ipv6 } from "../../../wire/address.ts";
import { readLayout } from "../../../wire/codec.ts";
import { toHex } from "../../../wire/hex.ts";
import { encodePacket } from "../../../wire/packet/encode.ts";
import { TraceRecord } from "../record.ts";
import { sinkRing } from "./report.bpf.ts";
import { sink } from "./sink.bpf.ts";
import { sinkCounterNames, sinkCounters } from "./counters.ts";
import { taiOffset } from "../../feature/tai-offset.ts";
import { frame, HOP_BY_HOP_AT, hopByHop, padding, traceHeader, traceOption } from "../conformance/frames.ts";
import { clock, device, node, TAI_OFFSET } from "../test-support/nodes.ts";
import { localAddresses } from "./tunnel.bpf.ts";

const NEXT = -1;
const DROP = 2;
const IPV6 = 41;
const OWN = "db02::2";

/** Sinks that take traces off, and leave them. */
let taking: Twin;
let keeping: Twin;
beforeAll(() => {
  taking = new Twin(sink({ node, device }));
  taking.kernel.map(localAddresses).set(ipv6(OWN), { value: 1 });
  taking.maps.map(localAddresses).set(ipv6(OWN), { value: 1 });
  keeping = new Twin(sink({ node, device, keep: true }));
  for (const twin of [taking, keeping]) twin.setVariable(taiOffset, TAI_OFFSET);
}, 60_000);
afterAll(() => {
  taking.close();
  keeping.close();
});
const counts = (twin: Twin): Record<string, number> => twin.counts(sinkCounters, sinkCounterNames);
let before: [Record<string, number>, Record<string, number>];
beforeEach(() => {
  for (const twin of [taking, keeping]) twin.records(sinkRing);
  before = [counts(taking), counts(keeping)];
});
/** What a twin counted since the test began, or since it was asked last. */
const grown = (twin: Twin): Record<string, number> => {
  const index = twin === taking ? 0 : 1;
  const after = counts(twin);
  const found = Object.entries(after)
    .map(([name, value]) => [name, value - (before[index][name] ?? 0)] as const)
    .filter(([, value]) => value !== 0);
  before[index] = after;
  return Object.fromEntries(found);
};
const ended = { filled: 1, received: 1, segments: 1 };

/** The one record of both, without its trace. */
const flowOf = (twin: Twin): object => {
  const { kernel, v8 } = twin.records(sinkRing);
  const flows = [...kernel, ...v8].map((bytes) => {
    const { source, destination, outerSource, outerDestination, isTunnelled, protocol, sourcePort, destinationPort } =
      readLayout(TraceRecord, bytes, 0);
    const ports = [sourcePort, destinationPort];
    return { source, destination, outerSource, outerDestination, isTunnelled, protocol, ports };
  });
  expect(flows).toHaveLength(2);
  expect(flows[0]).toEqual(flows[1]);
  return flows[0]!;
};

const udp = encodePacket([{ protocol: "udp", header: { sourcePort: 7, destinationPort: 65535 } }]);
/** What goes into the tunnel. */
const inside = { source: "db01::aa", destination: "db02::bb", flowLabel: 0x12345, protocol: 17, payload: udp };
const innerFlow = { isTunnelled: 1, source: "db01::aa", destination: "db02::bb", protocol: 17, ports: [7, 65535] };

const withTrafficClass = (packet: Uint8Array, trafficClass: number): Uint8Array => {
  const changed = packet.slice();
  changed[14] = (changed[14]! & 0xf0) | (trafficClass >> 4);
  changed[15] = (changed[15]! & 0x0f) | ((trafficClass & 15) << 4);
  return changed;
};

/** A packet of the tunnel around a frame: from db00::1, to this node. */
const tunnelled = (inner: Uint8Array, { destination = OWN, header = traceHeader({}, IPV6) } = {}): Uint8Array =>
  frame({ source: "db00::1", destination, hopByHop: header, payload: inner.slice(14) });

describe("a tunnel's end", () => {
  test("delivers the packet inside, and reports its flow and the tunnel's", () => {
    const twin = taking;
    const inner = frame(inside);
    const { verdict, packet } = twin.run(tunnelled(inner), { environment: clock });
    expect({ verdict, packet: toHex(packet) }).toEqual({ verdict: NEXT, packet: toHex(inner) });
    expect(grown(twin)).toEqual({ ...ended, decapsulated: 1 });
    expect(flowOf(twin)).toEqual({ ...innerFlow, outerSource: "db00::1", outerDestination: OWN });
  });

  test("of another node: the outer header stays, and the flow is still that inside", () => {
    const twin = taking;
    const inner = frame(inside);
    const { packet } = twin.run(tunnelled(inner, { destination: "db02::3" }), { environment: clock });
    const expected = frame({ source: "db00::1", destination: "db02::3", protocol: IPV6, payload: inner.slice(14) });
    expect(toHex(packet)).toBe(toHex(expected));
    expect(grown(twin)).toEqual(ended);
    expect(flowOf(twin)).toEqual({ ...innerFlow, outerSource: "db00::1", outerDestination: "db02::3" });
  });

  test("a packet to this node that is in no tunnel keeps its only IPv6 header", () => {
    const twin = taking;
    const { packet } = twin.run(frame({ hopByHop: traceHeader({}, 17), payload: udp }), { environment: clock });
    expect(toHex(packet)).toBe(toHex(frame({ protocol: 17, payload: udp })));
    expect(grown(twin)).toEqual(ended);
    expect(flowOf(twin)).toMatchObject({ source: "db01::1", outerSource: "db01::1", isTunnelled: 0 });
  });

  test("the longest Hop-by-Hop header", () => {
    const twin = taking;
    const inner = frame(inside);
    const padded = hopByHop([padding(2), traceOption(), ...Array.from({ length: 7 }, () => padding(257))], IPV6);
    expect(padded.length).toBeGreaterThan(1800);
    expect(toHex(twin.run(tunnelled(inner, { header: padded }), { environment: clock }).packet)).toBe(toHex(inner));
  });

  test("what cannot be the end of one goes on as it came, by name", () => {
    const inner = frame(inside);
    const ipv4 = inner.slice();
    ipv4[14] = 0x45;
    const cut = tunnelled(inner).slice(0, HOP_BY_HOP_AT + 64 + 39);
    for (const given of [tunnelled(ipv4), cut, tunnelled(new Uint8Array(14))]) {
      const twin = taking;
      const { verdict, packet } = twin.run(given, { environment: clock });
      expect({ verdict, packet: toHex(packet) }).toEqual({ verdict: NEXT, packet: toHex(given) });
      expect(grown(twin)).toEqual({ ...ended, innerMalformed: 1 });
    }
    const beside = hopByHop([padding(2), traceOption(), Uint8Array.of(5, 2, 0, 0)], IPV6);
    const twin = taking;
    const given = tunnelled(inner, { header: beside });
    expect(toHex(twin.run(given, { environment: clock }).packet)).toBe(toHex(given));
    expect(grown(twin)).toEqual({ ...ended, otherOptionsKept: 1 });
  });

  test("a packet without a trace of ours stays in its tunnel", () => {
    const twin = taking;
    const given = tunnelled(frame(inside), { header: traceHeader({ namespaceId: 99 }, IPV6) });
    expect(toHex(twin.run(given, { environment: clock }).packet)).toBe(toHex(given));
    expect(grown(twin)).toEqual({ namespaceUnknown: 1 });
  });

  // RFC 6040, section 4.2, figure 4; rows are what arrives inside, columns what the tunnel adds. 0 not capable, 1 ECT(1), 2 ECT(0), 3 CE.
  const afterwards = [
    [0, 0, 0, null],
    [1, 1, 1, 3],
    [2, 1, 2, 3],
    [3, 3, 3, 3],
  ];
  test.each([0, 1, 2, 3])("congestion on the way: inside %d", (inner) => {
    for (const outer of [0, 1, 2, 3]) {
      const twin = taking;
      const dscp = 0b101101 << 2;
      const sent = withTrafficClass(frame(inside), dscp | inner);
      const given = withTrafficClass(tunnelled(sent), (0b010010 << 2) | outer);
      const told = afterwards[inner]![outer]!;
      const { verdict, packet } = twin.run(given, { environment: clock, checksumComplete: told !== null });
      if (told === null) {
        expect({ outer, verdict, counts: grown(twin) }).toEqual({
          outer,
          verdict: DROP,
          counts: { ...ended, congestionDropped: 1 },
        });
      } else {
        expect({ outer, packet: toHex(packet) }).toEqual({ outer, packet: toHex(withTrafficClass(sent, dscp | told)) });
        expect(grown(twin)).toEqual({ ...ended, decapsulated: 1 });
      }
    }
  });

  test("segments of a packet that is still whole", () => {
    const twin = new Twin(sink({ node, device }));
    onTestFinished(() => twin.close());
    twin.setVariable(taiOffset, TAI_OFFSET);
    twin.kernel.map(localAddresses).set(ipv6(OWN), { value: 1 });
    twin.maps.map(localAddresses).set(ipv6(OWN), { value: 1 });
    const context = { gsoSize: 500, gsoSegments: 4 };
    const inner = frame({ ...inside, protocol: 6, payload: new Uint8Array(2000) });
    // A GSO packet of no known kind, which the kernel does not shorten.
    const { kernel } = twin.runBoth(tunnelled(inner), { environment: clock, context });
    expect({ verdict: kernel.verdict, length: kernel.packet.length }).toEqual({
      verdict: NEXT,
      length: tunnelled(inner).length,
    });
    const sum = (name: string): unknown => twin.kernel.map(sinkCounters).sum(sinkCounterNames.indexOf(name))?.value;
    expect(["filled", "received", "segments", "notStripped"].map(sum)).toEqual([1n, 1n, 4n, 1n]);
  });
});

describe("a sink that keeps traces", () => {
  const kept = (given: Uint8Array, input: TwinInput = {}): Twin => {
    const twin = keeping;
    const { verdict, packet } = twin.run(given, { environment: clock, checksumComplete: true, ...input });
    expect({ verdict, packet: toHex(packet) }).toEqual({ verdict: NEXT, packet: toHex(given) });
    return twin;
  };

  test("reports them, and leaves every byte as it came", () => {
    const twin = kept(frame({ hopByHop: traceHeader({}, 17), payload: udp }));
    expect(grown(twin)).toEqual({ ...ended, kept: 1 });
    expect(flowOf(twin)).toMatchObject({ source: "db01::1", protocol: 17, ports: [7, 65535] });
  });

  test("so, too, in tunnels that end here", () => {
    const twin = kept(tunnelled(frame(inside)));
    expect(grown(twin)).toEqual({ ...ended, kept: 1 });
    expect(flowOf(twin)).toMatchObject(innerFlow);
  });

  test("drops what breaks the rules all the same", () => {
    const twin = keeping;
    const header = hopByHop([padding(1), traceOption(), padding(1)]);
    expect(twin.run(frame({ hopByHop: header }), { environment: clock }).verdict).toBe(DROP);
    expect(grown(twin)).toEqual({ misaligned: 1 });
  });
});

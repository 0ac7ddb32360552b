import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4, mac } from "../../wire/address.ts";
import { LinkType } from "../../wire/numbers.ts";
import { encodePacket } from "../../wire/packet/encode.ts";
import { MarkedPacket } from "./marked-packet.ts";
import { MarkFollower, type FollowOptions } from "./mark-follower.ts";
import { marksReport } from "./report.ts";

interface Segment {
  readonly seq: number;
  readonly cpu?: number;
  readonly tcpSeq: number;
  readonly ipId?: number;
  readonly bytes?: number;
  readonly flags?: { readonly syn?: 1; readonly fin?: 1 };
  readonly sourcePort?: number;
  readonly from?: string;
  readonly fragment?: { readonly offset: number; readonly more: boolean };
}

const frame = ({
  seq,
  cpu = 0,
  tcpSeq,
  ipId = 0,
  bytes = 100,
  flags = {},
  sourcePort = 80,
  from,
  fragment,
}: Segment): Uint8Array =>
  encodePacket([
    {
      protocol: "ethernet",
      header: { source: mac(from ?? "02:00:00:00:00:01"), destination: mac("02:00:00:00:00:02") },
    },
    {
      protocol: "ipv4",
      header: {
        source: ipv4("10.0.0.1"),
        destination: ipv4("10.0.0.2"),
        protocol: 6,
        identification: ipId,
        ...(fragment !== undefined && { fragmentOffset: fragment.offset, moreFragments: fragment.more ? 1 : 0 }),
      },
      options: [{ kind: "pval", reserved: 0, cpu, seq: BigInt(seq) }],
    },
    ...(fragment !== undefined && fragment.offset > 0
      ? []
      : [
          {
            protocol: "tcp",
            header: { sourcePort, destinationPort: 4000, sequence: tcpSeq >>> 0, ...flags },
          } as const,
        ]),
    { protocol: "payload", bytes: new Uint8Array(bytes) },
  ]);

const packet = new MarkedPacket();
const read = (segment: Segment): MarkedPacket => {
  const bytes = frame(segment);
  expect(packet.read(bytes, 0, bytes.length, LinkType.Ethernet)).toBe(true);
  return packet;
};

const follow = (segments: readonly Segment[], options: Partial<FollowOptions> = {}) => {
  const follower = new MarkFollower({ by: "mac", ...options });
  for (const [at, segment] of segments.entries()) follower.receive(read(segment), at * 1000);
  return marksReport(follower, options.by ?? "mac");
};

test("a packet is read where it lies", () => {
  const { cpu, seq, tcpSeq, tcpLength, length } = read({
    seq: 2 ** 40 + 5,
    cpu: 7,
    tcpSeq: 0xffff_fff0,
    flags: { fin: 1 },
  });
  expect({ cpu, seq, tcpSeq, tcpLength, length }).toEqual({
    cpu: 7,
    seq: 2 ** 40 + 5,
    tcpSeq: 0xffff_fff0,
    tcpLength: 101,
    length: 20 + 12 + 20 + 100,
  });
  const unmarked = encodePacket([{ protocol: "ethernet" }, { protocol: "ipv4" }, { protocol: "udp" }]);
  expect(packet.read(unmarked, 0, unmarked.length, LinkType.Ethernet)).toBe(false);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(120), (bytes, cut) => {
      packet.read(bytes, 0, Math.min(cut, bytes.length), LinkType.Ethernet);
      const damaged = frame({ seq: 1, tcpSeq: 1 });
      damaged.set(bytes.subarray(0, 60), 14);
      packet.read(damaged, 0, Math.min(cut, damaged.length), LinkType.Ethernet);
    }),
  );
});

describe("retransmissions are no duplicates of the network", () => {
  test.each<[name: string, segments: Segment[], counts: object]>([
    [
      "sent again: another mark",
      [
        { seq: 0, tcpSeq: 1000 },
        { seq: 1, tcpSeq: 1100 },
        { seq: 2, tcpSeq: 1000 },
      ],
      { received: 3, duplicated: 0, retransmitted: 1 },
    ],
    [
      "doubled by the network: the same mark",
      [
        { seq: 0, tcpSeq: 1000 },
        { seq: 1, tcpSeq: 1100 },
        { seq: 0, tcpSeq: 1000 },
      ],
      { received: 2, duplicated: 1, retransmitted: 0 },
    ],
    [
      "overtaken: sent before",
      [
        { seq: 0, tcpSeq: 1000 },
        { seq: 2, tcpSeq: 1200 },
        { seq: 1, tcpSeq: 1100 },
      ],
      { received: 3, reordered: 1, retransmitted: 0 },
    ],
    [
      "what was lost, sent again",
      [
        { seq: 0, tcpSeq: 1000 },
        { seq: 2, tcpSeq: 1200 },
        { seq: 3, tcpSeq: 1100 },
      ],
      { received: 3, reordered: 0, retransmitted: 1 },
    ],
    [
      "sent again, and overtaken by what came next",
      [
        { seq: 0, tcpSeq: 1000 },
        { seq: 1, tcpSeq: 1100 },
        { seq: 3, tcpSeq: 1200 },
        { seq: 2, tcpSeq: 1000 },
      ],
      { received: 4, reordered: 1, retransmitted: 1 },
    ],
    [
      "around the end of the numbers",
      [
        { seq: 0, tcpSeq: 0xffff_ffc0 },
        { seq: 1, tcpSeq: 0x24 },
        { seq: 2, tcpSeq: 0xffff_ffc0 },
      ],
      { received: 3, retransmitted: 1 },
    ],
    [
      "empty segments are not sent again, SYN is",
      [
        { seq: 0, tcpSeq: 7, bytes: 0, flags: { syn: 1 } },
        { seq: 1, tcpSeq: 7, bytes: 0, flags: { syn: 1 } },
        { seq: 2, tcpSeq: 8, bytes: 0 },
        { seq: 3, tcpSeq: 8, bytes: 0 },
      ],
      { received: 4, retransmitted: 1 },
    ],
  ])("%s", (_name, segments, counts) => expect(follow(segments).flows).toMatchObject([counts]));

  interface Sent extends Segment {
    readonly cpu: number;
    /** Order of sending, and of arrival. */
    readonly order: number;
    readonly at: number;
    readonly lost: boolean;
    readonly twice: boolean;
  }
  interface Step {
    /** Segments that it begins before the end of what was sent. */
    readonly back: number;
    readonly late: number;
    readonly cpu: number;
    readonly lost: boolean;
    readonly twice: boolean;
  }
  const step = (options: { back: number; late: number; cpus: number }): fc.Arbitrary<Step> =>
    fc.record({
      back: fc.nat(options.back),
      late: fc.nat(options.late),
      cpu: fc.nat(options.cpus - 1),
      lost: fc.boolean(),
      twice: fc.boolean(),
    });
  /** Four that nothing happens to come first. */
  const sent = (steps: readonly Step[], withIds: boolean): Sent[] => {
    const calm = Array.from({ length: 4 }, () => ({ back: 0, late: 0, cpu: 0, lost: false, twice: false }));
    const numbers = [0, 0];
    let highest = 0;
    return [...calm, ...steps].map(({ back, late, cpu, lost, twice }, order) => {
      const tcpSeq = Math.max(0, highest - back) * 100;
      highest = Math.max(highest, tcpSeq / 100 + 1);
      const seq = numbers[cpu]!++;
      const ipId = withIds ? (0xfff8 + order * 2) & 0xffff : 0;
      return { seq, cpu, tcpSeq, ipId, order, at: order + late, lost, twice };
    });
  };

  const arrived = (segments: readonly Sent[]): Sent[] =>
    segments
      .filter(({ lost }) => !lost)
      .flatMap((segment) => (segment.twice ? [segment, { ...segment, at: segment.at + 2 }] : [segment]))
      .toSorted((one, other) => one.at - other.at);

  /** Those that reach no further than something that was sent before them, and arrived as well. */
  const againIn = (segments: readonly Sent[]): number => {
    const came = segments.filter(({ lost }) => !lost);
    return came.filter(({ order, tcpSeq }) => came.some((other) => other.order < order && other.tcpSeq >= tcpSeq))
      .length;
  };

  test.each([
    ["one CPU", 1, false],
    ["two CPUs, and identifications that count", 2, true],
  ])("against a model: %s", (_name, cpus, withIds) => {
    fc.assert(
      fc.property(fc.array(step({ back: 3, late: 4, cpus }), { minLength: 1, maxLength: 14 }), (steps) => {
        const segments = sent(steps, withIds);
        const came = arrived(segments);
        const [flow] = follow(came).flows;
        const marks = new Set(came.map(({ cpu, seq }) => `${cpu} ${seq}`));
        expect(flow).toMatchObject({
          retransmitted: againIn(segments),
          retransmittedUnknown: 0,
          duplicated: came.length - marks.size,
        });
      }),
    );
  });

  test("of two CPUs whose order nothing tells there are bounds", () => {
    const steps = (back: number, late: number) =>
      fc.array(step({ back, late, cpus: 2 }), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(steps(0, 4), (overtaken) => {
        expect(follow(arrived(sent(overtaken, false))).flows).toMatchObject([{ retransmitted: 0 }]);
      }),
    );
    fc.assert(
      fc.property(steps(3, 0), (inOrder) => {
        const segments = sent(inOrder, false);
        const { retransmitted = NaN, retransmittedUnknown = NaN } = follow(arrived(segments)).flows[0] ?? {};
        const truth = againIn(segments);
        expect(retransmitted).toBeLessThanOrEqual(truth);
        expect(retransmitted + retransmittedUnknown).toBeGreaterThanOrEqual(truth);
      }),
    );
  });

  test("a new connection from the same port starts anew", () => {
    const syn = { bytes: 0, flags: { syn: 1 } } as const;
    const { flows } = follow([
      { seq: 0, tcpSeq: 5000, ...syn },
      { seq: 1, tcpSeq: 5001 },
      { seq: 2, tcpSeq: 100, ...syn },
      { seq: 3, tcpSeq: 101 },
      { seq: 4, tcpSeq: 101 },
    ]);
    expect(flows).toMatchObject([{ retransmitted: 1 }]);
  });
});

test("devices, CPUs and flows are told apart", () => {
  const segments: Segment[] = [
    { seq: 0, tcpSeq: 0 },
    { seq: 0, tcpSeq: 0, cpu: 1 },
    { seq: 0, tcpSeq: 0, from: "02:00:00:00:00:09" },
    { seq: 2, tcpSeq: 100, sourcePort: 81 },
  ];
  const { streams, flows, flowCount } = follow(segments);
  expect(streams.map(({ device, cpu, received, lost }) => [device, cpu, received, lost])).toEqual([
    ["02:00:00:00:00:01", 0, 2, 1],
    ["02:00:00:00:00:01", 1, 1, 0],
    ["02:00:00:00:00:09", 0, 1, 0],
  ]);
  expect([flows.map(({ sourcePort, received }) => [sourcePort, received]), flowCount]).toEqual([
    [
      [80, 3],
      [81, 1],
    ],
    2,
  ]);
  expect(follow(segments, { by: "source" }).streams).toMatchObject([
    { device: "10.0.0.1", cpu: 0, duplicated: 1 },
    { cpu: 1 },
  ]);
  expect(follow(segments, { by: "none" }).streams).toMatchObject([{ device: null }, { device: null }]);
});

test("fragments carry their packet's mark", () => {
  const piece = (seq: number, offset: number, more: boolean): Segment => ({
    seq,
    tcpSeq: 1,
    ipId: seq + 1,
    bytes: offset === 0 ? 80 - 20 : 80,
    fragment: { offset, more },
  });
  const whole = (seq: number) => [piece(seq, 0, true), piece(seq, 10, true), piece(seq, 20, false)];
  const { streams } = follow([...whole(0), piece(1, 10, true), piece(1, 0, true), ...whole(3), piece(3, 10, true)]);
  expect(streams).toMatchObject([
    {
      received: 3,
      lost: 1,
      lostSeqs: [[2, 2]],
      duplicated: 0,
      fragments: { pieces: 9, duplicated: 1, incomplete: 1, areMarkedApart: false },
    },
  ]);
});

test("what was cut before it was marked has a mark for each piece, and lacks none", () => {
  const pieces: Segment[] = [0, 1, 2, 3, 4, 5].map((seq) => ({
    seq,
    tcpSeq: 1,
    ipId: 7 + Math.floor(seq / 3),
    bytes: seq % 3 === 0 ? 60 : 80,
    fragment: { offset: (seq % 3) * 10, more: seq % 3 < 2 },
  }));
  expect(follow(pieces.filter(({ seq }) => seq !== 4)).streams).toMatchObject([
    { received: 5, lost: 1, fragments: { pieces: 5, incomplete: 0, areMarkedApart: true } },
  ]);
});

describe("from two ends", () => {
  test("against a model: what was lost, and each one's delay", () => {
    const way = fc.record({ delay: fc.integer({ min: -5000, max: 5000 }), lost: fc.boolean(), twice: fc.boolean() });
    fc.assert(
      fc.property(fc.array(way, { minLength: 1, maxLength: 60 }), (ways) => {
        const delays: [seq: number, delay: number][] = [];
        const follower = new MarkFollower({
          by: "source",
          withSender: true,
          onDelay: (_stream, seq, _sentNs, delayNs) => delays.push([seq, delayNs]),
        });
        for (const seq of ways.keys()) follower.send(read({ seq, tcpSeq: seq * 100 }), seq * 1000);
        const arrivals = ways
          .flatMap(({ delay, lost, twice }, seq) => {
            if (lost) return [];
            const timeNs = seq * 1000 + delay;
            return twice
              ? [
                  { seq, timeNs },
                  { seq, timeNs: timeNs + 10_000 },
                ]
              : [{ seq, timeNs }];
          })
          .toSorted((one, other) => one.timeNs - other.timeNs);
        for (const { seq, timeNs } of arrivals) follower.receive(read({ seq, tcpSeq: seq * 100 }), timeNs);
        const { streams, flows } = marksReport(follower, "source");
        const [stream] = streams;
        const lost = ways.flatMap((one, seq) => (one.lost ? [seq] : []));
        expect(stream?.lostSeqs.flatMap(([first, last]) => range(first, last))).toEqual(lost);
        expect(stream).toMatchObject({ sent: ways.length, lost: lost.length, notSent: 0 });
        expect(flows).toMatchObject([{ sent: ways.length, lost: lost.length }]);
        expect(delays.toSorted(([one], [other]) => one - other)).toEqual(
          ways.flatMap((one, seq) => (one.lost ? [] : [[seq, one.delay]])),
        );
        const known = ways.filter((one) => !one.lost).map(({ delay }) => delay);
        if (known.length === 0) {
          expect(stream?.delay).toBeNull();
          return;
        }
        expect(stream?.delay).toMatchObject({
          minNs: Math.min(...known),
          maxNs: Math.max(...known),
          packets: known.length,
        });
        expect(stream?.delay?.p50Ns).toBe(known.toSorted((one, other) => one - other)[Math.ceil(known.length / 2) - 1]);
      }),
    );
  });

  test("times that are given up are in no delay; what is lost stays exact", () => {
    const follower = new MarkFollower({ by: "source", withSender: true, mostSent: 2048 });
    for (let seq = 0; seq < 5000; seq++) follower.send(read({ seq, tcpSeq: 0 }), seq);
    for (let seq = 0; seq < 5000; seq++) if (seq % 1000 !== 7) follower.receive(read({ seq, tcpSeq: 0 }), seq);
    const [stream] = marksReport(follower, "source").streams;
    expect(stream).toMatchObject({
      sent: 5000,
      lost: 5,
      lostSeqs: [7, 1007, 2007, 3007, 4007].map((seq) => [seq, seq]),
      untimed: 3 * 1024 - 4,
      notSent: 0,
      complete: true,
      delay: { packets: 5000 - 3 * 1024 - 1 },
    });
    expect(marksReport(follower, "source").flows).toMatchObject([{ sent: 5000, lost: 5 }]);
  });

  test("a sender that starts anew: its numbers are sent again", () => {
    const follower = new MarkFollower({ by: "source", withSender: true });
    const pass = (seq: number, timeNs: number): void => {
      follower.send(read({ seq, tcpSeq: 0 }), timeNs);
      if (seq !== 5) follower.receive(read({ seq, tcpSeq: 0 }), timeNs + 10);
    };
    for (let at = 0; at < 300; at++) pass(at % 150, at * 1000);
    const [stream] = marksReport(follower, "source").streams;
    expect(stream).toMatchObject({
      sent: 300,
      lost: 2,
      restarts: 1,
      complete: false,
      delay: { minNs: 10, maxNs: 10 },
    });
  });
});

describe("a sender that starts anew, seen at the receiver alone", () => {
  const segments = (first: number, last: number, tcpFrom: number): Segment[] =>
    range(first, last).map((seq) => ({ seq, tcpSeq: (tcpFrom + seq - first) * 100, ipId: tcpFrom + seq - first }));

  test("none of its packets is one that came again, or was sent again", () => {
    const { streams, flows } = follow([...segments(0, 199, 0), ...segments(2, 90, 200)]);
    expect(streams).toMatchObject([{ received: 289, duplicated: 0, reordered: 0, restarts: 1 }]);
    expect(flows).toMatchObject([{ received: 289, duplicated: 0, reordered: 0, retransmitted: 0 }]);
  });

  test("also when it is looked at between its first packets", () => {
    const follower = new MarkFollower({ by: "mac", withRecent: true });
    for (const [at, segment] of [...segments(0, 199, 0), ...segments(0, 90, 200)].entries()) {
      if (segment.seq !== 150) follower.receive(read(segment), at * 1000);
      if (at % 3 === 0) marksReport(follower, "mac", 100, false);
    }
    const { streams, flows, timeline } = marksReport(follower, "mac");
    expect(streams).toMatchObject([{ received: 290, duplicated: 0, lostSeqs: [[150, 150]], restarts: 1 }]);
    expect(flows).toMatchObject([{ received: 290, duplicated: 0, retransmitted: 0 }]);
    expect(timeline).toMatchObject({ lost: [1], received: [290] });
    expect(follower.recent?.lost[0]).toBe(1);
  });

  test("too few of them are duplicates, of the flow too, at the end at the latest", () => {
    const old = segments(3, 9, 3);
    for (const later of [[], segments(100, 102, 100)]) {
      const { streams, flows } = follow([...segments(0, 99, 0), ...old, ...later]);
      expect(streams).toMatchObject([{ received: 100 + later.length, duplicated: old.length, restarts: 0 }]);
      expect(flows).toMatchObject([{ received: 100 + later.length, duplicated: old.length, retransmitted: 0 }]);
    }
  });

  test("with its sender, what goes on is not sent again either", () => {
    const follower = new MarkFollower({ by: "mac", withSender: true });
    for (const [at, segment] of [...segments(0, 199, 0), ...segments(0, 90, 200)].entries()) {
      follower.send(read(segment), at * 1000);
      follower.receive(read(segment), at * 1000 + 10);
    }
    expect(marksReport(follower, "mac").flows).toMatchObject([{ sent: 291, received: 291, retransmitted: 0 }]);
  });
});

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

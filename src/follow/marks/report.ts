/** What following marks came to, as `--json` shows it. */
import { formatAddress } from "../../wire/address.ts";
import type { DelaySamples } from "./delay-samples.ts";
import type { DevicesBy } from "./devices-by.ts";
import type { FollowedFlow, FollowedStream, MarkFollower } from "./mark-follower.ts";
import type { Generation } from "./mark-stream.ts";
import type { Timeline } from "./timeline.ts";

/** One-way delays of a device's packets, ns. */
export interface DelayReport {
  readonly packets: number;
  readonly minNs: number;
  readonly meanNs: number;
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
  readonly p99Ns: number | null;
  readonly maxNs: number;
  /** Interarrival jitter (RFC 3550, section 6.4.1), at the end. */
  readonly jitterNs: number;
  /** 99 % of the delays lie within this above the shortest: packet delay variation (RFC 5481, section 4.2). */
  readonly variation99Ns: number | null;
}

/** What became of the numbers of one device and CPU. */
export interface StreamReport {
  /** MAC or IPv4 address; null when devices are not told apart. */
  readonly device: string | null;
  readonly cpu: number;
  /** By the sender's capture; without one from the first number that came to the last. */
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  /** First and last of each range; see `complete`. */
  readonly lostSeqs: [first: number, last: number][];
  readonly duplicated: number;
  readonly duplicatedSeqs: [first: number, last: number][];
  readonly reordered: number;
  readonly reorderedSeqs: [first: number, last: number][];
  /** Packets that overtook a reordered one (RFC 4737, section 4.2.1). */
  readonly extent: { readonly median: number; readonly max: number } | null;
  /** How long after the first that overtook it a reordered one came (RFC 4737, section 4.2.2). */
  readonly lateTimeNs: { readonly median: number; readonly max: number } | null;
  readonly late: number;
  readonly restarts: number;
  /** Each start of the sender, when there was more than one. */
  readonly generations: readonly Generation[] | null;
  readonly fragments: {
    readonly pieces: number;
    readonly duplicated: number;
    /** Marks of which pieces are missing. */
    readonly incomplete: number;
    /** Packets were cut before they were marked: each piece has a mark of its own. */
    readonly areMarkedApart: boolean;
  } | null;
  /** Whether the lists are complete, and every packet could be told for what it is. */
  readonly complete: boolean;
  readonly delay: DelayReport | null;
  /** Arrived, and not in the sender's capture; null without one. */
  readonly notSent: number | null;
  /** Arrived so long after they were sent that the time of that was given up: they are in no delay. Null without a sender. */
  readonly untimed: number | null;
}

/** What became of the marked packets of one flow. */
export interface FlowReport {
  readonly protocol: number;
  readonly source: string;
  readonly sourcePort: number | null;
  readonly destination: string;
  readonly destinationPort: number | null;
  /** By the sender's capture; null without one: a mark does not say of which flow what is lost was. */
  readonly sent: number | null;
  readonly lost: number | null;
  readonly received: number;
  readonly bytes: number;
  readonly duplicated: number;
  readonly reordered: number;
  /**
   * TCP segments sent again: no duplicates of the network, which carry the same mark. As the sender's side has seen them;
   * without one those that arrived, and it is known of that they had been sent before.
   */
  readonly retransmitted: number;
  /** Segments that were sent again or overtaken: nobody knows, because two CPUs sent them and IP's numbers do not tell. */
  readonly retransmittedUnknown: number;
  readonly delay: {
    readonly minNs: number;
    readonly meanNs: number;
    readonly maxNs: number;
    readonly jitterNs: number;
  } | null;
}

/** What became of marked packets: {@link marksReport}. */
export interface MarksReport {
  readonly devicesBy: DevicesBy;
  readonly streams: readonly StreamReport[];
  readonly flows: readonly FlowReport[];
  /** Flows in all, those that are not listed included. */
  readonly flowCount: number;
  /** Packets of devices and CPUs, or flows, that were too many to be followed. */
  readonly streamsFull: number;
  readonly flowsFull: number;
  readonly timeline: {
    readonly stepNs: number;
    readonly received: number[];
    readonly lost: number[];
    readonly meanDelayNs: (number | null)[];
  };
}

/**
 * What a follower has seen; at most `mostFlows` flows, those with the most packets. With lists it is the end: the last packets
 * are counted that might have been the first of a sender that has started anew. Without them it is how things stand while more
 * packets come, at little cost: lists grow with what was lost.
 */
export const marksReport = (follower: MarkFollower, by: DevicesBy, mostFlows = 100, withLists = true): MarksReport => {
  if (withLists) follower.settle();
  const { streams, timeline, flowCount, streamsFull, flowsFull } = follower;
  return {
    devicesBy: by,
    streams: streams.map((stream) => streamReport(stream, by, withLists)),
    flows: follower.flows(mostFlows).map((flow) =>
      flowReport(
        flow,
        streams.some(({ sent }) => sent !== null),
      ),
    ),
    flowCount,
    streamsFull,
    flowsFull,
    timeline: timelineReport(timeline),
  };
};

const streamReport = (followed: FollowedStream, by: DevicesBy, withLists: boolean): StreamReport => {
  const { stream, fragments, sent, delays, cpu, notSent } = followed;
  const { received, duplicated, reordered, late, restarts, extents, lateTimesNs } = stream;
  const generations = withLists ? stream.generations : [];
  const missed = sent === null || !withLists ? null : sent.lostSeqs();
  const common = { device: deviceText(followed.device, by), cpu };
  return {
    ...common,
    sent: sent === null ? received + stream.lost : sent.sent,
    received,
    lost: sent === null ? stream.lost : sent.lost,
    lostSeqs: missed === null ? generations.flatMap(({ missing }) => missing) : missed.toArray(),
    duplicated,
    duplicatedSeqs: withLists ? stream.duplicatedSeqs.toArray() : [],
    reordered,
    reorderedSeqs: withLists ? stream.reorderedSeqs.toArray() : [],
    extent: extents.count === 0 ? null : { median: Math.round(extents.quantile(0.5) ?? 0), max: extents.max },
    lateTimeNs:
      lateTimesNs.count === 0 ? null : { median: Math.round(lateTimesNs.quantile(0.5) ?? 0), max: lateTimesNs.max },
    late,
    restarts,
    generations: restarts === 0 || !withLists ? null : generations,
    fragments:
      fragments.pieces === 0
        ? null
        : {
            pieces: fragments.pieces,
            duplicated: fragments.duplicated,
            incomplete: fragments.incomplete,
            areMarkedApart: fragments.areMarkedApart,
          },
    complete:
      stream.duplicatedSeqs.complete &&
      stream.reorderedSeqs.complete &&
      (sent === null ? stream.forgotten === 0 && late === 0 : sent.isListed && missed?.complete !== false),
    delay: delayReport(delays),
    notSent: sent === null ? null : notSent,
    untimed: sent === null ? null : sent.untimed,
  };
};

const delayReport = (delays: DelaySamples): DelayReport | null => {
  if (delays.count === 0) return null;
  const [p50Ns = null, p95Ns = null, p99Ns = null] = delays.quantiles(0.5, 0.95, 0.99);
  return {
    packets: delays.count,
    minNs: delays.min,
    meanNs: Math.round(delays.sum / delays.count),
    p50Ns,
    p95Ns,
    p99Ns,
    maxNs: delays.max,
    jitterNs: Math.round(delays.jitter),
    variation99Ns: p99Ns === null ? null : p99Ns - delays.min,
  };
};

const flowReport = ({ key, flow }: FollowedFlow, withSender: boolean): FlowReport => {
  const ports = key[2]!;
  return {
    protocol: key[3]!,
    source: ipv4Text(key[0]!),
    sourcePort: ports === 0 ? null : ports >>> 16,
    destination: ipv4Text(key[1]!),
    destinationPort: ports === 0 ? null : ports & 0xffff,
    sent: withSender ? flow.sent : null,
    lost: withSender ? Math.max(0, flow.sent - flow.arrived) : null,
    received: flow.received,
    bytes: flow.bytes,
    duplicated: flow.duplicated,
    reordered: flow.reordered,
    retransmitted: flow.sentAgain?.count ?? 0,
    retransmittedUnknown: flow.sentAgain?.unknown ?? 0,
    delay:
      flow.delays === 0
        ? null
        : {
            minNs: flow.delayMin,
            meanNs: Math.round(flow.delaySum / flow.delays),
            maxNs: flow.delayMax,
            jitterNs: Math.round(flow.jitter),
          },
  };
};

const timelineReport = ({
  steps,
  stepNs,
  received,
  lost,
  delayCounts,
  delaySums,
}: Timeline): MarksReport["timeline"] => ({
  stepNs,
  received: [...received.subarray(0, steps)],
  lost: Array.from(lost.subarray(0, steps), (value) => Math.max(0, value)),
  meanDelayNs: Array.from({ length: steps }, (_, at) =>
    delayCounts[at] === 0 ? null : Math.round(delaySums[at]! / delayCounts[at]!),
  ),
});

const bytesOf = (...words: readonly number[]): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(4 * words.length));
  for (const [at, word] of words.entries()) bytes.setInt32(4 * at, word);
  return new Uint8Array(bytes.buffer);
};

const ipv4Text = (word: number): string => formatAddress("ipv4", bytesOf(word), 0);

/** A device as people write it; null when devices are not told apart. */
export const deviceText = (device: Int32Array, by: DevicesBy): string | null => {
  if (by === "none") return null;
  return by === "mac" ? formatAddress("mac", bytesOf(...device), 2) : ipv4Text(device[1]!);
};

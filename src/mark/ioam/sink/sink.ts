/** The sink on a device: add, delete, and read what it takes off. */
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import type { RingReader } from "../../../bpf/ring.ts";
import { ConfigError } from "../../../errors.ts";
import { withDevice, type LocalDevice, type Target } from "../device.ts";
import type { Netns } from "../../../linux/netns.ts";
import { withNetnsLock } from "../../../linux/netns-lock.ts";
import { e2eMaps, numberedPackets, numberedTotals, streamsOf, type StreamState } from "./e2e.ts";
import { applyFeature } from "../../feature/apply-feature.ts";
import type { FeatureMaps, FeatureSetup } from "../../feature/feature-setup.ts";
import { findFeature, refreshClock } from "../../feature/feature.ts";
import { sinkRing } from "./report.bpf.ts";
import { sinkCounterNames, sinkCounters } from "./counters.ts";
import { sink } from "./sink.bpf.ts";
import { writeLocalAddresses } from "./local-addresses.ts";
import { localAddresses } from "./tunnel.bpf.ts";
import { noteFor, type Verb } from "../verb.ts";
import { refuseXdpTransit, removeFeature } from "../transit/transit.ts";

/** How a sink treats what ends at it. */
export interface SinkOptions {
  /** Hand traces over and leave them in their packets: where one only looks on, or another sink follows. */
  readonly keep: boolean;
  /** Count sequence numbers (`encap add --e2e`): what is lost, duplicated and reordered. */
  readonly e2e: boolean;
}

const defaults: SinkOptions = { keep: false, e2e: false };

/**
 * Ends traces at the device: completes, reports and strips them. A sink that is there is changed under traffic: it keeps its
 * counters and its readers, and sequence numbers begin anew when they were not counted before. ConfigError where `verb` wants it
 * otherwise. Returns whether there was one.
 */
export const addSink = (target: Target, options: Partial<SinkOptions> = {}, verb: Verb = "add"): boolean =>
  withDevice(target, (device) =>
    withNetnsLock(device.netns, () => {
      const note = noteFor(device, "ioam-sink", verb);
      if (note === undefined) refuseXdpTransit(device);
      const wanted = { ...defaults, ...options };
      applyFeature(
        device,
        "ioam-sink",
        setupOf(device, wanted),
        mapsFor(note === undefined ? wanted : sinkOptionsIn(note)),
      );
      return note !== undefined;
    }),
  );

export const deleteSink = (target: Target): void => withDevice(target, (device) => removeFeature(device, "ioam-sink"));

/** Makes the device's program anew, after the node's ids, namespaces or schemas changed. */
export const refreshSink = (device: LocalDevice): void => {
  const feature = findFeature(device, "ioam-sink");
  if (feature === undefined) return;
  const options = sinkOptionsIn(feature.options);
  feature.close();
  applyFeature(device, "ioam-sink", setupOf(device, options));
};

/** The options in the note beside the pins. */
export const sinkOptionsIn = (options: unknown): SinkOptions => ({ ...defaults, ...(options as Partial<SinkOptions>) });

/** Tells a sink of addresses that its node got or lost. */
export const refreshAddresses = (feature: PinnedSet, netns: Netns): void =>
  writeLocalAddresses(feature.map("addresses", localAddresses), netns);

export const sinkCounts = (feature: PinnedSet): Readonly<Record<string, bigint>> => {
  const counters = feature.map("counters", sinkCounters);
  return {
    ...Object.fromEntries(sinkCounterNames.map((name, at) => [name, counters.sum(at)?.value ?? 0n])),
    ...(sinkOptionsIn(feature.options).e2e && numberedTotals(numberedPackets(feature))),
  };
};

/** A sink opened for reading. */
export interface OpenSink {
  /** Records of `TraceRecord`. */
  readonly reader: RingReader;
  readonly device: LocalDevice["link"];
  /** Bytes before the IP header, which records count in `packetLength`. */
  readonly linkHeaderBytes: number;
  counts(): Readonly<Record<string, bigint>>;
  /** What of numbered packets came, for adding up several sinks; undefined when the sink does not count numbers. */
  streams(): StreamState[] | undefined;
  /** Brings the program's idea of the wall clock up to date; TAI less the wall clock, ns. */
  clock(): bigint;
  close(): void;
}

/** Opens the traces that a device's sink takes off. ConfigError when it has none. */
export const openSink = (target: Target): OpenSink =>
  withDevice(target, (device) => {
    const feature = findFeature(device, "ioam-sink");
    if (feature === undefined)
      throw new ConfigError(`${device.link.name} has no sink`, {
        hint: `add one: hopmark ioam sink add dev ${device.link.name}`,
      });
    try {
      refreshClock(feature);
      refreshAddresses(feature, device.netns);
      const reader = feature.map("traces", sinkRing);
      return {
        reader,
        device: device.link,
        linkHeaderBytes: device.interface.network,
        counts: () => {
          feature.refresh();
          return sinkCounts(feature);
        },
        streams: () => {
          feature.refresh();
          return sinkOptionsIn(feature.options).e2e ? streamsOf(feature) : undefined;
        },
        clock: () => refreshClock(feature),
        close: () => feature.close(),
      };
    } catch (error) {
      feature.close();
      throw error;
    }
  });

const mapsFor = ({ e2e }: SinkOptions): FeatureMaps => ({
  counters: sinkCounters,
  traces: sinkRing,
  addresses: localAddresses,
  ...(e2e && e2eMaps),
});

const setupOf = ({ netns, node, interface: device }: LocalDevice, options: SinkOptions): FeatureSetup => ({
  programs: { ingress: sink({ node, device, ...options }) },
  maps: mapsFor(options),
  options: { ...options },
  prepare: (instance) => writeLocalAddresses(instance.map(localAddresses), netns),
});

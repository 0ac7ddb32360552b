/** The sink on a device: add, delete, and read what it takes off. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import type { RingReader } from "../../bpf/ring.ts";
import { ConfigError } from "../../errors.ts";
import { withDevice, type LocalDevice, type Target } from "./device.ts";
import { applyFeature, findFeature, refreshClock, type FeatureSetup } from "./feature.ts";
import { sink, sinkCounterNames, sinkCounters, sinkRing } from "./sink.bpf.ts";
import { refuseSecond, refuseXdpTransit, removeFeature } from "./transit.ts";

/** Ends traces at the device: completes, reports and strips them. */
export const addSink = (target: Target): void =>
  withDevice(target, (device) => {
    refuseSecond(device, "ioam-sink", `sink add dev ${device.link.name}`);
    refuseXdpTransit(device);
    applyFeature(device, "ioam-sink", setupOf(device));
  });

export const deleteSink = (target: Target): void => withDevice(target, (device) => removeFeature(device, "ioam-sink"));

/** Makes the device's program anew, after the node's ids, namespaces or schemas changed. */
export const refreshSink = (device: LocalDevice): void => applyFeature(device, "ioam-sink", setupOf(device));

export const sinkCounts = (feature: PinnedSet): Readonly<Record<string, bigint>> => {
  const counters = feature.map("counters", sinkCounters);
  return Object.fromEntries(sinkCounterNames.map((name, at) => [name, counters.sum(at)?.value ?? 0n]));
};

/** A sink opened for reading. */
export interface OpenSink {
  /** Records of `TraceRecord`. */
  readonly reader: RingReader;
  readonly device: LocalDevice["link"];
  /** Bytes before the IP header, which records count in `packetLength`. */
  readonly linkHeaderBytes: number;
  counts(): Readonly<Record<string, bigint>>;
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
      const reader = feature.map("traces", sinkRing);
      return {
        reader,
        device: device.link,
        linkHeaderBytes: device.interface.network,
        counts: () => sinkCounts(feature),
        clock: () => refreshClock(feature),
        close: () => feature.close(),
      };
    } catch (error) {
      feature.close();
      throw error;
    }
  });

const setupOf = ({ node, interface: device }: LocalDevice): FeatureSetup => ({
  programs: { ingress: sink({ node, device }) },
  maps: { counters: sinkCounters, traces: sinkRing },
  options: {},
});

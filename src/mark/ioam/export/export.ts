/** The exporter on a device: add, delete, and read what it reports. */
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import type { RingReader } from "../../../bpf/ring.ts";
import { ConfigError } from "../../../errors.ts";
import { readClock } from "../../../linux/clock.ts";
import { withDevice, type LocalDevice, type Target } from "../device.ts";
import { applyFeature } from "../../feature/apply-feature.ts";
import type { FeatureSetup } from "../../feature/feature-setup.ts";
import { featuresIn, findFeature, refreshClock } from "../../feature/feature.ts";
import { refreshTransit, removeFeature } from "../transit/transit.ts";
import { noteFor } from "../verb.ts";
import { xdpSetupOf } from "../transit/xdp.ts";
import { exportCounterNames, exportCounters, ExportCounter, exportRing, exportWanted } from "./counters.ts";
import { exportEgress, exportIngress } from "./dex.bpf.ts";

export interface ExportAdded {
  /** Worth telling: what works, but not as the user may expect. */
  readonly warnings: readonly string[];
}

/** Reports on packets that ask for it (Direct Export, RFC 9326) and come in or go out by the device. */
export const addExport = (target: Target): ExportAdded =>
  withDevice(target, (device) => {
    noteFor(device, "ioam-export", "add");
    applyFeature(device, "ioam-export", setupOf(device));
    // From now on it leaves to the stack what asks for reports.
    refreshXdpTransit(device);
    return { warnings: warningsOf(device) };
  });

export const deleteExport = (target: Target): void =>
  withDevice(target, (device) => {
    removeFeature(device, "ioam-export");
    refreshXdpTransit(device);
  });

/** Makes the device's programs anew, after the node's ids, namespaces or schemas changed. */
export const refreshExport = (device: LocalDevice): void => applyFeature(device, "ioam-export", setupOf(device));

export const exportCounts = (feature: PinnedSet): Readonly<Record<string, bigint>> => {
  const counters = feature.map("counters", exportCounters);
  return Object.fromEntries(exportCounterNames.map((name, at) => [name, counters.sum(at)?.value ?? 0n]));
};

/** An exporter opened for reading. */
export interface OpenExport {
  /** Records of `ExportRecord`. */
  readonly reader: RingReader;
  readonly device: LocalDevice["link"];
  /** Bytes before the IP header, which records count in `packetLength`. */
  readonly linkHeaderBytes: number;
  counts(): Readonly<Record<string, bigint>>;
  /** Says that somebody reads, for five seconds from now on; and brings the program's idea of the wall clock up to date. Returns TAI less the wall clock, ns. */
  renew(): bigint;
  /** Drops what an earlier reader left, and counts it; returns how many records that were. */
  discard(): number;
  /** Says that nobody reads any more. */
  close(): void;
  /** Closes it without saying so: another one reads. */
  abandon(): void;
}

/** What is copied to a reader that died, until it is noticed. */
const WANTED_NS = 5_000_000_000n;

/** Opens the reports of a device's exporter, for its only reader. ConfigError when it has none. */
export const openExport = (target: Target): OpenExport =>
  withDevice(target, (device) => {
    const { link } = device;
    const feature = findFeature(device, "ioam-export");
    if (feature === undefined)
      throw new ConfigError(`${link.name} does not export`, {
        hint: `let it: hopmark ioam export add dev ${link.name}`,
      });
    try {
      const reader = feature.map("exports", exportRing);
      const wanted = feature.map("wanted", exportWanted);
      const counters = feature.map("counters", exportCounters);
      return {
        reader,
        device: link,
        linkHeaderBytes: device.interface.network,
        counts: () => exportCounts(feature),
        renew: () => {
          wanted.value = readClock("tai") + WANTED_NS;
          return refreshClock(feature);
        },
        discard: () => {
          const dropped = reader.skip();
          const old = counters.get(ExportCounter.discarded);
          if (dropped > 0 && old !== undefined)
            counters.set(
              ExportCounter.discarded,
              old.map(({ value }, cpu) => ({ value: cpu === 0 ? value + BigInt(dropped) : value })),
            );
          return dropped;
        },
        close: () => {
          wanted.value = 0n;
          feature.close();
        },
        abandon: () => feature.close(),
      };
    } catch (error) {
      feature.close();
      throw error;
    }
  });

const setupOf = ({ node, interface: device }: LocalDevice): FeatureSetup => ({
  programs: { ingress: exportIngress({ node, device }), egress: exportEgress({ node, device }) },
  // A sink takes off what asks for reports; and an encapsulating rule must have put it in.
  order: { ingress: "first", egress: "last" },
  maps: { counters: exportCounters, exports: exportRing, wanted: exportWanted },
  options: {},
});

const refreshXdpTransit = (device: LocalDevice): void => {
  const transit = findFeature(device, "ioam-transit");
  const xdp = transit === undefined ? undefined : xdpSetupOf(transit.options);
  transit?.close();
  if (xdp !== undefined) refreshTransit(device);
};

/** Where packets pass the exporter by. */
const warningsOf = ({ netns, link }: LocalDevice): string[] => {
  const all = featuresIn(netns);
  const exporting = new Set(all.filter(({ feature }) => feature === "ioam-export").map(({ place }) => place.device));
  return all
    .filter(({ feature, options }) => feature === "ioam-transit" && xdpSetupOf(options) !== undefined)
    .filter(({ place }) => !exporting.has(place.device))
    .map(
      ({ place: { device } }) =>
        `packets that come in by ${device} leave by ${link.name} unseen: transit at XDP forwards them past it; type: hopmark ioam export add dev ${device}`,
    );
};

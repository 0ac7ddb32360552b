/** What of IOAM is set up in a network namespace, with its counters; and bringing it up to date. */
import { openPins, removeLeftovers } from "../../bpf/pin/registry.ts";
import { openNamespace, withDevice, type LocalDevice } from "./device.ts";
import { encapCounts, refreshEncap, rulesIn, type StoredRule } from "./encap/encap.ts";
import { numberedPackets, type NumberedPackets } from "./sink/e2e.ts";
import { finishEncap } from "./encap/change.ts";
import { noteIn } from "./encap/note.ts";
import { exportCounts, refreshExport } from "./export/export.ts";
import { featuresIn, refreshClock, type IoamFeatureName } from "../feature/feature.ts";
import { refreshAddresses, refreshSink, sinkCounts, sinkOptionsIn, type SinkOptions } from "./sink/sink.ts";
import { refreshTransit, transitCounts } from "./transit/transit.ts";
import { isKept, xdpSetupOf, type XdpSetup } from "./transit/xdp.ts";

export type IoamStatus =
  | {
      readonly kind: "encap";
      readonly device: string;
      readonly rule: StoredRule;
      readonly counters: Readonly<Record<string, bigint>>;
    }
  | {
      readonly kind: "transit";
      readonly device: string;
      /** Undefined at tc. */
      readonly xdp?: XdpSetup & {
        /** Whether somebody keeps the next-hop table, now. */
        readonly kept?: boolean;
      };
      readonly counters: Readonly<Record<string, bigint>>;
    }
  | {
      readonly kind: "export";
      readonly device: string;
      readonly counters: Readonly<Record<string, bigint>>;
    }
  | {
      readonly kind: "sink";
      readonly device: string;
      readonly options: SinkOptions;
      /** By who numbered them, when the sink counts sequence numbers. */
      readonly edgeToEdge?: readonly NumberedPackets[];
      readonly counters: Readonly<Record<string, bigint>>;
    };

/** Every rule, transit, exporter and sink in the namespace (the caller's own without one). */
export const showIoam = (netnsReference?: string): IoamStatus[] => {
  const netns = openNamespace(netnsReference);
  try {
    // What commands that died left behind.
    removeLeftovers(netns.inode);
    for (const { place, feature, options } of featuresIn(netns)) {
      if (feature === "ioam-encap" && noteIn(options).unfinished !== undefined)
        withDevice({ device: place.device, netns: netnsReference }, (device) => finishEncap(device, () => undefined));
    }
    return featuresIn(netns).flatMap(({ place, feature }): IoamStatus[] => {
      const pins = openPins(place, netns);
      try {
        const { device } = place;
        refreshClock(pins);
        if (feature === "ioam-transit") {
          const setup = xdpSetupOf(pins.options);
          const xdp = setup?.table === true ? { ...setup, kept: isKept(pins) } : setup;
          return [{ kind: "transit", device, ...(xdp !== undefined && { xdp }), counters: transitCounts(pins) }];
        }
        if (feature === "ioam-export") return [{ kind: "export", device, counters: exportCounts(pins) }];
        if (feature === "ioam-sink") {
          refreshAddresses(pins, netns);
          const options = sinkOptionsIn(pins.options);
          const edgeToEdge = options.e2e && { edgeToEdge: numberedPackets(pins) };
          return [{ kind: "sink", device, options, counters: sinkCounts(pins), ...edgeToEdge }];
        }
        const counts = encapCounts(pins);
        return rulesIn(pins.options).map((rule) => ({
          kind: "encap",
          device,
          rule,
          counters: counts.get(rule.prefix) ?? {},
        }));
      } finally {
        pins.close();
      }
    });
  } finally {
    netns.close();
  }
};

const refreshes: Readonly<Record<IoamFeatureName, (device: LocalDevice) => void>> = {
  "ioam-encap": refreshEncap,
  "ioam-transit": refreshTransit,
  "ioam-sink": refreshSink,
  "ioam-export": refreshExport,
};

/**
 * Makes all programs of the namespace anew: ids, namespaces and schemas are constants in them, so a change of those
 * takes effect by this. Each program is replaced at once, under traffic. Returns the devices.
 */
export const refreshIoam = (netnsReference?: string): string[] => {
  const netns = openNamespace(netnsReference);
  try {
    return featuresIn(netns).map(({ place, feature }) => {
      const target = { device: place.device, ...(netnsReference === undefined ? {} : { netns: netnsReference }) };
      withDevice(target, refreshes[feature]);
      return place.device;
    });
  } finally {
    netns.close();
  }
};

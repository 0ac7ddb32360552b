/** Transit on a device: add, delete. */
import type { Json } from "../../../bpf/pin/meta.ts";
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import { ConfigError } from "../../../errors.ts";
import { withNetnsLock } from "../../../linux/netns-lock.ts";
import { withDevice, type LocalDevice, type Target } from "../device.ts";
import { applyFeature } from "../../feature/apply-feature.ts";
import type { FeatureMaps, FeatureSetup } from "../../feature/feature-setup.ts";
import { findFeature } from "../../feature/feature.ts";
import { kernelFills } from "../local-node.ts";
import { outcomeNames } from "../outcome.ts";
import { transitCounters, transitEgress, transitIngress } from "./transit.bpf.ts";
import { noteFor, type Verb } from "../verb.ts";
import { applyXdpTransit, refreshXdpTransit, xdpMaps, xdpSetupOf, type TransitBefore, type XdpSetup } from "./xdp.ts";
import { readWays, wayCounters } from "./xdp-maps.ts";
import { xdpWarnings } from "./xdp-warnings.ts";

/** What was set up, and what to know of it. */
export interface TransitReport {
  /** Undefined at tc. */
  readonly xdp: XdpSetup | undefined;
  /** It was there before. */
  readonly changed: boolean;
  readonly warnings: readonly string[];
}

export interface TransitOptions {
  /** At XDP, where packets are forwarded past the kernel's stack; else at tc. */
  readonly xdp?: boolean;
  /** With a next-hop table (`watchNextHops`); only at XDP. */
  readonly nextHops?: boolean;
}

/**
 * Fills the traces of packets that come in by the device, and completes those that leave by it. Transit that is there is changed
 * under traffic, from tc to XDP and back too, and keeps the counters that both have; attaching at XDP may make a driver start anew.
 * ConfigError where `verb` wants it otherwise.
 */
export const addTransit = (
  target: Target,
  { xdp = false, nextHops = false }: TransitOptions = {},
  verb: Verb = "add",
): TransitReport =>
  withDevice(target, (device) =>
    withNetnsLock(device.netns, () => {
      const { name } = device.link;
      if (kernelFills(device.netns, name)) {
        throw new ConfigError(`the kernel's own IOAM fills traces on ${name}: each would get two entries`, {
          hint: `switch one off: sysctl net.ipv6.conf.${name}.ioam6_enabled=0`,
        });
      }
      const note = noteFor(device, "ioam-transit", verb);
      if (nextHops && !xdp) {
        throw new ConfigError("a next-hop table is for transit at XDP", { hint: "add --xdp" });
      }
      const before = note === undefined ? undefined : transitIn(note);
      const changed = note !== undefined;
      if (!xdp) {
        applyFeature(device, "ioam-transit", setupOf(device), before?.maps);
        return { xdp: undefined, changed, warnings: [] };
      }
      refuseSink(device);
      const setup = applyXdpTransit(device, nextHops, before);
      return { xdp: setup, changed, warnings: xdpWarnings(device, setup) };
    }),
  );

export const deleteTransit = (target: Target): void =>
  withDevice(target, (device) => removeFeature(device, "ioam-transit"));

/** Makes the device's programs anew, after the node's ids, namespaces or schemas changed. */
export const refreshTransit = (device: LocalDevice): void => {
  const existing = findFeature(device, "ioam-transit");
  const xdp = existing === undefined ? undefined : xdpSetupOf(existing.options);
  existing?.close();
  if (xdp === undefined) applyFeature(device, "ioam-transit", setupOf(device));
  else refreshXdpTransit(device, xdp);
};

export const transitCounts = (feature: PinnedSet): Readonly<Record<string, bigint>> => {
  const outcomes = sumsOf(feature.map("counters", transitCounters), outcomeNames);
  const counters = feature.map("ways", wayCounters);
  const { ways, filled } = readWays((at) => counters.sum(at)?.value ?? 0n);
  const traces = { ...outcomes, filled: outcomes.filled! + filled };
  return xdpSetupOf(feature.options) === undefined ? traces : { ...traces, ...ways };
};

const sumsOf = (
  counters: { sum(at: number): { value: bigint } | undefined },
  names: readonly string[],
): Record<string, bigint> => Object.fromEntries(names.map((name, at) => [name, counters.sum(at)?.value ?? 0n]));

/** ConfigError where transit at XDP fills what a sink would: what comes in by the device would get two entries. */
export const refuseXdpTransit = (device: LocalDevice): void => {
  const transit = findFeature(device, "ioam-transit");
  const xdp = transit === undefined ? undefined : xdpSetupOf(transit.options);
  transit?.close();
  if (xdp === undefined) return;
  throw new ConfigError(
    `transit at XDP fills traces on ${device.link.name}, as a sink does: each would get two entries`,
    {
      hint: `delete it first: hopmark ioam transit del dev ${device.link.name}`,
    },
  );
};

const refuseSink = (device: LocalDevice): void => {
  const sink = findFeature(device, "ioam-sink");
  if (sink === undefined) return;
  sink.close();
  throw new ConfigError(`${device.link.name} is a sink, which fills traces itself: each would get two entries`, {
    hint: `delete it first: hopmark ioam sink del dev ${device.link.name}; or leave --xdp out`,
  });
};

type Whole = "ioam-transit" | "ioam-sink" | "ioam-export";

/** ConfigError when the feature is not on the device. */
export const removeFeature = (device: LocalDevice, feature: Whole): void => {
  const existing = findFeature(device, feature);
  if (existing === undefined)
    throw new ConfigError(`${device.link.name} has no ${feature.replace("-", " ")}`, {
      hint: "hopmark ioam show lists what there is",
    });
  existing.remove();
};

const transitIn = (note: Json): TransitBefore => {
  const xdp = xdpSetupOf(note);
  return { xdp, maps: xdp === undefined ? tcMaps : xdpMaps(xdp) };
};

/** With what is counted at XDP, too: transit may have been there, and what was filled stays counted. */
const tcMaps: FeatureMaps = { counters: transitCounters, ways: wayCounters };

const setupOf = ({ node, interface: device }: LocalDevice): FeatureSetup => ({
  programs: { ingress: transitIngress({ node, device }), egress: transitEgress({ node, device }) },
  maps: tcMaps,
  options: {},
});

/** Transit on a device: add, delete. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { ConfigError } from "../../errors.ts";
import { withDevice, type LocalDevice, type Target } from "./device.ts";
import { applyFeature, findFeature, type FeatureSetup } from "./feature.ts";
import { kernelFills } from "./local-node.ts";
import { outcomeNames } from "./outcome.ts";
import { transitCounters, transitEgress, transitIngress } from "./transit.bpf.ts";

/** Fills the traces of packets that come in by the device, and completes those that leave by it. */
export const addTransit = (target: Target): void =>
  withDevice(target, (device) => {
    const { name } = device.link;
    if (kernelFills(device.netns, name)) {
      throw new ConfigError(`the kernel's own IOAM fills traces on ${name}: each would get two entries`, {
        hint: `switch one off: sysctl net.ipv6.conf.${name}.ioam6_enabled=0`,
      });
    }
    refuseSecond(device, "ioam-transit", `transit add dev ${name}`);
    applyFeature(device, "ioam-transit", setupOf(device));
  });

export const deleteTransit = (target: Target): void =>
  withDevice(target, (device) => removeFeature(device, "ioam-transit"));

/** Makes the device's programs anew, after the node's ids, namespaces or schemas changed. */
export const refreshTransit = (device: LocalDevice): void => applyFeature(device, "ioam-transit", setupOf(device));

export const transitCounts = (feature: PinnedSet): Readonly<Record<string, bigint>> => {
  const counters = feature.map("counters", transitCounters);
  return Object.fromEntries(outcomeNames.map((name, at) => [name, counters.sum(at)?.value ?? 0n]));
};

/** ConfigError when the feature is on the device already. */
export const refuseSecond = (device: LocalDevice, feature: "ioam-transit" | "ioam-sink", words: string): void => {
  const existing = findFeature(device, feature);
  if (existing === undefined) return;
  existing.close();
  throw new ConfigError(`${device.link.name} is ${feature === "ioam-sink" ? "a sink" : "a transit node's"} already`, {
    hint: `delete it first: hopmark ioam ${words.replace(" add ", " del ")}`,
  });
};

/** ConfigError when the feature is not on the device. */
export const removeFeature = (device: LocalDevice, feature: "ioam-transit" | "ioam-sink"): void => {
  const existing = findFeature(device, feature);
  if (existing === undefined)
    throw new ConfigError(`${device.link.name} has no ${feature.replace("-", " ")}`, {
      hint: "hopmark ioam show lists what there is",
    });
  existing.remove();
};

const setupOf = ({ node, interface: device }: LocalDevice): FeatureSetup => ({
  programs: { ingress: transitIngress({ node, device }), egress: transitEgress({ node, device }) },
  maps: { counters: transitCounters },
  options: {},
});

/** What marks at devices, IOAM's parts and pval's, as they are pinned. */
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { listPins, openPins } from "../../bpf/pin/registry.ts";
import { pinDirectory, type PinPlace } from "../../bpf/pin/place.ts";
import type { Json } from "../../bpf/pin/meta.ts";
import { clockOffset } from "../../linux/clock.ts";
import type { Netns } from "../../linux/netns.ts";
import type { Link } from "../../linux/rtnetlink/links.ts";
import { taiOffset } from "./tai-offset.ts";

export type IoamFeatureName = "ioam-encap" | "ioam-transit" | "ioam-sink" | "ioam-export";
export type FeatureName = IoamFeatureName | "pval-tx" | "pval-rx" | "pval-cut";

/** The device that a feature is on. */
export interface FeatureDevice {
  readonly netns: Netns;
  readonly link: Pick<Link, "name" | "index">;
}

export const placeOf = ({ netns, link }: FeatureDevice, feature: FeatureName): PinPlace => ({
  netnsInode: netns.inode,
  feature,
  device: link.name,
  ifindex: link.index,
});

/** The feature as it is on the device now; undefined when it is not there. The caller closes it. */
export const findFeature = (device: FeatureDevice, feature: FeatureName): PinnedSet | undefined => {
  const place = placeOf(device, feature);
  const directory = pinDirectory(place);
  if (!listPins(feature).some((pins) => pinDirectory(pins.place) === directory)) return undefined;
  const existing = openPins(place, device.netns);
  if (existing.isAlive()) return existing;
  // Of an earlier device: namespaces and interfaces that are gone give their numbers to new ones.
  existing.remove();
  return undefined;
};

const SECOND_NS = 1_000_000_000n;

/** How far TAI is ahead of the wall clock. Whole seconds by definition: what is measured beyond them is the time the measuring took. */
export const taiLessWallClockNs = (): bigint => {
  const { offsetNs } = clockOffset("realtime", "tai");
  return ((offsetNs + SECOND_NS / 2n) / SECOND_NS) * SECOND_NS;
};

/**
 * Brings the programs' idea of the wall clock up to date: a time daemon sets the kernel's TAI offset some time after boot,
 * and leap seconds move it. Costs a clock reading and, rarely, one store. Returns the offset, ns.
 */
export const refreshClock = (pins: PinnedSet): bigint => refreshOffset(pins.map("tai_offset", taiOffset));

/** The same of the variable itself. */
export const refreshOffset = (offset: { value: bigint }): bigint => {
  const now = taiLessWallClockNs();
  if (offset.value !== now) offset.value = now;
  return now;
};

/** Everything of IOAM that is at work in a namespace. What an earlier one of the same inode left behind goes. */
export const featuresIn = (netns: Netns): { place: PinPlace; options: Json; feature: IoamFeatureName }[] =>
  listPins()
    .filter(({ place }) => place.netnsInode === netns.inode && place.feature.startsWith("ioam-"))
    .filter(({ place }) => isAlive(place, netns))
    .map(({ place, meta }) => ({ place, options: meta.options, feature: place.feature as IoamFeatureName }));

const isAlive = (place: PinPlace, netns: Netns): boolean => {
  const pins = openPins(place, netns);
  const alive = pins.isAlive();
  if (alive) pins.close();
  else pins.remove();
  return alive;
};

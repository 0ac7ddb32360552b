/** Transit at XDP on a device: how its program is attached, and the maps it reads. */
import type { Json } from "../../../bpf/pin/meta.ts";
import type { PinnedSet } from "../../../bpf/pin/pinned-set.ts";
import { ConfigError, HopmarkError, UnsupportedError } from "../../../errors.ts";
import { readClock } from "../../../linux/clock.ts";
import type { Netns } from "../../../linux/netns.ts";
import { openRtnetlink } from "../../../linux/rtnetlink/socket.ts";
import { mac } from "../../../wire/address.ts";
import type { LocalDevice } from "../device.ts";
import { egressOf, readOutward, type Egress, type XdpMode } from "./egress.ts";
import { applyFeature } from "../../feature/apply-feature.ts";
import type { FeatureMaps, FeatureSetup } from "../../feature/feature-setup.ts";
import { findFeature } from "../../feature/feature.ts";
import { transitCounters, transitEgress } from "./transit.bpf.ts";
import { writeEgress } from "./write-egress.ts";
import { transitXdp } from "./xdp.bpf.ts";
import { egressInterfaces, leaseFrom, leaseUntil, nearEgress, nextHops, wayCounters } from "./xdp-maps.ts";

/** How transit at XDP was set up: the note beside its pins. */
export interface XdpSetup {
  readonly mode: XdpMode;
  readonly frags: boolean;
  readonly table: boolean;
}

/** What is there in the place of which transit at XDP comes. */
export interface TransitBefore {
  /** Undefined at tc. */
  readonly xdp: XdpSetup | undefined;
  readonly maps: FeatureMaps;
}

/** Sets transit up at XDP, in the driver where it can, and returns how. What is at XDP already stays where it is there. */
export const applyXdpTransit = (device: LocalDevice, table: boolean, before?: TransitBefore): XdpSetup => {
  if (device.link.mac === "") {
    throw new ConfigError(`${device.link.name} is no Ethernet interface: XDP cannot forward from it`, {
      hint: `leave --xdp out: hopmark ioam transit add dev ${device.link.name}`,
    });
  }
  for (const attempt of before?.xdp === undefined ? attempts : [before.xdp]) {
    const setup = { ...attempt, table };
    try {
      applyFeature(device, "ioam-transit", setupOf(device, setup), before?.maps);
    } catch (error) {
      if (tooLargeForOneBuffer(error) || inStackOnly(error)) continue;
      throw error;
    }
    return setup;
  }
  throw new UnsupportedError("xdp", `${device.link.name} takes no XDP program`, {
    hint: `leave --xdp out: hopmark ioam transit add dev ${device.link.name}`,
  });
};

/** Makes the program anew, as it was set up. */
export const refreshXdpTransit = (device: LocalDevice, setup: XdpSetup): void =>
  applyFeature(device, "ioam-transit", setupOf(device, setup));

/** Undefined for transit at tc. */
export const xdpSetupOf = (options: Json): XdpSetup | undefined => {
  const noted = isObject(options) ? options["xdp"] : undefined;
  if (noted === undefined || !isObject(noted)) return undefined;
  const { mode, frags, table } = noted;
  return { mode: mode === "generic" ? "generic" : "native", frags: frags === true, table: table === true };
};

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether programs believe the next-hop table at this moment. */
export const isKept = (pins: PinnedSet): boolean => {
  const now = readClock("tai");
  return pins.map("lease_from", leaseFrom).value <= now && now < pins.map("lease_until", leaseUntil).value;
};

/** The narrowest first: frames in several buffers cost a little, the stack costs most. */
const attempts = [
  { mode: "native", frags: false },
  { mode: "native", frags: true },
  { mode: "generic", frags: false },
] as const;

const tooLargeForOneBuffer = (error: unknown): boolean => error instanceof HopmarkError && error.code === "mtu";
const inStackOnly = (error: unknown): boolean => error instanceof UnsupportedError && error.feature === "xdp-native";

/** The maps of transit at XDP, by the names of their pins. */
export const xdpMaps = ({ table }: Pick<XdpSetup, "table">): FeatureMaps => ({
  counters: transitCounters,
  ways: wayCounters,
  egress: egressInterfaces,
  near_egress: nearEgress,
  ...(table && { next_hops: nextHops, lease_from: leaseFrom, lease_until: leaseUntil }),
});

const setupOf = (local: LocalDevice, xdp: XdpSetup): FeatureSetup => {
  const { netns, node, interface: device, link } = local;
  const { mode, frags, table } = xdp;
  return {
    programs: {
      xdp: transitXdp({ node, device, mac: mac(link.mac), table, frags, exports: isExporter(local) }),
      // Packets that came in by an interface with transit at tc leave by this one, too.
      egress: transitEgress({ node, device }),
    },
    xdpMode: mode,
    maps: xdpMaps(xdp),
    options: { xdp: { mode, frags, table } },
    prepare: (instance) => {
      const egress = egressIn(netns, mode);
      writeEgress(instance.map(egressInterfaces), instance.map(nearEgress), egress);
    },
  };
};

/** Whether programs at tc report on what the device receives. */
const isExporter = (device: LocalDevice): boolean => {
  const exporter = findFeature(device, "ioam-export");
  exporter?.close();
  return exporter !== undefined;
};

const egressIn = (netns: Netns, mode: XdpMode): Egress[] => {
  const route = openRtnetlink(netns);
  try {
    return readOutward(netns, route).map((one) => egressOf(one, mode));
  } finally {
    route.close();
  }
};

/**
 * Device features over SIOCETHTOOL, which every kernel has. Source: include/uapi/linux/ethtool.h; ethtool(8) for the groups.
 */
import { UnsupportedError } from "../errors.ts";
import { addressOf, cString, keepAlive, syscall } from "./ffi.ts";
import type { NetlinkSocket } from "./netlink/socket.ts";
import { checkLinkName } from "./rtnetlink/links.ts";

/** One feature under the kernel's name (`tx-tcp-segmentation`). */
export interface Feature {
  readonly active: boolean;
  /** What was asked for; active as well unless something it needs is off. */
  readonly requested: boolean;
  /** The driver does not let it be changed. */
  readonly fixed: boolean;
}

/** What an administrator switches, as `ethtool -K` names it; each is one or several features. */
export type Offload = "rx" | "tx" | "sg" | "tso" | "gso" | "gro" | "lro" | "uso";

export interface OffloadState {
  /** "partly": some of its features are on. */
  readonly state: "on" | "off" | "partly";
  readonly fixed: boolean;
}

/** Feature name to the value it was asked to have: what `setFeatures` takes, to restore it. */
export type FeatureValues = Readonly<Record<string, boolean>>;

/**
 * All features of a device in the socket's namespace, by the kernel's names.
 * `SyscallError` ENODEV, with the name, when there is no such device.
 */
export function readFeatures(route: NetlinkSocket, device: string): Map<string, Feature> {
  const names = featureNames(route, device);
  const blocks = Math.ceil(names.length / 32);
  // struct ethtool_gfeatures: cmd, size in blocks, then per 32 features: available, requested, active, never_changed
  const data = new Uint32Array(2 + 4 * blocks);
  data[0] = ETHTOOL_GFEATURES;
  data[1] = blocks;
  ioctl(route, device, data);
  const bit = (index: number, word: number) => ((data[2 + 4 * (index >> 5) + word] ?? 0) & (1 << (index & 31))) !== 0;
  const features = new Map<string, Feature>();
  for (const [index, name] of names.entries()) {
    if (name === "") continue;
    const fixed = !bit(index, 0) || bit(index, 3);
    features.set(name, { active: bit(index, 2), requested: bit(index, 1), fixed });
  }
  return features;
}

/**
 * Ask for features by the kernel's names; returns the values that the changed ones had, so that handing them back restores
 * everything. `UnsupportedError`, before anything is changed, when one is unknown, or fixed at the other value.
 */
export function setFeatures(route: NetlinkSocket, device: string, values: FeatureValues): FeatureValues {
  const before = readFeatures(route, device);
  const names = featureNames(route, device);
  const blocks = Math.ceil(names.length / 32);
  // struct ethtool_sfeatures: cmd, size in blocks, then per 32 features: valid, requested
  const data = new Uint32Array(2 + 2 * blocks);
  data[0] = ETHTOOL_SFEATURES;
  data[1] = blocks;
  const previous: Record<string, boolean> = {};
  for (const [name, value] of Object.entries(values)) {
    const feature = before.get(name);
    if (feature === undefined) throw new UnsupportedError(name, `${device} has no feature ${name}`);
    if (feature.fixed && feature.active === value) continue;
    if (feature.fixed) {
      throw new UnsupportedError(name, `${device}: ${name} is fixed ${feature.active ? "on" : "off"} by its driver`);
    }
    if (feature.requested === value) continue;
    previous[name] = feature.requested;
    const index = names.indexOf(name);
    const at = 2 + 2 * (index >> 5);
    const mask = 1 << (index & 31);
    data[at] = (data[at] ?? 0) | mask;
    if (value) data[at + 1] = (data[at + 1] ?? 0) | mask;
  }
  if (Object.keys(previous).length > 0) ioctl(route, device, data);
  return previous;
}

/** The state of each offload that the device knows. */
export function readOffloads(route: NetlinkSocket, device: string): Map<Offload, OffloadState> {
  const features = readFeatures(route, device);
  const result = new Map<Offload, OffloadState>();
  for (const offload of offloadNames) {
    const members = membersOf(offload, features);
    if (members.length === 0) continue;
    // a member that the driver fixed at off (checksums of protocols it does not know) says nothing about the rest
    const changeable = members.filter(([, feature]) => !feature.fixed);
    const judged = changeable.length > 0 ? changeable : members;
    const on = judged.filter(([, feature]) => feature.active).length;
    const state = on === 0 ? "off" : changeable.length === 0 || on === judged.length ? "on" : "partly";
    result.set(offload, { state, fixed: changeable.length === 0 });
  }
  return result;
}

/** What the changeable features with such names were asked to be: what `setFeatures` takes, to restore it. */
export function requestedFeatures(route: NetlinkSocket, device: string, names: RegExp): FeatureValues {
  return Object.fromEntries(
    [...readFeatures(route, device)]
      .filter(([name, { fixed }]) => !fixed && names.test(name))
      .map(([name, { requested }]) => [name, requested]),
  );
}

/**
 * Switch offloads, as `ethtool -K` does; returns what restores them with `setFeatures`.
 * `UnsupportedError`, before anything is changed, when the device cannot do one.
 */
export function setOffloads(
  route: NetlinkSocket,
  device: string,
  wanted: Readonly<Partial<Record<Offload, boolean>>>,
): FeatureValues {
  const features = readFeatures(route, device);
  const values: Record<string, boolean> = {};
  for (const offload of offloadNames) {
    const value = wanted[offload];
    if (value === undefined) continue;
    const members = membersOf(offload, features);
    const changeable = members.filter(([, feature]) => !feature.fixed);
    const stuck = members.some(([, feature]) => feature.fixed && feature.active);
    if (value ? changeable.length === 0 && !stuck : stuck) {
      throw new UnsupportedError(offload, `${device}: ${offload} is fixed ${value ? "off" : "on"} by its driver`);
    }
    for (const [name] of changeable) values[name] = value;
  }
  return setFeatures(route, device, values);
}

const patterns: Readonly<Record<Offload, RegExp>> = {
  rx: /^rx-checksum$/,
  tx: /^tx-checksum-/,
  sg: /^tx-scatter-gather/,
  tso: /^tx-tcp.*-segmentation$/,
  gso: /^tx-generic-segmentation$/,
  gro: /^rx-gro$/,
  lro: /^rx-lro$/,
  uso: /^tx-udp-segmentation$/,
};

const offloadNames = ["rx", "tx", "sg", "tso", "gso", "gro", "lro", "uso"] as const satisfies readonly Offload[];

function membersOf(offload: Offload, features: Map<string, Feature>): [string, Feature][] {
  return [...features].filter(([name]) => patterns[offload].test(name));
}

/** The kernel's names, by bit; empty where a bit has none. */
function featureNames(route: NetlinkSocket, device: string): string[] {
  // struct ethtool_sset_info: cmd, reserved, mask u64 of the sets asked for, then one count
  const info = new Uint32Array(5);
  info[0] = ETHTOOL_GSSET_INFO;
  info[2] = 1 << ETH_SS_FEATURES;
  ioctl(route, device, info);
  const count = info[4] ?? 0;
  // struct ethtool_gstrings: cmd, set, count, then 32 bytes each
  const strings = new Uint32Array(3 + count * (ETH_GSTRING_LEN / 4));
  strings.set([ETHTOOL_GSTRINGS, ETH_SS_FEATURES, count]);
  ioctl(route, device, strings);
  const text = Buffer.from(strings.buffer, 12);
  return Array.from({ length: count }, (_, index) => {
    const name = text.subarray(index * ETH_GSTRING_LEN, (index + 1) * ETH_GSTRING_LEN);
    return name.subarray(0, name.indexOf(0)).toString("latin1");
  });
}

/** `struct ifreq`: name (16 bytes), then a pointer to the command. Any socket will do: it says which namespace. */
function ioctl(route: NetlinkSocket, device: string, command: Uint32Array): void {
  checkLinkName(device);
  const request = new Uint8Array(40);
  request.set(cString(device));
  new DataView(request.buffer).setBigUint64(16, addressOf(command), true);
  syscall("ioctl", `ethtool ${device}`, route.fd, SIOCETHTOOL, request);
  keepAlive(command);
}

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GSTRINGS = 0x1b;
const ETHTOOL_GSSET_INFO = 0x37;
const ETHTOOL_GFEATURES = 0x3a;
const ETHTOOL_SFEATURES = 0x3b;
const ETH_SS_FEATURES = 4;
const ETH_GSTRING_LEN = 32;

/**
 * A pval device has two halves, each a set of pins of its own: what it transmits, on the far end of its veth pair, and what it
 * receives, on the device below. Both hold the note, so that either is enough to clear up after the other.
 */
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import type { Netns } from "../../linux/netns.ts";
import { applyFeature } from "../feature/apply-feature.ts";
import { mapsOf, type FeatureMaps, type FeatureSetup } from "../feature/feature-setup.ts";
import { findFeature, type FeatureDevice, type FeatureName } from "../feature/feature.ts";
import { awaitingCopies, stampCounters } from "./awaiting.ts";
import type { CopyConfig } from "./copy.bpf.ts";
import { copyMaps, pinnedCopyMaps } from "./copy-maps.ts";
import { dropped, handover, type Driver } from "./handover.bpf.ts";
import { markCounters, markSequences } from "./mark-counters.ts";
import { noteIn, toJson, type PvalNote } from "./note.ts";
import { receive } from "./receive.bpf.ts";
import type { PvalOptions } from "./options.ts";
import type { DirectionName } from "./record.ts";
import { stripCounters } from "./strip-counters.ts";
import { transmit } from "./transmit.bpf.ts";

export const featureOf: Readonly<Record<DirectionName, FeatureName>> = { tx: "pval-tx", rx: "pval-rx" };

/** The interface that a half is attached to. */
export const deviceOf = (netns: Netns, { far, lower }: PvalNote, direction: DirectionName): FeatureDevice => ({
  netns,
  link: direction === "tx" ? (far ?? lower) : lower,
});

/** What the programs must know of the interfaces, as they are now. */
export interface Sizes {
  /** Bytes before the IP header. */
  readonly network: number;
  /** MTU of the device below. */
  readonly lowerMtu: number;
  /** MTU of the pval device. */
  readonly upperMtu: number;
}

/** Sets a half up, or changes it under traffic. */
export const applyHalf = (netns: Netns, note: PvalNote, direction: DirectionName, sizes: Sizes): void => {
  const device = deviceOf(netns, note, direction);
  const setup = direction === "tx" ? transmitSetup(note, sizes, netns) : receiveSetup(note, sizes);
  applyFeature(device, featureOf[direction], setup, mapsOfHalf(notedBy(device, direction) ?? note, direction));
};

/** Notes something else beside a half that is as it shall be. */
export const noteHalf = (netns: Netns, note: PvalNote, direction: DirectionName): void => {
  const pins = findFeature(deviceOf(netns, note, direction), featureOf[direction]);
  pins?.setOptions(toJson(note));
  pins?.close();
};

/** HopmarkError `layout-mismatch` where another version laid the half's maps out. Changes nothing. */
export const checkHalf = (netns: Netns, note: PvalNote, direction: DirectionName): void => {
  const pins = findFeature(deviceOf(netns, note, direction), featureOf[direction]);
  try {
    pins?.checkLayouts(mapsOf(mapsOfHalf(noteIn(pins.options) ?? note, direction)));
  } finally {
    pins?.close();
  }
};

/** What the half was made from; undefined when it is not there. */
const notedBy = (device: FeatureDevice, direction: DirectionName): PvalNote | undefined => {
  const pins = findFeature(device, featureOf[direction]);
  const note = noteIn(pins?.options);
  pins?.close();
  return note;
};

/** By the names of their pins. */
const mapsOfHalf = ({ rings, ringBytes, options }: PvalNote, direction: DirectionName): FeatureMaps => ({
  ...(direction === "tx" ? { counters: markCounters, sequences: markSequences } : { counters: stripCounters }),
  ...(rings[direction] && pinnedCopyMaps(copyMaps(direction, possibleCpus(), ringBytes))),
  ...(direction === "tx" &&
    awaitsHandover(options) && { stamps: stampCounters, [`awaiting-${options.snap}`]: awaitingCopies(options.snap) }),
});

/** Copies of sent packets wait for the time at which the driver gets their packet. */
export const awaitsHandover = ({ txcopy, txtstamp }: PvalOptions): boolean => txcopy && txtstamp;

const transmitSetup = (note: PvalNote, { network, lowerMtu }: Sizes, netns: Netns): FeatureSetup => {
  const { options, far, lower } = note;
  const copy = options.txcopy ? copying(note, "tx") : null;
  const program = transmit({
    mark: options.ipopt ? { network, mtu: lowerMtu } : null,
    copy,
    to: far === null ? 0 : lower.index,
  });
  return {
    programs: far === null ? { egress: program } : { ingress: program },
    tracepoints: copy === null ? {} : handoverPrograms(copy, { ifindex: lower.index, netnsInode: netns.inode }),
    maps: mapsOfHalf(note, "tx"),
    options: toJson(note),
  };
};

/** By the names of their pins: what they are made for does not change but for the length of copies. */
const handoverPrograms = (
  { snap, maps, awaiting }: CopyConfig,
  driver: Driver,
): NonNullable<FeatureSetup["tracepoints"]> =>
  awaiting === null
    ? {}
    : {
        [`handover-${snap}`]: handover({ snap, maps, awaiting }, driver),
        [`dropped-${snap}`]: dropped({ snap, maps, awaiting }),
      };

const receiveSetup = (note: PvalNote, { network, upperMtu }: Sizes): FeatureSetup => {
  const { options, far, upper } = note;
  const program = receive({
    network,
    strip: options.strip,
    copy: options.rxcopy ? copying(note, "rx") : null,
    to: far === null ? null : { ifindex: upper.index, mtu: upperMtu, farIfindex: far.index },
  });
  return { programs: { ingress: program }, maps: mapsOfHalf(note, "rx"), options: toJson(note) };
};

const copying = ({ options, ringBytes }: PvalNote, direction: DirectionName): CopyConfig => ({
  direction,
  snap: options.snap,
  stamps: direction === "rx" && options.rxtstamp,
  maps: copyMaps(direction, possibleCpus(), ringBytes),
  awaiting: direction === "tx" && awaitsHandover(options) ? awaitingCopies(options.snap) : null,
});

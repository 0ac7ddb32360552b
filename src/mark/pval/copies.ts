/** Reading what a pval device copies. A ring has one reader at most; without one nothing is copied. */
import { existsSync } from "node:fs";
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { openPins } from "../../bpf/pin/registry.ts";
import { ConfigError } from "../../errors.ts";
import { refreshClock } from "../feature/feature.ts";
import { ClaimedRing, type OpenRing } from "./claimed-ring.ts";
import { copyMaps } from "./copy-maps.ts";
import { withPlace, type Place } from "./devices.ts";
import { findDevices, type FoundDevice } from "./find.ts";
import { noteIn } from "./note.ts";
import { refuseOtherVersion } from "./other-version.ts";
import { DEFAULT_SNAP, directionNames, ringName, type DirectionName } from "./record.ts";

/** Rings that this process reads, until it closes them or dies. */
export interface OpenCopies {
  readonly device: string;
  /** What its packets start with: Linux's ARPHRD number. */
  readonly hardwareType: number;
  /** Bytes of a packet that are copied; an option of the device that may change. */
  readonly snap: number;
  readonly rings: readonly OpenRing[];
  /** Brings the programs' idea of the wall clock up to date; false when the device is gone. */
  refresh(): boolean;
  /** From now on nothing is copied; what waits can still be read. Twice is fine. */
  stop(): void;
  /** The same, and others may read. Twice is fine. */
  close(): void;
}

/**
 * Opens the rings of a name: `pval0` all of a device, `pval0-rx` those of a direction, `pval0-rx-cpu-0` one; all of them, or none.
 * What waits in them from an earlier time is thrown away, and counted as lost.
 * @throws HopmarkError `busy` when a process that lives reads one of them; ConfigError when there are none of that name
 */
export const openCopies = (name: string, netns?: string): OpenCopies =>
  withPlace(netns, (place) => {
    const sets: PinnedSet[] = [];
    const taken: ClaimedRing[] = [];
    const release = (): void => {
      stop(taken);
      for (const ring of taken.splice(0)) ring.release();
      for (const set of sets.splice(0)) set.close();
    };
    try {
      const { device, rings } = ringsNamed(place, name, sets);
      for (const ring of rings) ring.refuseBusy();
      let wereOpen = false;
      for (const ring of rings) {
        taken.push(ring);
        wereOpen = ring.take() || wereOpen;
      }
      if (wereOpen) rings[0]?.settle();
      for (const ring of rings) ring.start();
      let isCopying = true;
      return {
        device: device.name,
        hardwareType: (device.upper ?? device.lower)?.hardwareType ?? ETHERNET,
        snap: device.note?.options.snap ?? DEFAULT_SNAP,
        rings,
        refresh: () => {
          if (!sets.every(({ directory }) => existsSync(directory))) return false;
          for (const set of sets) refreshClock(set);
          return true;
        },
        stop: () => {
          if (isCopying) stop(taken);
          isCopying = false;
        },
        close: release,
      };
    } catch (error) {
      release();
      throw error;
    }
  });

/** Nothing is copied any more when it comes back. */
const stop = (rings: readonly ClaimedRing[]): void => {
  for (const ring of rings) ring.stop();
  rings[0]?.settle();
};

/** ARPHRD_ETHER. */
const ETHERNET = 1;

const ringsNamed = (
  { netns, route }: Place,
  name: string,
  sets: PinnedSet[],
): { readonly device: FoundDevice; readonly rings: readonly ClaimedRing[] } => {
  const devices = findDevices(netns, route);
  for (const device of devices) {
    const wanted = directionNames.flatMap((direction) => cpusNamed(device.name, direction, name));
    if (wanted.length === 0) continue;
    refuseOtherVersion(netns, device);
    const rings = directionNames.flatMap((direction) =>
      openHalf(netns, device, direction, sets).filter((ring) => wanted.includes(ring.name)),
    );
    if (rings.length > 0) return { device, rings };
    throw new ConfigError(`${name} is not copied`, {
      hint: `switch it on: hopmark link set dev ${device.name} type pval rxcopy on txcopy on`,
    });
  }
  throw new ConfigError(`there is no pval device or ring ${name}`, {
    hint: "hopmark link show -s lists those that there are",
  });
};

/** The rings of a direction that a name means. */
const cpusNamed = (device: string, direction: DirectionName, name: string): string[] => {
  const all = Array.from({ length: possibleCpus() }, (_, cpu) => ringName(device, direction, cpu));
  return name === device || name === `${device}-${direction}` ? all : all.filter((ring) => ring === name);
};

const openHalf = (
  netns: Place["netns"],
  { name, halves }: FoundDevice,
  direction: DirectionName,
  sets: PinnedSet[],
): ClaimedRing[] => {
  const place = halves[direction];
  if (place === undefined) return [];
  const pins = openPins(place, netns);
  sets.push(pins);
  const note = noteIn(pins.options);
  if (note === undefined || !note.rings[direction]) return [];
  refreshClock(pins);
  const maps = copyMaps(direction, possibleCpus(), note.ringBytes);
  return maps.rings.map(
    (_, cpu) => new ClaimedRing(pins, maps, { name: ringName(name, direction, cpu), direction, cpu }),
  );
};

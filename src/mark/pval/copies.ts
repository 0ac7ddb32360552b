/** Reading what a pval device copies. A ring has one reader at most; without one nothing is copied. */
import { possibleCpus } from "../../bpf/maps/possible-cpus.ts";
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { openPins } from "../../bpf/pin/registry.ts";
import type { RingReader } from "../../bpf/ring.ts";
import { ConfigError, HopmarkError } from "../../errors.ts";
import { isAlive, processIdentity } from "../../linux/process-identity.ts";
import { refreshClock } from "../feature/feature.ts";
import { copyMaps, type CopyMaps } from "./copy-maps.ts";
import { withPlace, type Place } from "./devices.ts";
import { findDevices, type FoundDevice } from "./find.ts";
import { noteIn } from "./note.ts";
import { directionNames, ringName, type DirectionName } from "./record.ts";

export interface OpenRing {
  /** `pval0-rx-cpu-0`. */
  readonly name: string;
  readonly direction: DirectionName;
  readonly cpu: number;
  /** Records of `CopyHeader`, each followed by the bytes of its packet. */
  readonly reader: RingReader;
  /** Records of an earlier time that were thrown away when it was opened; the device counts them as lost. */
  readonly discarded: number;
}

/** Rings that this process reads, until it closes them or dies. */
export interface OpenCopies {
  readonly device: string;
  readonly rings: readonly OpenRing[];
  /** Brings the programs' idea of the wall clock up to date. */
  refreshClock(): void;
  /** From now on nothing is copied. Twice is fine. */
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
    try {
      const { device, rings } = ringsNamed(place, name, sets);
      for (const ring of rings) ring.refuseBusy();
      const open = rings.map((ring) => ring.claim());
      let isOpen = true;
      return {
        device,
        rings: open,
        refreshClock: () => {
          for (const set of sets) refreshClock(set);
        },
        close: () => {
          if (!isOpen) return;
          isOpen = false;
          for (const ring of rings) ring.release();
          for (const set of sets) set.close();
        },
      };
    } catch (error) {
      for (const set of sets) set.close();
      throw error;
    }
  });

const ringsNamed = (
  { netns, route }: Place,
  name: string,
  sets: PinnedSet[],
): { readonly device: string; readonly rings: readonly Ring[] } => {
  const devices = findDevices(netns, route);
  for (const device of devices) {
    const wanted = directionNames.flatMap((direction) => cpusNamed(device.name, direction, name));
    if (wanted.length === 0) continue;
    const rings = directionNames.flatMap((direction) =>
      openHalf(netns, device, direction, sets).filter((ring) => wanted.includes(ring.name)),
    );
    if (rings.length > 0) return { device: device.name, rings };
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
): Ring[] => {
  const place = halves[direction];
  if (place === undefined) return [];
  const pins = openPins(place, netns);
  sets.push(pins);
  const note = noteIn(pins.options);
  if (note === undefined || !note.rings[direction]) return [];
  refreshClock(pins);
  const maps = copyMaps(direction, possibleCpus(), note.ringBytes);
  return maps.rings.map((_, cpu) => new Ring(pins, maps, { name: ringName(name, direction, cpu), direction, cpu }));
};

type RingPlace = Pick<OpenRing, "name" | "direction" | "cpu">;

class Ring implements RingPlace {
  readonly name: string;
  readonly direction: DirectionName;
  readonly cpu: number;
  readonly #pins: PinnedSet;
  readonly #maps: CopyMaps;
  #reader: RingReader | undefined;

  constructor(pins: PinnedSet, maps: CopyMaps, { name, direction, cpu }: RingPlace) {
    this.#pins = pins;
    this.#maps = maps;
    this.name = name;
    this.direction = direction;
    this.cpu = cpu;
  }

  /** A reader that died is none. */
  refuseBusy(): void {
    const stored = this.#readers().get(this.cpu);
    if (stored === undefined || stored.reading === 0) return;
    if (!isAlive({ pid: stored.pid, startTime: Number(stored.startTime) })) return;
    throw new HopmarkError("busy", `${this.name} is being read by process ${stored.pid}`, {
      hint: "a ring has one reader: end that one, or read another ring",
    });
  }

  claim(): OpenRing {
    const ring = this.#maps.rings[this.cpu];
    const own = processIdentity();
    if (ring === undefined || own === undefined) throw new Error("unreachable: a ring for each CPU, and a process");
    const reader = this.#pins.map(`ring-${this.cpu}`, ring);
    this.#reader = reader;
    // Where a reader died, packets are still being copied: what is there now is thrown away, what comes from now on is ours.
    const discarded = reader.skip();
    if (discarded > 0) {
      const old = this.#pins.map("discarded", this.#maps.discarded);
      old.set(this.cpu, { value: (old.get(this.cpu)?.value ?? 0n) + BigInt(discarded) });
    }
    this.#readers().set(this.cpu, { reading: 1, pid: own.pid, startTime: BigInt(own.startTime) });
    return { name: this.name, direction: this.direction, cpu: this.cpu, reader, discarded };
  }

  release(): void {
    const readers = this.#readers();
    if (readers.get(this.cpu)?.pid === process.pid) readers.set(this.cpu, { reading: 0, pid: 0, startTime: 0n });
    this.#reader?.close();
  }

  #readers() {
    return this.#pins.map("readers", this.#maps.readers);
  }
}

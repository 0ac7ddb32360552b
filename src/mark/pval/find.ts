/** The pval devices of a network namespace, whole or in pieces. */
import { listPins, openPins } from "../../bpf/pin/registry.ts";
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import type { PinPlace } from "../../bpf/pin/place.ts";
import type { NetlinkSocket } from "../../linux/netlink/socket.ts";
import type { Netns } from "../../linux/netns.ts";
import { links, type Link } from "../../linux/rtnetlink/links.ts";
import { featureOf } from "./halves.ts";
import { noteIn, type End, type PvalNote } from "./note.ts";
import { cutterName } from "./cutter.ts";
import { cuttingOf } from "./marking.ts";
import { pairsIn } from "./pair.ts";
import { directionNames, type DirectionName } from "./record.ts";

/** What there is of a pval device. */
export interface FoundDevice {
  readonly name: string;
  /** Undefined for a pair whose maker died before it noted anything. */
  readonly note: PvalNote | undefined;
  /** Where the pins of each half are; undefined when that half is not there. */
  readonly halves: Readonly<Record<DirectionName, PinPlace | undefined>>;
  /** The interfaces as they are now; undefined when they are gone. In place, `upper` is `lower` and there is no `far`. */
  readonly upper: Link | undefined;
  readonly far: Link | undefined;
  readonly lower: Link | undefined;
  /** Both halves are at work on interfaces that are there, and nobody died while changing them. */
  readonly isWhole: boolean;
}

/** All of them, by name. Changes nothing. */
export const findDevices = (netns: Netns, route: NetlinkSocket): FoundDevice[] => {
  const all = links(route);
  const linkOf = (end: End | null): Link | undefined => all.find(({ index }) => index === end?.index);
  const noted = new Map<number, { note: PvalNote; halves: Partial<Record<DirectionName, PinPlace>> }>();
  for (const direction of directionNames) {
    for (const { place, meta } of listPins(featureOf[direction])) {
      const note = noteIn(meta.options);
      if (place.netnsInode !== netns.inode || note === undefined || !isAlive(place, netns)) continue;
      const key = note.upper.index;
      const halves = { ...noted.get(key)?.halves, [direction]: place };
      // What is transmitted is set up first and changed last: its note is the one to go by.
      noted.set(key, { note: direction === "tx" ? note : (noted.get(key)?.note ?? note), halves });
    }
  }
  const found = [...noted.values()].map(({ note, halves }): FoundDevice => {
    const [upper, far, lower] = [linkOf(note.upper), linkOf(note.far), linkOf(note.lower)];
    const isThere =
      upper !== undefined &&
      lower !== undefined &&
      (note.far === null || far !== undefined) &&
      (!cutsBeside(note, lower) || all.some((link) => link.name === cutterName(lower.index)));
    const isWhole = isThere && halves.tx !== undefined && halves.rx !== undefined && !note.pending;
    const name = upper?.name ?? note.upper.name;
    return { name, note, halves: { tx: halves.tx, rx: halves.rx }, upper, far, lower, isWhole };
  });
  const known = new Set(found.map(({ note }) => note?.upper.index));
  const pieces = pairsIn(route)
    .filter(({ upper }) => !known.has(upper.index))
    .map(({ upper, far }): FoundDevice => {
      const halves = { tx: undefined, rx: undefined };
      const own = { upper: linkOf(upper), far: linkOf(far), lower: undefined };
      return { name: upper.name, note: undefined, halves, ...own, isWhole: false };
    });
  return [...found, ...pieces].toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

/** Packets are cut up in a pair beside the interface. */
const cutsBeside = (note: PvalNote, lower: Link): boolean => note.options.ipopt && cuttingOf(note, lower) === "cutter";

const isAlive = (place: PinPlace, netns: Netns): boolean => {
  const pins = openPins(place, netns);
  try {
    return pins.isAlive();
  } finally {
    pins.close();
  }
};

/** Runs with a half's pins open; undefined when it is not there. */
export const withHalf = <R>(
  netns: Netns,
  { halves }: FoundDevice,
  direction: DirectionName,
  run: (pins: PinnedSet) => R,
): R | undefined => {
  const place = halves[direction];
  if (place === undefined) return undefined;
  const pins = openPins(place, netns);
  try {
    return run(pins);
  } finally {
    pins.close();
  }
};

/** The pval devices of a network namespace, as they are. */
import { linkDetails, type LinkDetails } from "../../linux/rtnetlink/link-details.ts";
import { refreshClock } from "../feature/feature.ts";
import { copyCounts, type CopyCounts } from "./copy-counts.ts";
import { cutterCounts, type CutterCounts } from "./cutter.ts";
import { withPlace, type Place } from "./devices.ts";
import { findDevices, withHalf, type FoundDevice } from "./find.ts";
import { markCounters, markOutcomeNames } from "./mark-counters.ts";
import { isOfAnotherVersion } from "./other-version.ts";
import type { PvalOptions } from "./options.ts";
import { destinationsWithoutRoom } from "./route-room.ts";
import { stampCounts, type StampCounts } from "./stamp-counts.ts";
import { stripCounters, stripOutcomeNames } from "./strip-counters.ts";

type Counts = Readonly<Record<string, bigint>>;

export interface PvalStatus {
  readonly name: string;
  readonly ifindex: number;
  /** What is there: all of it; all of it, and another version set it up, so that its counts cannot be read; an interface of it is gone; or less than was to be, its maker died. */
  readonly state: "whole" | "otherVersion" | "linkGone" | "deviceGone" | "unfinished";
  /** The device below, by its name; null when nobody noted it. */
  readonly link: string | null;
  readonly inPlace: boolean;
  readonly mac: string;
  readonly mtu: number;
  readonly details: LinkDetails | null;
  /** The device below is up. */
  readonly linkUp: boolean;
  /** It is up, and connected. The pval device's own carrier does not follow. */
  readonly linkCarrier: boolean;
  /** Of the device below; 0: it is gone. */
  readonly linkMtu: number;
  /** Where packets are cut up before they are marked in place; null without. */
  readonly cutter: CutterCounts | null;
  /** Destinations of routes by which full packets leave unmarked in place: they came later, and have the interface's MTU. */
  readonly withoutRoom: readonly string[];
  readonly options: PvalOptions | null;
  readonly statistics: {
    /** Packets that were sent, by what became of their marks. */
    readonly marks: Counts | null;
    /** Packets that were received, by what became of theirs. */
    readonly strips: Counts | null;
    /** Times of handing sent packets over to the driver; null without txtstamp and txcopy. */
    readonly stamps: StampCounts | null;
    /** By ring: what was copied. */
    readonly copies: readonly CopyCounts[];
  };
}

/** All of them, or the one of that name. */
export const showDevices = (netns?: string): PvalStatus[] =>
  withPlace(netns, (place) => findDevices(place.netns, place.route).map((device) => statusOf(place, device)));

const statusOf = ({ netns, route }: Place, device: FoundDevice): PvalStatus => {
  const { name, note, upper, lower } = device;
  const isReadable = !isOfAnotherVersion(netns, device);
  const marksInPlace = note?.far === null && note.options.ipopt && lower !== undefined;
  return {
    name,
    ifindex: upper?.index ?? note?.upper.index ?? 0,
    state: device.isWhole && !isReadable ? "otherVersion" : stateOf(device),
    link: lower?.name ?? note?.lower.name ?? null,
    inPlace: note !== undefined && note.far === null,
    mac: upper?.mac ?? "",
    mtu: upper?.mtu ?? 0,
    details: upper === undefined ? null : linkDetails(route, upper.index),
    linkUp: lower?.up === true,
    linkCarrier: lower?.up === true && lower.carrier,
    linkMtu: lower?.mtu ?? 0,
    cutter: (note?.far === null && cutterCounts(route, note.lower.index)) || null,
    withoutRoom: marksInPlace ? destinationsWithoutRoom(route, lower) : [],
    options: note?.options ?? null,
    statistics: isReadable ? statisticsOf(netns, device) : { marks: null, strips: null, stamps: null, copies: [] },
  };
};

const statisticsOf = (netns: Place["netns"], device: FoundDevice): PvalStatus["statistics"] => {
  const { note } = device;
  const marks = withHalf(netns, device, "tx", (pins) => {
    refreshClock(pins);
    return note?.options.ipopt === true ? countsOf(markOutcomeNames, pins.map("counters", markCounters)) : null;
  });
  const stamps = withHalf(netns, device, "tx", (pins) => (note === undefined ? null : stampCounts(pins, note)));
  const strips = withHalf(netns, device, "rx", (pins) => {
    refreshClock(pins);
    return note?.options.strip === true ? countsOf(stripOutcomeNames, pins.map("counters", stripCounters)) : null;
  });
  const copies = copyCounts(netns, device);
  return { marks: marks ?? null, strips: strips ?? null, stamps: stamps ?? null, copies };
};

const stateOf = ({ note, upper, far, lower, isWhole }: FoundDevice): PvalStatus["state"] => {
  if (isWhole) return "whole";
  if (note !== undefined && lower === undefined) return "linkGone";
  if (note !== undefined && (upper === undefined || (note.far !== null && far === undefined))) return "deviceGone";
  return "unfinished";
};

interface Summing {
  sum(key: number): { readonly value: bigint } | undefined;
}

const countsOf = (names: readonly string[], counters: Summing): Counts =>
  Object.fromEntries(names.map((name, at) => [name, counters.sum(at)?.value ?? 0n]));

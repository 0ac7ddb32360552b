/** What is noted beside the pins of a pval device: all that changing and deleting it takes. */
import type { Json } from "../../bpf/pin/meta.ts";
import type { FeatureValues } from "../../linux/ethtool.ts";
import type { HardwareStamps } from "../../linux/hardware-stamps.ts";
import type { Link } from "../../linux/rtnetlink/links.ts";
import type { DirectionName } from "./record.ts";
import type { RouteRoom } from "./route-room.ts";
import { defaultOptions, type PvalOptions } from "./options.ts";

/** An interface, as it was called when the device was made. */
export type End = Pick<Link, "name" | "index">;

/** How things were, for what has been changed; null for what has not. */
export interface Before {
  /** Of the device below. */
  readonly promiscuous: boolean | null;
  /** Of the same. */
  readonly stamps: HardwareStamps | null;
  /** Of the pval device. */
  readonly mtu: number | null;
  /** IPv4 routes by it, in place. */
  readonly routes: readonly RouteRoom[] | null;
  readonly features: FeatureValues | null;
  /** Where nothing cuts up TCP's packets before they are marked. */
  readonly gsoMaxSegments: number | null;
}

export const nothingBefore: Before = {
  promiscuous: null,
  stamps: null,
  mtu: null,
  routes: null,
  features: null,
  gsoMaxSegments: null,
};

export interface PvalNote {
  /** The pval device; in place, the device below itself. */
  readonly upper: End;
  /** The other end of its veth pair; null in place. */
  readonly far: End | null;
  readonly lower: End;
  readonly options: PvalOptions;
  readonly before: Before;
  /** Somebody is changing it, or died while doing so. */
  readonly pending: boolean;
  /** Of each ring. */
  readonly ringBytes: number;
  /** Which directions have rings: those that were ever copied, so that who reads may go on. */
  readonly rings: Readonly<Record<DirectionName, boolean>>;
}

export const toJson = (note: PvalNote): Json => JSON.parse(JSON.stringify(note)) as Json;

/** The note in pins; undefined when another version wrote it. */
export const noteIn = (json: unknown): PvalNote | undefined => {
  if (!isNote(json)) return undefined;
  return {
    ...json,
    options: { ...defaultOptions, ...json.options },
    before: { ...nothingBefore, ...json.before },
  };
};

const isNote = (json: unknown): json is PvalNote =>
  typeof json === "object" && json !== null && "upper" in json && "lower" in json && "before" in json;

/**
 * One of IOAM's parts on one device: programs, the maps they share, and what they were made from, pinned so that they
 * outlive the command. Changing it means compiling programs for the new configuration and putting them in the places
 * of the old ones, each at once, while counters and ring stay.
 */
import { kernelBtf } from "../../bpf/btf/kernel-btf.ts";
import { loadAll, type Instance } from "../../bpf/instance.ts";
import type { Shareable } from "../../bpf/maps/share.ts";
import type { Attachment, Hook } from "../../bpf/attach/attachment.ts";
import type { TcOrder } from "../../bpf/attach/order.ts";
import type { PinnedSet } from "../../bpf/pin/pinned-set.ts";
import { createPins, listPins, openPins } from "../../bpf/pin/registry.ts";
import { pinDirectory, type PinPlace } from "../../bpf/pin/place.ts";
import type { Json } from "../../bpf/pin/meta.ts";
import { compile } from "../../compiler/compile.ts";
import type { KernelTypes } from "../../compiler/kernel-types.ts";
import { UnsupportedError } from "../../errors.ts";
import type { MapDescriptor } from "../../kernel/maps.ts";
import type { Program } from "../../kernel/program.ts";
import { clockOffset } from "../../linux/clock.ts";
import type { Netns } from "../../linux/netns.ts";
import type { LocalDevice } from "./device.ts";
import { taiOffset } from "./tai-offset.ts";

export type FeatureName = "ioam-encap" | "ioam-transit" | "ioam-sink" | "ioam-export";

export interface FeaturePrograms {
  readonly ingress?: Program<"tc">;
  readonly egress?: Program<"tc">;
  readonly xdp?: Program<"xdp">;
}

export interface FeatureSetup {
  /** By the hook each is attached to. */
  readonly programs: FeaturePrograms;
  /** Among other programs at the hook, where a program is attached anew; `last` when not given. */
  readonly order?: { readonly ingress?: TcOrder; readonly egress?: TcOrder };
  /** How a program at XDP is attached. */
  readonly xdpMode?: "native" | "generic";
  /** Every map that outlives a change, by the name of its pin. */
  readonly maps: Readonly<Record<string, MapDescriptor>>;
  readonly options: Json;
  /** Fills maps before packets come. */
  readonly prepare?: (instance: Instance) => void;
}

export const placeOf = ({ netns, link }: LocalDevice, feature: FeatureName): PinPlace => ({
  netnsInode: netns.inode,
  feature,
  device: link.name,
  ifindex: link.index,
});

/** The feature as it is on the device now; undefined when it is not there. The caller closes it. */
export const findFeature = (device: LocalDevice, feature: FeatureName): PinnedSet | undefined => {
  const place = placeOf(device, feature);
  const directory = pinDirectory(place);
  if (!listPins(feature).some((pins) => pinDirectory(pins.place) === directory)) return undefined;
  const existing = openPins(place, device.netns);
  if (existing.isAlive()) return existing;
  // Of an earlier device: namespaces and interfaces that are gone give their numbers to new ones.
  existing.remove();
  return undefined;
};

/** Sets the feature up, or changes it when it is there. */
export const applyFeature = (device: LocalDevice, feature: FeatureName, setup: FeatureSetup): void => {
  const existing = findFeature(device, feature);
  try {
    if (existing === undefined) create(device, feature, setup);
    else change(existing, setup);
  } finally {
    existing?.close();
  }
};

const create = (device: LocalDevice, feature: FeatureName, setup: FeatureSetup): void => {
  const instance = loadSetup(setup, new Map());
  try {
    instance.map(taiOffset).value = taiLessWallClockNs();
    setup.prepare?.(instance);
    const where = { ifindex: device.link.index, netns: device.netns, name: device.link.name };
    const attachments = programsOf(setup).map(([hook, program]) => {
      const loaded = instance.program(program.name);
      const attach = (pin: string): Attachment =>
        hook === "xdp"
          ? loaded.attachXdp(where, { mode: setup.xdpMode ?? "native", pin })
          : loaded.attachTc(where, { direction: hook, order: setup.order?.[hook] ?? "last", pin });
      return [hook, attach] as const;
    });
    createPins(placeOf(device, feature), {
      attachments: Object.fromEntries(attachments),
      maps: { ...setup.maps, tai_offset: taiOffset },
      raw: (descriptor) => instance.rawMap(descriptor),
      options: setup.options,
    });
  } finally {
    instance.close();
  }
};

const change = (existing: PinnedSet, setup: FeatureSetup): void => {
  const maps = { ...setup.maps, tai_offset: taiOffset };
  existing.checkLayouts(maps);
  const share = new Map<MapDescriptor, Shareable>(
    Object.entries(maps).map(([name, descriptor]) => [descriptor, existing.map(name, descriptor)]),
  );
  const instance = loadSetup(setup, share);
  try {
    instance.map(taiOffset).value = taiLessWallClockNs();
    setup.prepare?.(instance);
    for (const [hook, program] of programsOf(setup)) {
      const attachment = existing.attachment(hook);
      attachment?.replace(instance.program(program.name));
      attachment?.close();
    }
    existing.setOptions(setup.options);
  } finally {
    instance.close();
  }
};

const programsOf = ({ programs }: FeatureSetup): [Hook, Program<"tc"> | Program<"xdp">][] =>
  (["xdp", "ingress", "egress"] as const).flatMap((hook) => {
    const program = programs[hook];
    return program === undefined ? [] : [[hook, program] as [typeof hook, typeof program]];
  });

const loadSetup = (setup: FeatureSetup, share: ReadonlyMap<MapDescriptor, Shareable>): Instance => {
  const types = kernelTypes();
  const compiled = programsOf(setup).map(([, program]) =>
    compile(program, types === undefined ? {} : { kernelTypes: types }),
  );
  // All of them, so that what is pinned does not depend on what the configuration folded away.
  return loadAll(compiled, { share, maps: [...Object.values(setup.maps), taiOffset] });
};

const SECOND_NS = 1_000_000_000n;

/** Whole seconds by definition: what is measured beyond them is the time the measuring took. */
const taiLessWallClockNs = (): bigint => {
  const { offsetNs } = clockOffset("realtime", "tai");
  return ((offsetNs + SECOND_NS / 2n) / SECOND_NS) * SECOND_NS;
};

/**
 * Brings the programs' idea of the wall clock up to date: a time daemon sets the kernel's TAI offset some time after boot,
 * and leap seconds move it. Costs a clock reading and, rarely, one store. Returns the offset, ns.
 */
export const refreshClock = (pins: PinnedSet): bigint => {
  const offset = pins.map("tai_offset", taiOffset);
  const now = taiLessWallClockNs();
  if (offset.value !== now) offset.value = now;
  return now;
};

/** Without type information programs still run; what needs it (queue depth) is then not available. */
const kernelTypes = (): KernelTypes | undefined => {
  try {
    return kernelBtf();
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
};

/** Everything of IOAM that is at work in a namespace. What an earlier one of the same inode left behind goes. */
export const featuresIn = (netns: Netns): { place: PinPlace; options: Json; feature: FeatureName }[] =>
  listPins()
    .filter(({ place }) => place.netnsInode === netns.inode && place.feature.startsWith("ioam-"))
    .filter(({ place }) => isAlive(place, netns))
    .map(({ place, meta }) => ({ place, options: meta.options, feature: place.feature as FeatureName }));

const isAlive = (place: PinPlace, netns: Netns): boolean => {
  const pins = openPins(place, netns);
  const alive = pins.isAlive();
  if (alive) pins.close();
  else pins.remove();
  return alive;
};
